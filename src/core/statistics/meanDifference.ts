import { Random } from '../random.ts';
import { mean, sortedQuantile, standardDeviation } from './quantiles.ts';
import { studentTQuantile } from './studentT.ts';
import type { Interval } from './wilson.ts';

/** 95 % t interval of the mean of paired differences; undefined for fewer than two. */
export function tInterval(differences: readonly number[]): Interval | undefined {
  if (differences.length < 2) return undefined;
  const half = (studentTQuantile(0.025, differences.length - 1) * standardDeviation(differences)) / Math.sqrt(differences.length);
  const centre = mean(differences);
  return { low: centre - half, high: centre + half };
}

/**
 * 95 % percentile bootstrap interval (Efron, 1979) of the mean of paired differences: no assumption about their shape, which
 * for scores of survivors and collapsed runs has two humps. Seeded: the same input gives the same interval. It is too narrow
 * for very few pairs; undefined for fewer than two.
 */
export function bootstrapInterval(differences: readonly number[], resamples = 10_000, seed = 1): Interval | undefined {
  const n = differences.length;
  if (n < 2) return undefined;
  const random = new Random(seed, n);
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) sum += differences[random.integer(n)] as number;
    means[i] = sum / n;
  }
  means.sort();
  return { low: sortedQuantile(means, 0.025), high: sortedQuantile(means, 0.975) };
}
