import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { tokenBaseline } from './tokenBaseline.ts';

/** The token baseline over the responses of the group that have an action at position t of the response. */
export function optimalTokenBaseline(batch: AdvantageBatch, advantages: FloatArray): void {
  tokenBaseline(batch, advantages, 'position');
}
