import { mean, quantile } from '../statistics/quantiles.ts';

/** Which number stands for a bin of steps. */
export type BinStatistic = 'mean' | 'median' | 'max';

/** Bins of equal width, in steps, from the first step on. */
export interface Bins {
  readonly first: number;
  readonly last: number;
  readonly width: number;
  readonly count: number;
}

/** At most `most` bins over the steps; never narrower than a step. */
export function binsOver([first, last]: readonly [number, number], most: number): Bins {
  const width = Math.max(1, Math.ceil((last - first + 1) / most));
  return { first, last, width, count: Math.floor((last - first) / width) + 1 };
}

/** One value a bin; NaN where nothing was logged. */
export function binned(steps: ArrayLike<number>, values: ArrayLike<number>, bins: Bins, statistic: BinStatistic): number[] {
  const members = Array.from({ length: bins.count }, (): number[] => []);
  for (let i = 0; i < steps.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) members[binOf(steps[i] as number, bins)]?.push(value);
  }
  return members.map((logged) => {
    if (statistic === 'max') return logged.length === 0 ? Number.NaN : logged.reduce((highest, value) => Math.max(highest, value));
    return statistic === 'mean' ? mean(logged) : quantile(logged, 0.5);
  });
}

export function binOf(step: number, { first, width }: Bins): number {
  return Math.floor((step - first) / width);
}

/** The step in the middle of a bin. */
export function binCentre(bin: number, { first, last, width }: Bins): number {
  return Math.min(first + (bin + 0.5) * width - 0.5, last);
}
