import { mean, sortedQuantile, standardDeviation } from '../statistics/quantiles.ts';
import { binCentre, binned, binOf } from './binning.ts';
import type { Bins } from './binning.ts';

/** A column of one run. */
export interface AggregatedRun {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly collapsed: boolean;
}

/** Centre and band of a group at one step. */
export interface BandPoint {
  readonly step: number;
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

/** `mean`: mean ± its standard error over runs; `median`: median and quartiles. */
export type Aggregation = 'mean' | 'median';

/**
 * The bold line of a group: each run's mean (or median) in a bin of steps, then the centre and band over runs. It ends where the
 * first run ends that did not collapse, because runs dropping out one by one would bend it. A run that collapsed and was stopped
 * early counts on with its last mean, or drops out of a median: its score is known, its gradient norm is not.
 */
export function aggregate(runs: readonly AggregatedRun[], bins: Bins, aggregation: Aggregation): BandPoint[] {
  const series = runs.map((run) => binned(run.steps, run.values, bins, aggregation));
  const lengths = runs.map((run) => (run.steps.length === 0 ? 0 : binOf(run.steps[run.steps.length - 1] as number, bins) + 1));
  const intact = lengths.filter((_length, index) => runs[index]?.collapsed !== true);
  const end = Math.min(...(intact.length > 0 ? intact : [Math.max(0, ...lengths)]));
  const points: BandPoint[] = [];
  for (let bin = 0; bin < end; bin++) {
    const values = series
      .map((run, index) => run[aggregation === 'mean' ? Math.min(bin, (lengths[index] ?? 1) - 1) : bin] ?? Number.NaN)
      .filter((value) => !Number.isNaN(value));
    if (values.length > 0) points.push({ step: binCentre(bin, bins), ...centreAndBand(values, aggregation) });
  }
  return points;
}

/** Centre and band of the values of several runs. */
export function centreAndBand(values: readonly number[], aggregation: Aggregation): Omit<BandPoint, 'step'> {
  if (aggregation === 'median') {
    const sorted = Float64Array.from(values).sort();
    return { centre: sortedQuantile(sorted, 0.5), low: sortedQuantile(sorted, 0.25), high: sortedQuantile(sorted, 0.75) };
  }
  const centre = mean(values);
  const error = standardDeviation(values) / Math.sqrt(values.length);
  return { centre, low: centre - error, high: centre + error };
}
