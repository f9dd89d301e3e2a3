import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { tokenBaseline } from './tokenBaseline.ts';

/**
 * The token baseline over the responses of the group that have a t-th action: the action tokens of all turns are put together before
 * they are compared, so that tool output of different length cannot set them against each other's tool tokens (tool-integrated
 * reasoning, arXiv 2602.07078). Responses without an action do not count as members of the group.
 */
export function tirOptimalTokenBaseline(batch: AdvantageBatch, advantages: FloatArray): void {
  tokenBaseline(batch, advantages, 'action');
}
