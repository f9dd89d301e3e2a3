import type { FloatArray } from './estimator.ts';

/** verl's, in its masked mean and under its square root. */
const epsilon = 1e-8;

/**
 * Centers and scales `values` in place by the mean and the unbiased variance over the action tokens of the whole batch; 0 where
 * the mask is 0, and everywhere if there are fewer than two action tokens. `values`, `mask`: [batch × length].
 */
export function whiten(values: FloatArray, mask: Uint8Array): void {
  let count = 0;
  let sum = 0;
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    count++;
    sum += values[at]!;
  }
  if (count < 2) {
    values.fill(0);
    return;
  }
  const mean = sum / (count + epsilon);
  let squares = 0;
  for (let at = 0; at < mask.length; at++) if (mask[at] !== 0) squares += (values[at]! - mean) ** 2;
  const variance = (squares / (count + epsilon)) * (count / (count - 1));
  const scale = 1 / Math.sqrt(variance + epsilon);
  for (let at = 0; at < mask.length; at++) values[at] = mask[at] === 0 ? 0 : (values[at]! - mean) * scale;
}
