import type { Proportion } from './fisherExact.ts';

/** A 95 % confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % point of the standard normal distribution. */
const z = 1.959963984540054;

/** Wilson's score interval (1927) of a proportion: sensible at 0 of n and n of n too. The whole of [0, 1] for no trials. */
export function wilsonInterval({ count, of }: Proportion): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = count / of;
  const scale = 1 + z ** 2 / of;
  const centre = (share + z ** 2 / (2 * of)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  // Exact at the ends, where rounding would leave 1e-17.
  return { low: count === 0 ? 0 : centre - half, high: count === of ? 1 : centre + half };
}
