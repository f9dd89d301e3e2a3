import { drGrpo } from './drGrpo.ts';
import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { whiten } from './whitening.ts';

/** A = R − mean(R) over the group, then whitened over the action tokens of the batch (REINFORCE++-baseline, arXiv 2501.03262). */
export function reinforcePlusPlusBaseline(batch: AdvantageBatch, advantages: FloatArray): void {
  const centred = new Float64Array(batch.mask.length);
  drGrpo(batch, centred);
  whiten(centred, batch.mask);
  advantages.set(centred);
}
