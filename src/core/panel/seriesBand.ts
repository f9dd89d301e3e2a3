import { centreAndBand } from '../figure/aggregate.ts';
import type { Aggregation, BandPoint } from '../figure/aggregate.ts';
import type { Curve } from './curve.ts';
import type { XWindow } from './decimation.ts';
import type { RunSeries } from './runSeries.ts';
import { meanStride, SmoothedWalk } from './smoothing.ts';

export interface BandMember {
  readonly series: RunSeries;
  readonly curve: Curve;
  /** Steps over which it is averaged; 0: it is not smoothed. */
  readonly smoothing: number;
  readonly collapsed: boolean;
}

/** Centre and band of several runs, in the space of the axes, in ascending order of x. On a log axis −∞ stands for zero. */
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
 * One line and a band for runs of a series: each run's moving average at the end of a bin of x (its mean in the bin, where it is not
 * smoothed), then centre and band over runs, as in a report's figure (`aggregate`). A run that logged nothing in a bin counts with its
 * latest value. A run that collapsed and was stopped counts on with its last one, or drops out of a median. The line goes as far as at
 * least half of the other runs do: in a report that is the end of all of them, but here some are still on their way.
 *
 * On a log axis a run counts as zero, which is −∞, where at least half of what it logged lately is zero; and so does the line where at least half
 * of the runs do. So neither the line nor the edges of the band jump between zeros and the values that stand among them.
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
  const lastX = commonEnd(runs.map((run) => ({ at: lastOf(run), collapsed: run.collapsed })));
  const firstBin = Math.max(0, Math.round((window.from - origin) / width) - 1);
  const lastBin = Math.round((Math.min(window.to, lastX) - origin) / width) + 1;
  const walks = runs.map((run) => new BandWalk(run, origin + (firstBin - 0.5) * width));
  const values: number[] = [];
  for (let bin = firstBin; bin <= lastBin; bin++) {
    const end = origin + (bin + 0.5) * width;
    values.length = 0;
    for (const walk of walks) {
      const value = walk.valueBefore(end, aggregation);
      if (!Number.isNaN(value)) values.push(value);
    }
    const at = origin + bin * width;
    if (values.length === 0 || at > lastX) continue;
    const point = withZeros(values, aggregation);
    x.push(at);
    centre.push(point.centre);
    low.push(point.low);
    high.push(point.high);
  }
  return { x, centre, low, high, isCoarse };
}

/** One run on its way through the bins. */
class BandWalk {
  readonly #run: BandMember;
  readonly #average: SmoothedWalk;
  /** First point, and first zero, that are not taken in. */
  #point: number;
  #zero: number;
  /** Points in the last bin, near which the end of the next one is. */
  #usual = 1;

  /** `from`: where the first bin begins. */
  constructor(run: BandMember, from: number) {
    const { series, curve, smoothing } = run;
    this.#run = run;
    this.#average = new SmoothedWalk(series, curve, smoothing);
    this.#point = curve.pointAt(series.x, from);
    this.#zero = curve.zeroAt(series.x, from);
    this.#average.seek(this.#point);
  }

  /** Its value in the bin that ends before `end`; NaN: it has none; −∞: zero. */
  valueBefore(end: number, aggregation: Aggregation): number {
    const { series, curve, collapsed } = this.#run;
    const point = curve.pointAt(series.x, end, this.#point + this.#usual);
    const zero = curve.zeros.length === 0 ? 0 : curve.zeroAt(series.x, end);
    const hasEnded = point === this.#point && zero === this.#zero && point === curve.length && zero === curve.zeros.length;
    this.#usual = point - this.#point;
    [this.#point, this.#zero] = [point, zero];
    const average = this.#average.take(point, zero);
    if (hasEnded && !(collapsed && aggregation === 'mean')) return Number.NaN;
    if (this.#average.isMostlyZero) return -Infinity;
    // There may be infinite ones, which no average has.
    return Number.isNaN(average) && point > 0 ? (curve.values[point - 1] as number) : average;
  }
}

/** Centre and band of values among which −∞ stands for zero. */
export function withZeros(values: readonly number[], aggregation: Aggregation): Omit<BandPoint, 'step'> {
  const others = values.filter((value) => value !== -Infinity);
  if (aggregation === 'median' || others.length === values.length) return centreAndBand(values, aggregation);
  if (2 * others.length <= values.length) return { centre: -Infinity, low: -Infinity, high: -Infinity };
  return centreAndBand(others, aggregation);
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

/** First and last row of which something stands on the axis. */
function ends({ curve: { rows, zeros } }: BandMember): readonly [first: number, last: number] {
  return [Math.min(rows[0] ?? Infinity, zeros[0] ?? Infinity), Math.max(rows.at(-1) ?? -1, zeros.at(-1) ?? -1)];
}

function firstX(run: BandMember): number {
  return run.series.x[ends(run)[0]] as number;
}

function lastOf(run: BandMember): number {
  return run.series.x[ends(run)[1]] as number;
}

/** Where the line of several runs ends: as far as at least half of those go that did not collapse; of those that did, where there is no other. */
export function commonEnd(ends: readonly { readonly at: number; readonly collapsed: boolean }[]): number {
  const intact = ends.filter(({ collapsed }) => !collapsed).map(({ at }) => at);
  if (intact.length === 0) return Math.max(...ends.map(({ at }) => at));
  return intact.sort((a, b) => b - a)[Math.ceil(intact.length / 2) - 1] as number;
}
