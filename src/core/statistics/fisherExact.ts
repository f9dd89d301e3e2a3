import { logChoose } from './logGamma.ts';

/** Successes out of trials, e.g. collapsed runs out of runs. */
export interface Proportion {
  readonly count: number;
  readonly of: number;
}

/**
 * Two-sided p of Fisher's exact test that two proportions are the same: the probability, margins fixed, of all tables that are
 * no more likely than the one seen (R's and SciPy's definition).
 */
export function fisherExact(a: Proportion, b: Proportion): number {
  const total = a.of + b.of;
  const successes = a.count + b.count;
  const logProbability = (count: number): number =>
    logChoose(a.of, count) + logChoose(b.of, successes - count) - logChoose(total, successes);
  const seen = logProbability(a.count);
  let p = 0;
  for (let count = Math.max(0, successes - b.of); count <= Math.min(a.of, successes); count++) {
    const candidate = logProbability(count);
    // Tables of equal probability must count in spite of rounding.
    if (candidate <= seen + 1e-7) p += Math.exp(candidate);
  }
  return Math.min(1, p);
}
