import { limitedRange } from '../../src/core/panel/chartAxis.ts';
import { decimate } from '../../src/core/panel/decimation.ts';
import type { RunLines, XWindow } from '../../src/core/panel/decimation.ts';
import { lanedRange, lostLine, zeroLine } from '../../src/core/panel/lanes.ts';
import type { LanedRange } from '../../src/core/panel/lanes.ts';
import { Polyline } from '../../src/core/panel/polyline.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';
import { seriesBand } from '../../src/core/panel/seriesBand.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import { joinedNeed, joinedRange } from '../../src/core/panel/share.ts';
import type { AxisNeed } from '../../src/core/panel/share.ts';
import { smoothingSteps } from '../../src/core/panel/smoothing.ts';
import { emptyRange, prefersLog, valueRange } from '../../src/core/panel/valueRange.ts';
import type { RangedRun } from '../../src/core/panel/valueRange.ts';
import type { ChartModel, ChartRun, ChartSeries } from './chartModel.ts';

/** Everything that is drawn between the axes, in their space: on a log axis y is a decimal logarithm. */
export interface Scene extends LanedRange {
  readonly x: readonly [from: number, to: number];
  readonly log: boolean;
  /** What its vertical axis would be if it were alone. */
  readonly need: AxisNeed;
  readonly series: readonly SceneSeries[];
  /** Values that are out of sight because outliers are ignored; no more than `mostHidden` are counted. */
  readonly hidden: number;
}

/** More are "over 1000": so counting costs little, however many there are. */
export const mostHidden = 1001;

export interface SceneSeries {
  readonly model: ChartSeries;
  /** Of all its runs together; null: the runs are drawn one by one. */
  readonly band: SeriesBand | null;
  readonly runs: readonly SceneRun[];
}

export interface SceneRun {
  readonly model: ChartRun;
  /** Every finite value that was logged. */
  readonly raw: Polyline;
  /** Several of them share a pixel: `raw` is pairs of points, as `decimate` makes them. */
  readonly isDense: boolean;
  /** The moving average; null: no smoothing. */
  readonly smooth: Polyline | null;
  /** Steps over which it is averaged; 0: no smoothing. */
  readonly smoothing: number;
  /** On a log axis, the zeros in sight. */
  readonly zeros: Polyline;
  /** What is in sight and not finite. */
  readonly lost: Polyline;
}

interface SceneLines extends RunLines {
  readonly zeros: Polyline;
  readonly lost: Polyline;
}

/** Makes scenes of models. The lines are written over at every call. */
export class SceneBuilder {
  readonly #lines = new WeakMap<RunSeries, SceneLines>();
  /** Whether a scale that is chosen by the data would be logarithmic. */
  #wantsLog = false;
  /** What the scale was last chosen for. */
  #chosenFor = '';

  /** `columns`: pixels between the left and the right end of the axis. */
  build(model: ChartModel, columns: number): Scene {
    const runs = model.series.flatMap((series) => series.runs);
    const x = model.xRange ?? model.extent;
    const window: XWindow = { from: x[0], to: x[1], columns };
    const log = this.isLog(model);
    const fixed = log ? null : model.yRange;
    const inSight = valueRange(ranged(runs, log), window, { log, robust: model.robust, fixed });
    const series = model.series.map((entry) => ({
      model: entry,
      band: isBanded(entry) ? bandOf(entry, model, window, log) : null,
      runs: entry.runs.map((run) => this.#drawRun(run, model, window, log)),
    }));
    const drawn = series.flatMap((entry) => entry.runs);
    // What equals the baseline is to be seen, whatever does.
    const range = inSight === null || model.comparedAs === null ? inSight : joinedRange(inSight, [0, 0]);
    const need: AxisNeed = {
      wantsLog: this.#prefersLog(model),
      linear: log ? null : range,
      log: log ? range : null,
      zeros: drawn.some(({ zeros }) => zeros.length > 0) || series.some(({ band }) => band?.low.includes(-Infinity)),
      lost: drawn.some(({ lost }) => lost.length > 0),
    };
    const shared = model.others === null ? need : joinedNeed(need, model.others);
    const values = limitedRange(shared[log ? 'log' : 'linear'] ?? emptyRange({ log, fixed }), model.limits, log);
    // What lies beyond ends that somebody has chosen is no outlier.
    const hidden =
      model.robust && model.limits.low === null && model.limits.high === null ? hiddenValues(model, runs, window, values, log) : 0;
    return { x, ...lanedRange(values, { zeros: log && shared.zeros, lost: shared.lost }), log, need, series, hidden };
  }

  /** Whether the vertical axis of a model is logarithmic: where the data decides, that of any column of a comparison. */
  isLog(model: ChartModel): boolean {
    return this.#prefersLog(model) || (model.yScale === 'auto' && (model.others?.wantsLog ?? false));
  }

  /** Whether it would be if it were alone. Chosen again only when there is more data: zooming must not change the scale. */
  #prefersLog(model: ChartModel): boolean {
    if (model.yScale !== 'auto') return model.yScale === 'log';
    const runs = model.series.flatMap((series) => series.runs);
    const data = runs.map((run) => `${run.id} ${run.data.length} ${run.onset ?? ''}`).join();
    const drawnLog = this.#wantsLog || (model.others?.wantsLog ?? false);
    if (data !== this.#chosenFor) this.#wantsLog = prefersLog(ranged(runs, drawnLog), drawnLog, this.#wantsLog);
    this.#chosenFor = data;
    return this.#wantsLog;
  }

  #drawRun(run: ChartRun, model: ChartModel, whole: XWindow, log: boolean): SceneRun {
    const window = ownWindow(run, whole);
    const lines = this.#linesOf(run.data);
    const { raw, smooth, zeros, lost } = lines;
    const curve = run.data.curve({ log });
    // Over as many steps as of the run that it leaves, so that the lines meet.
    const smoothing = smoothingSteps(model.smoothing, run.data, whole);
    const isDense = decimate(run.data, curve, window, smoothing, lines);
    zeroLine(run.data, curve, window, zeros);
    lostLine(run.data, curve, window, lost);
    return { model: run, raw, isDense, smooth: smoothing === 0 ? null : smooth, smoothing, zeros, lost };
  }

  #linesOf(data: RunSeries): SceneLines {
    let lines = this.#lines.get(data);
    if (lines === undefined) {
      lines = { raw: new Polyline(), smooth: new Polyline(), zeros: new Polyline(), lost: new Polyline() };
      this.#lines.set(data, lines);
    }
    return lines;
  }
}

/** The part of the window from which a branch is drawn: its line begins with the last point that another run draws, too. */
function ownWindow({ leavesAt = -Infinity }: ChartRun, { from, to, columns }: XWindow): XWindow {
  if (leavesAt <= from) return { from, to, columns };
  const share = Math.max(0, (to - leavesAt) / (to - from));
  return { from: leavesAt, to, columns: Math.max(1, share * columns) };
}

function hiddenValues(
  { xRange }: ChartModel,
  runs: readonly ChartRun[],
  { from, to }: XWindow,
  [low, high]: readonly [number, number],
  log: boolean,
): number {
  let hidden = 0;
  for (const { data, leavesAt = from } of runs) {
    const curve = data.curve({ log });
    const start = curve.pointAt(data.x, Math.max(from, leavesAt));
    const end = curve.pointAfter(data.x, to);
    hidden += curve.pyramid.countOutside(start, end, low, high, mostHidden - hidden);
    // Steps far beyond all others are left out of the horizontal axis.
    if (xRange === null) hidden += curve.length - end;
    if (hidden >= mostHidden) return mostHidden;
  }
  return hidden;
}

/** Whether the runs of a series are drawn as one line with a band. */
function isBanded(series: ChartSeries): boolean {
  return series.band && countedRuns(series).filter((run) => run.data.length > 0).length > 1;
}

function bandOf(series: ChartSeries, { smoothing, aggregation }: ChartModel, window: XWindow, log: boolean): SeriesBand {
  const members = countedRuns(series).map((run) => ({
    series: run.data,
    curve: run.data.curve({ log }),
    smoothing: smoothingSteps(smoothing, run.data, window),
    collapsed: run.onset !== null,
  }));
  return seriesBand(members, window, aggregation);
}

/** Those that are no repeat of another run. */
export function countedRuns({ runs }: ChartSeries): readonly ChartRun[] {
  return runs.filter(({ isRepeat = false }) => !isRepeat);
}

/** The row of a run that was logged nearest to `x`; null: nothing was logged near it. `reach`: in units of x. */
export function nearestRow({ data }: ChartRun, log: boolean, x: number, reach: number): number | null {
  const curve = data.curve({ log });
  const { rows, zeros } = curve;
  const point = curve.pointAt(data.x, x);
  const zero = curve.zeroAt(data.x, x);
  const before = Math.max(rows[point - 1] ?? -1, zeros[zero - 1] ?? -1);
  const after = Math.min(rows[point] ?? data.length, zeros[zero] ?? data.length);
  const distance = (row: number): number => Math.abs((data.x[row] as number) - x);
  const candidates = [before, after].filter((row) => row >= 0 && row < data.length);
  const [nearest] = candidates.toSorted((a, b) => distance(a) - distance(b));
  if (nearest === undefined) return null;
  if (candidates.length === 2) {
    const gap = (data.steps[after] as number) - (data.steps[before] as number);
    if (gap <= 1.5 * curve.usualGap(data.steps)) return nearest;
  }
  return distance(nearest) <= reach ? nearest : null;
}

function ranged(runs: readonly ChartRun[], log: boolean): RangedRun[] {
  return runs.map((run) => ({ series: run.data, curve: run.data.curve({ log }), onset: run.onset }));
}
