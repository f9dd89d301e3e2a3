import { lowerBound } from '../../src/core/panel/search.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import { SmoothedWalk } from '../../src/core/panel/smoothing.ts';
import type { ChartRun, ChartSeries, Reading, Readout } from './chartModel.ts';
import { nearestRow } from './scene.ts';
import type { Scene, SceneRun } from './scene.ts';

/**
 * The values of every line at `x`: those logged nearest to it; of runs that are drawn as one line, its value as far as it goes. `reach`:
 * half a pixel, in units of x.
 */
export function readingAt({ x: [from, to], series, log }: Scene, x: number, reach: number): Reading {
  const readouts = series.flatMap(({ model, band, runs }) => {
    const together = band === null ? [] : bandReadout(model, band, log, x, reach);
    return together.length > 0 ? together : runs.flatMap((run) => runReadout(model, run, log, x, reach));
  });
  return { x, isRight: x > (from + to) / 2, readouts };
}

function runReadout({ name, color }: ChartSeries, { model: run, smoothing }: SceneRun, log: boolean, x: number, reach: number): Readout[] {
  const row = nearestRow(run, log, x, reach);
  if (row === null) return [];
  return [
    {
      series: name,
      run: run.id,
      label: run.label,
      color,
      x: run.data.x[row] as number,
      value: run.data.y[row] as number,
      smoothed: smoothing === 0 ? null : smoothedAt(run, row, log, smoothing),
      band: null,
    },
  ];
}

/** The moving average at a row; null: a log axis has no place for its value. */
function smoothedAt({ data }: ChartRun, row: number, log: boolean, smoothing: number): number | null {
  const curve = data.curve({ log });
  const point = lowerBound(curve.rows, row);
  return curve.rows[point] === row ? fromAxis(new SmoothedWalk(data, curve, smoothing).at(point), log) : null;
}

function bandReadout({ name, color }: ChartSeries, band: SeriesBand, log: boolean, x: number, reach: number): Readout[] {
  const after = lowerBound(band.x, x);
  const index =
    after > 0 && (after === band.x.length || x - (band.x[after - 1] as number) <= (band.x[after] as number) - x) ? after - 1 : after;
  const at = band.x[index];
  if (at === undefined) return [];
  const width = (band.x[1] ?? at) - (band.x[0] ?? at);
  if (Math.abs(at - x) > Math.max(reach, width)) return [];
  const value = (values: readonly number[]): number => fromAxis(values[index] as number, log);
  return [
    {
      series: name,
      run: null,
      label: name,
      color,
      x: at,
      value: value(band.centre),
      smoothed: null,
      band: [value(band.low), value(band.high)],
    },
  ];
}

/** A value from the space of its axis. */
export function fromAxis(value: number, log: boolean): number {
  return log ? 10 ** value : value;
}
