import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { responseRewards, spreadOverTokens } from './outcome.ts';

/** A = R: no baseline (Williams, 1992). */
export function reinforce(batch: AdvantageBatch, advantages: FloatArray): void {
  spreadOverTokens(batch, responseRewards(batch), advantages);
}
