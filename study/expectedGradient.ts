import type { EstimatorName } from '../src/core/estimators/estimator.ts';
import { estimators } from '../src/core/estimators/registry.ts';
import type { Engine, GivenSequence } from '../src/trainer/engines/engine.ts';
import { allResponses, twoLetterTask } from './twoLetterTask.ts';

/**
 * The exact expectation of the policy gradient that an estimator takes, over all groups of `groupSize` responses that the policy
 * can give in the two-letter task: Σ over groups of P(group) · (1/N) Σ_i Σ_t A_it ∇log π(y_it), as one flat vector, the tensors in
 * the engine's order. It points uphill (the gradient of the reward, not of the loss).
 */
export async function expectedGradient(engine: Engine, estimator: EstimatorName, groupSize: number): Promise<Float64Array> {
  const responses = allResponses();
  const prompt = twoLetterTask.samplePrompt(undefined as never).tokens;
  const given = responses.map(({ tokens }): GivenSequence => ({
    tokens: [...prompt, ...tokens],
    promptLength: prompt.length,
    isAction: tokens.map(() => true),
  }));
  const batch = await engine.forward(given, 1);
  const length = Math.max(...responses.map(({ tokens }) => tokens.length));
  const at = (response: number, token: number): number => response * batch.maxTokens + prompt.length - 1 + token;
  const probabilities = responses.map(({ tokens }, i) => Math.exp(tokens.reduce((sum, _, t) => sum + batch.logProbs[at(i, t)]!, 0)));

  // How much ∇log π of each response's tokens counts, over all groups.
  const weights = new Float64Array(responses.length * batch.maxTokens);
  const group = new Int32Array(groupSize);
  const tokenRewards = new Float64Array(groupSize * length);
  const mask = new Uint8Array(groupSize * length);
  const logProbs = new Float64Array(groupSize * length);
  const sumPiSquared = new Float64Array(groupSize * length);
  const advantages = new Float64Array(groupSize * length);
  const groups = new Int32Array(groupSize);
  for (;;) {
    let probability = 1;
    [tokenRewards, mask, logProbs, sumPiSquared].forEach((array) => array.fill(0));
    group.forEach((response, member) => {
      const { tokens, reward } = responses[response]!;
      probability *= probabilities[response]!;
      tokens.forEach((_, t) => {
        const place = member * length + t;
        mask[place] = 1;
        logProbs[place] = batch.logProbs[at(response, t)]!;
        sumPiSquared[place] = batch.sumPiSquared[at(response, t)]!;
      });
      tokenRewards[member * length + tokens.length - 1] = reward;
    });
    estimators[estimator](
      { batch: groupSize, length, tokenRewards, mask, groups, logProbs, sumPiSquared, importanceWeights: null, handleZeroTail: false },
      advantages,
    );
    group.forEach((response, member) => {
      responses[response]!.tokens.forEach(
        (_, t) => (weights[at(response, t)]! += (probability * advantages[member * length + t]!) / groupSize),
      );
    });
    // Next group, counting in base `responses.length`.
    let digit = 0;
    while (digit < groupSize && ++group[digit]! === responses.length) group[digit++] = 0;
    if (digit === groupSize) break;
  }
  await engine.backward(Float32Array.from(weights, (weight) => -weight));
  return Float64Array.from([...engine.readGradient().values()].flatMap(({ values }) => Array.from(values)));
}
