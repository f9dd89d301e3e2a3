import { decimate } from '../../src/core/panel/decimation.ts';
import type { XWindow } from '../../src/core/panel/decimation.ts';
import { Polyline } from '../../src/core/panel/polyline.ts';
import { seriesBand } from '../../src/core/panel/seriesBand.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import { prefersLog, valueRange } from '../../src/core/panel/valueRange.ts';
import type { RangedRun } from '../../src/core/panel/valueRange.ts';
import type { ChartModel, ChartRun, ChartSeries } from './chartModel.ts';

/** Everything that is drawn between the axes, in their space: on a log axis y is a decimal logarithm. */
export interface Scene {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [low: number, high: number];
  readonly log: boolean;
  readonly series: readonly SceneSeries[];
}

export interface SceneSeries {
  readonly model: ChartSeries;
  /** Of all its runs together; null: the runs are drawn one by one. */
  readonly band: SeriesBand | null;
  readonly runs: readonly SceneRun[];
}

export interface SceneRun {
  readonly model: ChartRun;
  /** Every point that was logged. */
  readonly raw: Polyline;
  /** The moving average; null: no smoothing. */
  readonly smooth: Polyline | null;
}

/** Makes scenes of models. The lines are written over at every call. */
export class SceneBuilder {
  readonly #lines = new Map<string, Polyline>();
  #log = false;
  /** What the scale was last chosen for. */
  #chosenFor = '';

  /** `columns`: pixels between the left and the right end of the axis. */
  build(model: ChartModel, columns: number): Scene {
    const shown = model.series.filter((series) => !series.hidden);
    const runs = shown.flatMap((series) => series.runs);
    const x = model.xRange ?? extent(model);
    const window: XWindow = { from: x[0], to: x[1], columns };
    const log = model.yScale === 'auto' ? this.#prefersLog(runs) : model.yScale === 'log';
    const y = valueRange(ranged(runs, log), window, { log, robust: model.robust, fixed: log ? null : model.yRange });
    const series = shown.map((entry) => ({
      model: entry,
      band: isBanded(entry) ? bandOf(entry, model, window, log) : null,
      runs: entry.runs.map((run) => this.#drawRun(run, model, window, log)),
    }));
    return { x, y, log, series };
  }

  /** Asked again only when there is more data: zooming must not change the scale. */
  #prefersLog(runs: readonly ChartRun[]): boolean {
    const data = runs.map((run) => `${run.id} ${run.data.length} ${run.onset ?? ''}`).join();
    if (data !== this.#chosenFor) this.#log = prefersLog(ranged(runs, this.#log), this.#log, this.#log);
    this.#chosenFor = data;
    return this.#log;
  }

  #drawRun(run: ChartRun, model: ChartModel, window: XWindow, log: boolean): SceneRun {
    const raw = this.#line(run, 'raw');
    decimate(run.data, run.data.curve({ log, smoothing: 0 }), window, raw);
    if (model.smoothing === 0) return { model: run, raw, smooth: null };
    const smooth = this.#line(run, 'smooth');
    decimate(run.data, run.data.curve({ log, smoothing: model.smoothing }), window, smooth);
    return { model: run, raw, smooth };
  }

  #line(run: ChartRun, kind: 'raw' | 'smooth'): Polyline {
    const key = `${kind} ${run.id}`;
    const line = this.#lines.get(key) ?? new Polyline();
    this.#lines.set(key, line);
    return line;
  }
}

/** Whether the runs of a series are drawn as one line with a band. */
export function isBanded(series: ChartSeries): boolean {
  return series.band && series.runs.filter((run) => run.data.length > 0).length > 1;
}

export function bandOf(series: ChartSeries, { smoothing, aggregation }: ChartModel, window: XWindow, log: boolean): SeriesBand {
  const members = series.runs.map((run) => ({ series: run.data, curve: run.data.curve({ log, smoothing }), collapsed: run.onset !== null }));
  return seriesBand(members, window, aggregation);
}

/** All of the horizontal axis, also of series that are not shown: isolating one moves nothing. */
export function extent(model: ChartModel): readonly [number, number] {
  let from = Infinity;
  let to = -Infinity;
  for (const { data } of model.series.flatMap((series) => series.runs)) {
    if (data.length === 0) continue;
    from = Math.min(from, data.x[0] as number);
    to = Math.max(to, data.x[data.length - 1] as number);
  }
  if (from > to) return [0, 1];
  return from === to ? [from - 0.5, to + 0.5] : [from, to];
}

/** The point of a run nearest to `x`, as an index into its curve; null: nothing was logged near it. `reach`: in units of x. */
export function nearestPoint({ data }: ChartRun, log: boolean, x: number, reach: number): number | null {
  const curve = data.curve({ log, smoothing: 0 });
  const at = (point: number): number => data.x[curve.rows[point] as number] as number;
  const after = curve.pointAt(data.x, x);
  const candidates = [after - 1, after].filter((point) => point >= 0 && point < curve.length);
  const [nearest] = candidates.toSorted((a, b) => Math.abs(at(a) - x) - Math.abs(at(b) - x));
  if (nearest === undefined) return null;
  if (candidates.length === 2) {
    const stepOf = (point: number): number => data.steps[curve.rows[point] as number] as number;
    if (stepOf(after) - stepOf(after - 1) <= 1.5 * curve.usualGap(data.steps)) return nearest;
  }
  return Math.abs(at(nearest) - x) <= reach ? nearest : null;
}

function ranged(runs: readonly ChartRun[], log: boolean): RangedRun[] {
  return runs.map((run) => ({ series: run.data, curve: run.data.curve({ log, smoothing: 0 }), onset: run.onset }));
}
