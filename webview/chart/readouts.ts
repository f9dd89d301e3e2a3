import { quantityText } from '../../src/core/notation.ts';
import { lowerBound } from '../../src/core/panel/search.ts';
import { withZeros } from '../../src/core/panel/seriesBand.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import { SmoothedWalk } from '../../src/core/panel/smoothing.ts';
import type { ChartModel, ChartRun, Reading, Readout } from './chartModel.ts';
import { comparedLabel } from './picture.ts';
import type { Projection } from './projection.ts';
import { countedRuns, nearestRow } from './scene.ts';
import type { Scene, SceneRun, SceneSeries } from './scene.ts';

/** A note no farther from the crosshair than this is read with it, in CSS pixels. */
const noteReach = 6;

/** What is the same for all readouts of a chart. */
interface Sight {
  readonly log: boolean;
  readonly model: ChartModel;
  readonly projection: Projection;
  readonly x: number;
  /** Half a pixel, in units of x. */
  readonly reach: number;
}

/**
 * The values of every run at `x`: those logged nearest to it; where the runs of a series are drawn as one line, first what they are
 * together, and no more than that if it is not to be `isFull`. `pointer`: height of the pointer, in CSS pixels.
 */
export function readingAt(
  { x: [from, to], series, log }: Scene,
  model: ChartModel,
  projection: Projection,
  x: number,
  { pointer, isFull }: { readonly pointer: number | null; readonly isFull: boolean },
): Reading {
  const sight = { log, model, projection, x, reach: projection.pixel / 2 };
  const readouts = series.flatMap((entry) => {
    const together = bandReadout(entry, sight);
    return together.length > 0 && !isFull ? together : [...together, ...entry.runs.flatMap((run) => runReadout(entry, run, sight))];
  });
  const notes = model.notes.filter(({ at }) => Math.abs(at - x) <= noteReach * projection.pixel);
  return { x, isRight: x > (from + to) / 2, readouts, notes, area: projection.area, pointer };
}

/** What the marker stands on, and what the values are ordered by. */
export function markedValue({ value, smoothed }: Readout): number {
  return smoothed ?? value;
}

function runReadout({ model: { name, color } }: SceneSeries, { model: run, smoothing }: SceneRun, sight: Sight): Readout[] {
  const { log, x, reach } = sight;
  // What a branch has from another run is read there.
  if (run.leavesAt !== undefined && x < run.leavesAt - reach) return [];
  const row = nearestRow(run, log, x, reach);
  if (row === null) return [];
  const smoothed = smoothing === 0 ? null : smoothedAt(run, row, log, smoothing);
  const told = { series: name, run: run.id, label: run.label, color, spread: null };
  return [placed({ ...told, x: run.data.x[row] as number, value: run.data.y[row] as number, smoothed }, sight)];
}

/** The moving average at a row; null: its line has no place there, among the zeros of a log axis or before any finite value. */
function smoothedAt({ data }: ChartRun, row: number, log: boolean, smoothing: number): number | null {
  const curve = data.curve({ log });
  const point = lowerBound(curve.rows, row);
  if (curve.rows[point] !== row) return null;
  const walk = new SmoothedWalk(data, curve, smoothing);
  const average = walk.at(point);
  return Number.isNaN(average) || (curve.zeros.length > 0 && walk.isMostlyZero) ? null : fromAxis(average, log);
}

/** Of the runs of a series together, as far as their line goes and two of them have a value. */
function bandReadout({ model: series, band, runs }: SceneSeries, sight: Sight): Readout[] {
  const {
    log,
    model: { aggregation },
    x,
    reach,
  } = sight;
  const index = band === null ? null : nearestPoint(band, x, reach);
  if (band === null || index === null) return [];
  const values = countedRuns(series).flatMap((run) => valueAt(run, sight));
  if (values.length < 2) return [];
  const isLine = band.isCoarse || runs.some(({ smoothing }) => smoothing > 0);
  const { centre } = withZeros(
    values.map((value) => toAxis(value, log)),
    aggregation,
  );
  const told = {
    series: series.name,
    run: null,
    label: series.name,
    color: series.color,
    x: band.x[index] as number,
    value: fromAxis(centre, log),
    smoothed: isLine ? fromAxis(band.centre[index] as number, log) : null,
    spread: {
      centre: aggregation === 'mean' && log ? 'geometric mean' : aggregation,
      low: Math.min(...values),
      high: Math.max(...values),
      count: values.length,
    },
  } as const;
  return [placed(told, sight)];
}

/** Of a run that collapsed and has ended its last value where a mean is told, as in the line of all runs. */
function valueAt(run: ChartRun, { log, model, x, reach }: Sight): number[] {
  const { data, onset } = run;
  const row = nearestRow(run, log, x, reach);
  if (row !== null) return [data.y[row] as number];
  if (model.aggregation !== 'mean' || onset === null) return [];
  const { rows, zeros } = data.curve({ log });
  const last = Math.max(rows.at(-1) ?? -1, zeros.at(-1) ?? -1);
  return last >= 0 && (data.x[last] as number) < x ? [data.y[last] as number] : [];
}

/** The point of a line that is nearest to x; null: the line does not go there. */
function nearestPoint(band: SeriesBand, x: number, reach: number): number | null {
  const after = lowerBound(band.x, x);
  const index =
    after > 0 && (after === band.x.length || x - (band.x[after - 1] as number) <= (band.x[after] as number) - x) ? after - 1 : after;
  const at = band.x[index];
  if (at === undefined) return null;
  const width = (band.x[1] ?? at) - (band.x[0] ?? at);
  return Math.abs(at - x) > Math.max(reach, width) ? null : index;
}

function placed(told: Omit<Readout, 'left' | 'top'>, { log, projection }: Sight): Readout {
  const top = projection.top(toAxis(told.smoothed ?? told.value, log));
  return { ...told, left: projection.left(told.x), top };
}

/** A value in the space of its axis. */
function toAxis(value: number, log: boolean): number {
  return log ? Math.log10(value) : value;
}

/** A value from the space of its axis. */
export function fromAxis(value: number, log: boolean): number {
  return log ? 10 ** value : value;
}

/** A value as logged, or as it compares with a baseline. Columns have an infinite value for one that was logged as NaN, too. */
export function loggedText(value: number, comparedAs: ChartModel['comparedAs'] = null): string {
  return value === Infinity ? 'NaN or ∞' : comparedLabel(quantityText(value), { comparedAs });
}
