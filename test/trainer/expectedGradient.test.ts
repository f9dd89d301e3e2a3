import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { WasmEngine } from '../../src/trainer/engines/wasm/engine.ts';
import { expectedGradient } from '../../study/expectedGradient.ts';
import { allResponses, twoLetterTask } from '../../study/twoLetterTask.ts';
import { engineFor } from './engines/wasm/tinyEngine.ts';
import { finiteDifferences, gruLogits, inFloat64, logProbability } from './policies/gruReference.ts';

const width = 8;
const vocabulary = twoLetterTask.vocabulary.length;

describe('expected policy gradient over all groups of an enumerable task', () => {
  let engine: WasmEngine;
  /** Gradient of the expected reward, by finite differences in float64. */
  let exact: Float64Array;

  before(async () => {
    engine = await engineFor(twoLetterTask, { kind: 'gru', width, truncateBackpropEvery: null }, allResponses().length, 3);
    const parameters = inFloat64(engine.readParameters());
    const expectedReward = (): number =>
      allResponses().reduce((sum, { tokens, reward }) => {
        const logits = gruLogits(parameters, width, vocabulary, [0, ...tokens]);
        return sum + reward * Math.exp(tokens.reduce((total, token, t) => total + logProbability(logits, t, vocabulary, token, 1), 0));
      }, 0);
    exact = Float64Array.from([...parameters.values()].flatMap((values) => Array.from(finiteDifferences(values, expectedReward))));
  });
  after(() => engine.dispose());

  const norm = (x: Float64Array): number => Math.hypot(...x);
  /** ‖E g − factor · ∇J‖ / ‖∇J‖ */
  async function deviation(estimator: EstimatorName, groupSize: number, factor = 1): Promise<number> {
    const expected = await expectedGradient(engine, estimator, groupSize);
    return norm(expected.map((value, i) => value - factor * exact[i]!)) / norm(exact);
  }

  it('enumerates all there is: the probabilities of the responses sum to 1', async () => {
    const parameters = inFloat64(engine.readParameters());
    const total = allResponses().reduce((sum, { tokens }) => {
      const logits = gruLogits(parameters, width, vocabulary, [0, ...tokens]);
      return sum + Math.exp(tokens.reduce((log, token, t) => log + logProbability(logits, t, vocabulary, token, 1), 0));
    }, 0);
    assert.ok(Math.abs(total - 1) < 1e-12);
  });

  it('is the gradient of the expected reward under reinforce and rloo', async () => {
    assert.ok((await deviation('reinforce', 2)) < 1e-4);
    assert.ok((await deviation('rloo', 2)) < 1e-4);
    assert.ok((await deviation('rloo', 3)) < 1e-4);
  });

  it('is 1 − 1/N times that under dr_grpo', async () => {
    for (const groupSize of [2, 3]) assert.ok((await deviation('dr_grpo', groupSize, 1 - 1 / groupSize)) < 1e-4);
  });

  it('is biased under the optimal baselines, which contain their own response, and less so in larger groups', async () => {
    for (const estimator of ['optimal_trajectory_baseline', 'optimal_token_baseline'] as const) {
      const [two, three] = [await deviation(estimator, 2), await deviation(estimator, 3)];
      assert.ok(two > 0.05, `${estimator}: ${two}`);
      assert.ok(three < two, `${estimator}: ${three} against ${two}`);
    }
  });
});
