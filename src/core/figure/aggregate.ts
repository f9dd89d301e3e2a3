import { mean, quantile, standardDeviation } from '../statistics/quantiles.ts';

/** A column of one run. `holdsLast`: it collapsed and was stopped, and counts on with its last value. */
export interface AggregatedRun {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly holdsLast: boolean;
}

/** Centre and band of a group at one step. */
export interface BandPoint {
  readonly step: number;
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

export type Aggregation = 'mean' | 'median';

/** Steps are pooled into at most this many bins, which smooths the curve as well. */
const bins = 60;

/**
 * The bold line of a group: per bin of steps each run's mean (or median), then over runs the mean ± standard deviation (or the
 * median and quartiles). It ends where the first run ends that did not collapse, because dropping runs one by one would bend it.
 */
export function aggregate(runs: readonly AggregatedRun[], [first, last]: readonly [number, number], aggregation: Aggregation): BandPoint[] {
  const width = Math.max(1, Math.ceil((last - first + 1) / bins));
  const count = Math.floor((last - first) / width) + 1;
  const series = runs.map((run) => binned(run, first, width, count, aggregation));
  const lengths = runs.map((run) => (lastStep(run) < first ? 0 : Math.floor((lastStep(run) - first) / width) + 1));
  const running = lengths.filter((_length, index) => runs[index]?.holdsLast !== true);
  const end = running.length > 0 ? Math.min(...running) : Math.max(...lengths);
  const points: BandPoint[] = [];
  for (let bin = 0; bin < end; bin++) {
    const values = series.map((values, index) => values[Math.min(bin, (lengths[index] ?? 1) - 1)] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    if (values.length === 0) continue;
    points.push({ step: Math.min(first + (bin + 0.5) * width - 0.5, last), ...centreAndBand(values, aggregation) });
  }
  return points;
}

function centreAndBand(values: readonly number[], aggregation: Aggregation): Omit<BandPoint, 'step'> {
  if (aggregation === 'median') return { centre: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
  const centre = mean(values);
  const deviation = standardDeviation(values);
  return { centre, low: centre - deviation, high: centre + deviation };
}

function binned(run: AggregatedRun, first: number, width: number, count: number, aggregation: Aggregation): number[] {
  const members = Array.from({ length: count }, (): number[] => []);
  for (let i = 0; i < run.steps.length; i++) {
    const value = run.values[i] as number;
    if (!Number.isNaN(value)) members[Math.floor(((run.steps[i] as number) - first) / width)]?.push(value);
  }
  return members.map((values) => (aggregation === 'mean' ? mean(values) : quantile(values, 0.5)));
}

function lastStep(run: AggregatedRun): number {
  return run.steps[run.steps.length - 1] ?? -Infinity;
}
