import { lowerBound } from '../../src/core/panel/search.ts';
import type { SeriesBand } from '../../src/core/panel/seriesBand.ts';
import type { ChartModel, ChartRun, ChartSeries, Reading, Readout } from './chartModel.ts';
import { nearestPoint } from './scene.ts';
import type { Scene } from './scene.ts';

/**
 * The values of every line at `x`: those logged nearest to it; of runs that are drawn as one line, its value as far as it goes. `reach`:
 * half a pixel, in units of x.
 */
export function readingAt({ x: [from, to], series, log }: Scene, { smoothing }: ChartModel, x: number, reach: number): Reading {
  const readouts = series.flatMap(({ model, band }) => {
    const together = band === null ? [] : bandReadout(model, band, log, x, reach);
    return together.length > 0 ? together : model.runs.flatMap((run) => runReadout(model, run, log, smoothing, x, reach));
  });
  return { x, isRight: x > (from + to) / 2, readouts };
}

function runReadout({ name, color }: ChartSeries, run: ChartRun, log: boolean, smoothing: number, x: number, reach: number): Readout[] {
  const point = nearestPoint(run, log, x, reach);
  if (point === null) return [];
  const { rows } = run.data.curve({ log, smoothing: 0 });
  const row = rows[point] as number;
  const smooth = smoothing === 0 ? null : fromAxis(run.data.curve({ log, smoothing }).values[point] as number, log);
  return [
    {
      series: name,
      run: run.id,
      label: run.label,
      color,
      x: run.data.x[row] as number,
      value: run.data.y[row] as number,
      smoothed: smooth,
      band: null,
    },
  ];
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
