import { logGamma } from '../../src/core/statistics/logGamma.ts';
import type { Interval } from '../../src/core/statistics/wilson.ts';

/** Exact 95 % interval of the mean of a Poisson variable of which `count` was seen (Garwood, 1936). */
export function poissonInterval(count: number): Interval {
  const widest = count + 10 * Math.sqrt(count + 1) + 10;
  return {
    low: count === 0 ? 0 : meanWhere((mean) => 1 - atMost(count - 1, mean) >= 0.025, widest),
    high: meanWhere((mean) => atMost(count, mean) <= 0.025, widest),
  };
}

/** The least mean for which something holds that holds from there on. */
function meanWhere(holds: (mean: number) => boolean, widest: number): number {
  let [low, high] = [0, widest];
  for (let halvings = 0; halvings < 50; halvings++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Probability of at most `count` where so many are expected. */
function atMost(count: number, mean: number): number {
  let term = Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
  let sum = 0;
  for (let left = count; left >= 0 && term > 0; left--) {
    sum += term;
    term *= left / mean;
  }
  return sum;
}
