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
  /** Whether its points are means over more than what a run logs at a time. */
  readonly isCoarse: boolean;
}

/** Least width of a bin in pixels: the line of several runs is not meant to show single steps. */
const pixelsPerBin = 3;

/**
 * One line and a band for runs of a series: each run's mean in a bin of x, then centre and band over runs, as in a report's figure
 * (`aggregate`). A run that logged nothing in a bin counts with its latest value. One that on a log axis logged more zeros there than
 * other values counts as −∞, where the axis has its zeros. A run that collapsed and was stopped counts on with
 * its last mean, or drops out of a median. The line goes as far as at least half of the other runs do: in a report that is the end of
 * all of them, but here some are still on their way.
 */
export function seriesBand(members: readonly BandMember[], window: XWindow, aggregation: Aggregation): SeriesBand {
  const runs = members.filter(({ curve }) => curve.length + curve.zeros.length > 0);
  const x: number[] = [];
  const centre: number[] = [];
  const low: number[] = [];
  const high: number[] = [];
  if (runs.length === 0) return { x, centre, low, high, isCoarse: false };
  const origin = Math.min(...runs.map(firstX));
  const { width, isCoarse } = bins(runs, window);
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
      const value = valueIn(run, [end - width, end], [start, next], aggregation);
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
  return { x, centre, low, high, isCoarse };
}

/** Of a run in a bin from one x to another (exclusive) that holds its points from `start` to `next` (exclusive). */
function valueIn(
  { series: { x }, curve, collapsed }: BandMember,
  [from, to]: readonly [number, number],
  [start, next]: readonly [number, number],
  aggregation: Aggregation,
): number {
  const { rows, values, zeros } = curve;
  const nextZero = zeros.length === 0 ? 0 : curve.zeroAt(x, to);
  if (nextZero > 0 && nextZero - curve.zeroAt(x, from) > next - start) return -Infinity;
  if (start < next) return curve.pyramid.sum(start, next) / (next - start);
  const hasBegun = start > 0 || nextZero > 0;
  const hasEnded = start >= curve.length && nextZero >= zeros.length;
  if (!hasBegun || (hasEnded && !(collapsed && aggregation === 'mean'))) return Number.NaN;
  const isZero = (zeros[nextZero - 1] ?? -1) > (rows[start - 1] ?? -1);
  return isZero ? -Infinity : (values[start - 1] as number);
}

/** Wide enough for a point of each run; grows by doubling, so that bins stay where they are while runs grow and the view moves. */
function bins(runs: readonly BandMember[], { from, to, columns }: XWindow): { readonly width: number; readonly isCoarse: boolean } {
  const [first] = runs as readonly [BandMember, ...BandMember[]];
  const onSteps = first.series.x === first.series.steps;
  const gap = Math.max(...runs.map(({ series, curve }) => curve.usualGap(series.steps) * (onSteps ? 1 : meanStride(series))));
  const narrowest = onSteps ? gap : 2 ** Math.ceil(Math.log2(gap));
  const wanted = ((to - from) / columns) * pixelsPerBin;
  const doublings = Math.max(0, Math.ceil(Math.log2(wanted / narrowest)));
  return { width: narrowest * 2 ** doublings, isCoarse: doublings > 0 };
}

/** Distance on the axis that a step covers. */
function meanStride({ x, steps }: RunSeries): number {
  const last = x.length - 1;
  const covered = (x[last] as number) - (x[0] as number);
  const stride = covered / ((steps[last] as number) - (steps[0] as number));
  return stride > 0 && stride < Infinity ? stride : 1;
}

function firstX({ series, curve: { rows, zeros } }: BandMember): number {
  return series.x[Math.min(rows[0] ?? Infinity, zeros[0] ?? Infinity)] as number;
}

function lastX({ series, curve: { rows, zeros } }: BandMember): number {
  return series.x[Math.max(rows.at(-1) ?? -1, zeros.at(-1) ?? -1)] as number;
}

function commonEnd(runs: readonly BandMember[]): number {
  const intact = runs
    .filter((run) => !run.collapsed)
    .map(lastX)
    .sort((a, b) => b - a);
  return intact.length === 0 ? Math.max(...runs.map(lastX)) : (intact[Math.ceil(intact.length / 2) - 1] as number);
}
