import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { whiten } from './whitening.ts';

/** A_t = G_t whitened over the action tokens of the batch, without discount (REINFORCE++, arXiv 2501.03262). */
export function reinforcePlusPlus(batch: AdvantageBatch, advantages: FloatArray): void {
  const { length, mask, tokenRewards } = batch;
  const toGo = new Float64Array(mask.length);
  for (let row = 0; row < batch.batch; row++) {
    let sum = 0;
    for (let at = (row + 1) * length - 1; at >= row * length; at--) {
      if (mask[at] !== 0) sum += tokenRewards[at]!;
      toGo[at] = sum;
    }
  }
  whiten(toGo, mask);
  advantages.set(toGo);
}
