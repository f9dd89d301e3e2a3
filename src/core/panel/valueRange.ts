import { nice } from 'd3-array';
import { drawableRange, onLinearAxis } from './chartAxis.ts';
import { decadesAbove, decadesBelow } from '../figure/range.ts';
import { sortedQuantile } from '../statistics/quantiles.ts';
import { samplingStride } from './curve.ts';
import type { Curve } from './curve.ts';
import type { XWindow } from './decimation.ts';
import type { RunSeries } from './runSeries.ts';

export interface RangedRun {
  readonly series: RunSeries;
  /** Not smoothed. */
  readonly curve: Curve;
  /** Values from here on are not healthy; null: all are. */
  readonly onset: number | null;
}

export interface RangeOptions {
  readonly log: boolean;
  /** Leave rare extremes out. */
  readonly robust: boolean;
  /** Taken wherever all values lie in it. */
  readonly fixed: readonly [number, number] | null;
}

/** Samples of all runs from which quantiles are estimated. */
const mostSamples = 1024;

/** The vertical range, in the space of the axis, for what is visible of the runs; null: nothing is. */
export function valueRange(
  runs: readonly RangedRun[],
  window: XWindow,
  options: RangeOptions,
): readonly [low: number, high: number] | null {
  const { log, robust, fixed } = options;
  const visible = runs.map((run) => ({
    run,
    start: run.curve.pointAt(run.series.x, window.from),
    end: run.curve.pointAfter(run.series.x, window.to),
  }));
  const samples = visible.flatMap(({ run, start, end }) => sampled(run.curve.values, start, end, runs.length)).filter(Number.isFinite);
  const sorted = Float64Array.from(samples).sort();
  let low = sorted[0] ?? Infinity;
  let high = sorted[sorted.length - 1] ?? -Infinity;
  for (const { run, start, end } of visible) {
    const extremes = run.curve.pyramid.extremes(start, end);
    if (extremes.low > -Infinity) low = Math.min(low, extremes.low);
    if (extremes.high < Infinity) high = Math.max(high, extremes.high);
  }
  if (low > high) return null;
  if (log) {
    const healthy = visible.flatMap(({ run, start, end }) => {
      const healthyEnd = run.onset === null ? end : Math.min(end, run.curve.pointAt(run.series.x, run.onset, start));
      return sampled(run.curve.values, start, healthyEnd, runs.length);
    });
    return logRange(low, high, robust ? level(healthy, sorted) : null);
  }
  if (fixed !== null && low >= fixed[0] && high <= fixed[1]) return fixed;
  return linearRange(low, high, robust ? [sortedQuantile(sorted, 0.01), sortedQuantile(sorted, 0.99)] : null);
}

/** The vertical range of a chart in which nothing is to be seen. */
export function emptyRange({ log, fixed }: Pick<RangeOptions, 'log' | 'fixed'>): readonly [low: number, high: number] {
  return fixed ?? (log ? [-1, 1] : [0, 1]);
}

/**
 * Whether values surge or span decades, so that a linear axis would show nothing but their peaks. `now`: what the axis is; it changes
 * only for a clear reason, so that it does not flicker while a run goes on.
 */
export function prefersLog(runs: readonly RangedRun[], curvesAreLog: boolean, now: boolean): boolean {
  const all = runs
    .flatMap(({ curve }) => sampled(curve.values, 0, curve.length, runs.length))
    .map((value) => (curvesAreLog ? value : Math.log10(value)));
  const decades = Float64Array.from(all.filter(Number.isFinite)).sort();
  if (decades.length === 0) return false;
  const healthy = runs.flatMap(({ series, curve, onset }) => {
    const end = onset === null ? curve.length : curve.pointAt(series.x, onset);
    return sampled(curve.values, 0, end, runs.length).map((value) => (curvesAreLog ? value : Math.log10(value)));
  });
  const easier = now ? 0.3 : 0;
  const surge = (decades[decades.length - 1] as number) - level(healthy, decades);
  const spread = sortedQuantile(decades, 0.99) - sortedQuantile(decades, 0.01);
  return surge > 2 - easier || spread > Math.log10(50) - easier;
}

function level(healthy: readonly number[], sorted: Float64Array): number {
  const typical = sortedQuantile(Float64Array.from(healthy.filter(Number.isFinite)).sort(), 0.5);
  return Number.isNaN(typical) ? sortedQuantile(sorted, 0.5) : typical;
}

/** In decades, around the healthy level as in a report's figure; rounded outwards to a tenth, so that the axis rests while values grow a little. */
function logRange(low: number, high: number, healthyLevel: number | null): readonly [number, number] {
  const from = healthyLevel === null ? low : Math.max(low, healthyLevel - decadesBelow);
  const to = healthyLevel === null ? high : Math.min(high, healthyLevel + decadesAbove);
  const margin = Math.max(0.08, (to - from) * 0.04);
  return [Math.floor((from - margin) * 10) / 10, Math.ceil((to + margin) * 10) / 10];
}

/** `quantiles`: those that bound all but rare extremes; beyond them lies at most as much again as between them. */
function linearRange(lowest: number, highest: number, quantiles: readonly [number, number] | null): readonly [number, number] {
  const [low, high] = [onLinearAxis(lowest), onLinearAxis(highest)];
  const common = quantiles === null ? null : ([onLinearAxis(quantiles[0]), onLinearAxis(quantiles[1])] as const);
  const spread = common === null ? Infinity : common[1] - common[0] || Math.abs(common[1]) || 1;
  const from = common === null ? low : Math.max(low, common[0] - spread);
  const to = common === null ? high : Math.min(high, common[1] + spread);
  const margin = (to - from || Math.abs(to) || 1) * 0.04;
  const floor = from >= 0 && from < to / 2 ? 0 : from - margin;
  return drawableRange(...nice(floor, to + margin, 10));
}

/** Values of one of so many runs, from `start` to `end` (exclusive), evenly thinned; always the same ones while the run grows a little. */
function sampled(values: Float64Array, start: number, end: number, runs: number): number[] {
  const stride = samplingStride(end - start, Math.ceil(mostSamples / runs));
  const samples: number[] = [];
  for (let point = Math.ceil(start / stride) * stride; point < end; point += stride) samples.push(values[point] as number);
  return samples;
}
