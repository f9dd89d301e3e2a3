import { centreAndBand } from '../figure/aggregate.ts';
import type { Aggregation } from '../figure/aggregate.ts';
import type { Curve } from './curve.ts';
import type { XWindow } from './decimation.ts';
import type { RunSeries } from './runSeries.ts';

export interface BandMember {
  readonly series: RunSeries;
  readonly curve: Curve;
  readonly collapsed: boolean;
}

/** Centre and band of several runs, in the space of the axes, in ascending order of x. */
export interface SeriesBand {
  readonly x: readonly number[];
  readonly centre: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Least width of a bin in pixels: the line of several runs is not meant to show single steps. */
const pixelsPerBin = 3;

/**
 * One line and a band for runs of a series: each run's mean in a bin of x, then centre and band over runs, as in a report's figure
 * (`aggregate`). A run that logged nothing in a bin counts with its latest value. A run that collapsed and was stopped counts on with
 * its last mean, or drops out of a median. The line goes as far as at least half of the other runs do: in a report that is the end of
 * all of them, but here some are still on their way.
 */
export function seriesBand(members: readonly BandMember[], window: XWindow, aggregation: Aggregation): SeriesBand {
  const runs = members.filter(({ curve }) => curve.length > 0);
  const x: number[] = [];
  const centre: number[] = [];
  const low: number[] = [];
  const high: number[] = [];
  const band = { x, centre, low, high };
  if (runs.length === 0) return band;
  const origin = Math.min(...runs.map(firstX));
  const width = binWidth(runs, window);
  const lastX = commonEnd(runs);
  const firstBin = Math.max(0, Math.round((window.from - origin) / width) - 1);
  const lastBin = Math.round((Math.min(window.to, lastX) - origin) / width) + 1;
  const cursors = runs.map((run) => run.curve.pointAt(run.series.x, origin + (firstBin - 0.5) * width));
  const usual = runs.map(() => 1);
  const values: number[] = [];
  for (let bin = firstBin; bin <= lastBin; bin++) {
    const end = origin + (bin + 0.5) * width;
    values.length = 0;
    runs.forEach((run, index) => {
      const start = cursors[index] as number;
      const next = run.curve.pointAt(run.series.x, end, start + (usual[index] as number));
      usual[index] = next - start;
      cursors[index] = next;
      const value = valueIn(run, start, next, aggregation);
      if (!Number.isNaN(value)) values.push(value);
    });
    const at = origin + bin * width;
    if (values.length === 0 || at > lastX) continue;
    const point = centreAndBand(values, aggregation);
    x.push(at);
    centre.push(point.centre);
    low.push(point.low);
    high.push(point.high);
  }
  return band;
}

/** Of a run in a bin that holds its points from `start` to `next` (exclusive). */
function valueIn({ curve, collapsed }: BandMember, start: number, next: number, aggregation: Aggregation): number {
  if (start < next) return curve.pyramid.sum(start, next) / (next - start);
  const ended = start >= curve.length;
  if (start === 0 || (ended && !(collapsed && aggregation === 'mean'))) return Number.NaN;
  return curve.values[start - 1] as number;
}

/** Wide enough for a point of each run; grows by doubling, so that bins stay where they are while runs grow and the view moves. */
function binWidth(runs: readonly BandMember[], { from, to, columns }: XWindow): number {
  const [first] = runs as readonly [BandMember, ...BandMember[]];
  const onSteps = first.series.x === first.series.steps;
  const gap = Math.max(...runs.map(({ series, curve }) => curve.usualGap(series.steps) * (onSteps ? 1 : meanStride(series))));
  const narrowest = onSteps ? gap : 2 ** Math.ceil(Math.log2(gap));
  const wanted = ((to - from) / columns) * pixelsPerBin;
  return narrowest * 2 ** Math.max(0, Math.ceil(Math.log2(wanted / narrowest)));
}

/** Distance on the axis that a step covers. */
function meanStride({ x, steps }: RunSeries): number {
  const last = x.length - 1;
  const covered = (x[last] as number) - (x[0] as number);
  const stride = covered / ((steps[last] as number) - (steps[0] as number));
  return stride > 0 && stride < Infinity ? stride : 1;
}

function firstX({ series, curve }: BandMember): number {
  return series.x[curve.rows[0] as number] as number;
}

function lastX({ series, curve }: BandMember): number {
  return series.x[curve.rows[curve.length - 1] as number] as number;
}

function commonEnd(runs: readonly BandMember[]): number {
  const intact = runs
    .filter((run) => !run.collapsed)
    .map(lastX)
    .sort((a, b) => b - a);
  return intact.length === 0 ? Math.max(...runs.map(lastX)) : (intact[Math.ceil(intact.length / 2) - 1] as number);
}
