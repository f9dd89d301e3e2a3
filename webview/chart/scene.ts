import { decimate } from '../../src/core/panel/decimation.ts';
import type { XWindow } from '../../src/core/panel/decimation.ts';
import { Polyline } from '../../src/core/panel/polyline.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';
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
  readonly #lines = new WeakMap<RunSeries, { readonly raw: Polyline; readonly smooth: Polyline }>();
  #log = false;
  /** What the scale was last chosen for. */
  #chosenFor = '';

  /** `columns`: pixels between the left and the right end of the axis. */
  build(model: ChartModel, columns: number): Scene {
    const shown = shownSeries(model);
    const runs = shown.flatMap((series) => series.runs);
    const x = model.xRange ?? model.extent;
    const window: XWindow = { from: x[0], to: x[1], columns };
    const log = this.isLog(model);
    const y = valueRange(ranged(runs, log), window, { log, robust: model.robust, fixed: log ? null : model.yRange });
    const series = shown.map((entry) => ({
      model: entry,
      band: isBanded(entry) ? bandOf(entry, model, window, log) : null,
      runs: entry.runs.map((run) => this.#drawRun(run, model, window, log)),
    }));
    return { x, y, log, series };
  }

  /** Whether the vertical axis of a model is logarithmic. Chosen again only when there is more data: zooming must not change the scale. */
  isLog(model: ChartModel): boolean {
    if (model.yScale !== 'auto') return model.yScale === 'log';
    const runs = shownSeries(model).flatMap((series) => series.runs);
    const data = runs.map((run) => `${run.id} ${run.data.length} ${run.onset ?? ''}`).join();
    if (data !== this.#chosenFor) this.#log = prefersLog(ranged(runs, this.#log), this.#log, this.#log);
    this.#chosenFor = data;
    return this.#log;
  }

  #drawRun(run: ChartRun, model: ChartModel, window: XWindow, log: boolean): SceneRun {
    const { raw, smooth } = this.#linesOf(run.data);
    decimate(run.data, run.data.curve({ log, smoothing: 0 }), window, raw);
    if (model.smoothing === 0) return { model: run, raw, smooth: null };
    decimate(run.data, run.data.curve({ log, smoothing: model.smoothing }), window, smooth);
    return { model: run, raw, smooth };
  }

  #linesOf(data: RunSeries): { readonly raw: Polyline; readonly smooth: Polyline } {
    let lines = this.#lines.get(data);
    if (lines === undefined) this.#lines.set(data, (lines = { raw: new Polyline(), smooth: new Polyline() }));
    return lines;
  }
}

/** Whether the runs of a series are drawn as one line with a band. */
function isBanded(series: ChartSeries): boolean {
  return series.band && countedRuns(series).filter((run) => run.data.length > 0).length > 1;
}

function bandOf(series: ChartSeries, { smoothing, aggregation }: ChartModel, window: XWindow, log: boolean): SeriesBand {
  const members = countedRuns(series).map((run) => ({
    series: run.data,
    curve: run.data.curve({ log, smoothing }),
    collapsed: run.onset !== null,
  }));
  return seriesBand(members, window, aggregation);
}

function countedRuns({ runs }: ChartSeries): readonly ChartRun[] {
  return runs.filter(({ isRepeat = false }) => !isRepeat);
}

function shownSeries({ series }: ChartModel): readonly ChartSeries[] {
  return series.filter(({ hidden }) => !hidden);
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
