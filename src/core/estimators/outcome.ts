import type { AdvantageBatch, FloatArray } from './estimator.ts';

/** R of each response, [batch]: the sum of all its token rewards. */
export function responseRewards({ batch, length, tokenRewards }: AdvantageBatch): Float64Array {
  const rewards = new Float64Array(batch);
  for (let row = 0; row < batch; row++) {
    let sum = 0;
    for (let at = row * length; at < (row + 1) * length; at++) sum += tokenRewards[at]!;
    rewards[row] = sum;
  }
  return rewards;
}

/** Action tokens of each response, [batch]. */
export function actionCounts({ batch, length, mask }: AdvantageBatch): Int32Array {
  const counts = new Int32Array(batch);
  for (let row = 0; row < batch; row++) {
    let count = 0;
    for (let at = row * length; at < (row + 1) * length; at++) if (mask[at] !== 0) count++;
    counts[row] = count;
  }
  return counts;
}

/** Gives every action token of a response the response's value. `values`: [batch]; `advantages`: [batch × length]. */
export function spreadOverTokens({ batch, length, mask }: AdvantageBatch, values: Float64Array, advantages: FloatArray): void {
  for (let row = 0; row < batch; row++) {
    const value = values[row]!;
    for (let at = row * length; at < (row + 1) * length; at++) advantages[at] = mask[at] === 0 ? 0 : value;
  }
}
