import { median } from '../../src/core/statistics/quantiles.ts';

/** A stretch of values around one level: from `start` up to, not including, `end`. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly mean: number;
}

/** Fewer values are no level. */
const shortest = 10;
/** What a change costs, in units of ln n. With independent noise 2 would do (a place and a level); scores follow on each other, and drift. */
const penalty = 3;

/**
 * The levels between which finite values change: of all ways to cut them into segments, that with the least sum of squared deviations from
 * the segments' means, in units of the noise's variance, plus a penalty for each cut. It looks at the whole curve at once, so a cut is where
 * the level changes, not where a window has noticed. Optimal partitioning (Jackson et al., IEEE Signal Processing Letters 12, 2005), with the cost of a
 * change in the mean of a normal variable as in Killick, Fearnhead and Eckley (JASA 107, 2012). O(n²) time.
 */
export function segmentsOf(values: readonly number[]): Segment[] {
  const n = values.length;
  if (n === 0) return [];
  const sums = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  values.forEach((value, i) => {
    sums[i + 1] = sums[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
  });
  const variance = noiseVariance(values);
  const perCut = penalty * Math.log(n);
  const best = new Float64Array(n + 1).fill(Infinity);
  const cuts = new Int32Array(n + 1);
  best[0] = -perCut;
  for (let end = Math.min(shortest, n); end <= n; end++) {
    for (let start = 0; start <= end - Math.min(shortest, n); start++) {
      const sum = sums[end]! - sums[start]!;
      const cost = (squares[end]! - squares[start]! - (sum * sum) / (end - start)) / variance + best[start]! + perCut;
      if (cost < best[end]!) {
        best[end] = cost;
        cuts[end] = start;
      }
    }
  }
  const segments: Segment[] = [];
  for (let end = n; end > 0; end = cuts[end]!) {
    const start = cuts[end]!;
    segments.unshift({ start, end, mean: (sums[end]! - sums[start]!) / (end - start) });
  }
  return segments;
}

/** From the differences of neighbours, which a level or a slow trend does not touch; their median, which jumps do not touch either. */
function noiseVariance(values: readonly number[]): number {
  const differences = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
  const typical = median(differences) / (0.6745 * Math.SQRT2);
  const meanSquare = differences.reduce((sum, difference) => sum + difference ** 2, 0) / (2 * Math.max(1, differences.length));
  return Math.max(typical ** 2, meanSquare / 4, Number.MIN_VALUE);
}
