import type { AdvantageBatch } from '../core/estimators/estimator.ts';
import type { Rollout } from './engines/engine.ts';

/**
 * A rollout as the estimators want it: response tokens only, [batch × length] with the longest response as length, the reward on
 * the last action token. Rollouts speak of the token at t + 1 at position t, so response token j stands at position
 * prompt length − 1 + j.
 */
export function responsesOf(rollout: Rollout, groupSize: number, handleZeroTail: boolean): AdvantageBatch {
  const { sequences, maxTokens, lengths, promptLengths } = rollout;
  let length = 0;
  for (let i = 0; i < sequences; i++) length = Math.max(length, lengths[i]! - promptLengths[i]!);
  const size = sequences * length;
  const tokenRewards = new Float32Array(size);
  const mask = new Uint8Array(size);
  const logProbs = new Float32Array(size);
  const sumPiSquared = new Float32Array(size);
  for (let i = 0; i < sequences; i++) {
    const from = i * maxTokens + promptLengths[i]! - 1;
    const to = i * maxTokens + lengths[i]! - 1;
    mask.set(rollout.isAction.subarray(from, to), i * length);
    logProbs.set(rollout.logProbs.subarray(from, to), i * length);
    sumPiSquared.set(rollout.sumPiSquared.subarray(from, to), i * length);
    const last = mask.lastIndexOf(1, i * length + (to - from) - 1);
    if (last >= i * length) tokenRewards[last] = rollout.rewards[i]!;
  }
  const groups = Int32Array.from({ length: sequences }, (_, i) => Math.floor(i / groupSize));
  return { batch: sequences, length, tokenRewards, mask, groups, logProbs, sumPiSquared, importanceWeights: null, handleZeroTail };
}

/** How the token losses −A·log π of a batch are summed into one number: the weight of each response. */
export function lossScales(batch: AdvantageBatch, aggregation: 'seq-mean-token-sum' | 'token-mean' | 'seq-mean-token-mean'): Float64Array {
  const tokens = Float64Array.from({ length: batch.batch }, (_, i) => {
    let count = 0;
    for (let j = i * batch.length; j < (i + 1) * batch.length; j++) count += batch.mask[j]!;
    return count;
  });
  const total = tokens.reduce((sum, count) => sum + count, 0);
  return tokens.map((count) => {
    if (aggregation === 'token-mean') return 1 / Math.max(1, total);
    return aggregation === 'seq-mean-token-sum' ? 1 / batch.batch : 1 / (batch.batch * Math.max(1, count));
  });
}

/** The advantages, [batch × length], as weights of an engine's backward pass, [sequences × maxTokens]. */
export function backwardWeights(rollout: Rollout, batch: AdvantageBatch, advantages: Float32Array, scales: Float64Array): Float32Array {
  const weights = new Float32Array(rollout.sequences * rollout.maxTokens);
  for (let i = 0; i < batch.batch; i++) {
    const from = i * rollout.maxTokens + rollout.promptLengths[i]! - 1;
    const scale = scales[i]!;
    for (let j = 0, at = i * batch.length; j < rollout.lengths[i]! - rollout.promptLengths[i]!; j++, at++) {
      if (batch.mask[at] === 1) weights[from + j] = advantages[at]! * scale;
    }
  }
  return weights;
}
