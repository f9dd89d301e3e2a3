import type { Curve } from './curve.ts';
import type { Polyline } from './polyline.ts';
import { blockSize } from './pyramid.ts';
import type { RunSeries } from './runSeries.ts';
import { SmoothedWalk } from './smoothing.ts';

/** The stretch of the horizontal axis that is drawn, and how many pixels wide it is. */
export interface XWindow {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** What is drawn of a run. Written over at every call. */
export interface RunLines {
  /** The values that were logged. */
  readonly raw: Polyline;
  /** Their moving average; empty: they are not smoothed. */
  readonly smooth: Polyline;
}

/**
 * What must be drawn of a curve so that it looks like all of it: of neighbours that lie within a pixel, the lowest and the highest, at the
 * ends of what they cover. The neighbours are blocks of the curve's pyramid, the largest that are no wider than a pixel: there are about
 * two to a pixel at most, however many points there are, and each is one look-up. Since blocks are parts of the data, not of the screen,
 * the line does not shimmer while it is moved. The points just outside are kept, so that the line runs to the edge.
 *
 * The lines break where values are missing, as in the figure of a report: where steps are more than 1½ times as far apart as usual; and
 * where one is not finite, as far as that can be seen. Over zeros of a log axis the smoothed line goes on, unless they are half of what
 * was logged. `smoothing`: steps over which it is averaged; 0: there is none.
 *
 * Returns whether several points share a pixel. All of `raw` then is pairs of points, the lowest and the highest value from the x of the
 * first to that of the second.
 */
export function decimate(
  series: RunSeries,
  curve: Curve,
  { from, to, columns }: XWindow,
  smoothing: number,
  { raw, smooth }: RunLines,
): boolean {
  raw.clear();
  smooth.clear();
  const { steps, x } = series;
  const { rows, values, isComplete } = curve;
  const { levels } = curve.pyramid;
  const rowOf = (point: number): number => (isComplete ? point : (rows[point] as number));
  const xAt = (point: number): number => x[rowOf(point)] as number;
  const widestGap = 1.5 * curve.usualGap(steps);
  const isGap = (point: number): boolean => (steps[rowOf(point)] as number) - (steps[rowOf(point - 1)] as number) > widestGap;
  const first = Math.max(0, curve.pointAt(x, from) - 1);
  const end = Math.min(values.length, curve.pointAfter(x, to, first) + 1);
  // Few points are drawn as they are.
  const isDense = end - first > 2 * columns;
  const width = isDense ? (to - from) / columns : -1;
  const average = smoothing === 0 ? null : new SmoothedWalk(series, curve, smoothing);
  average?.seek(first);
  const breakRaw = (): void => {
    raw.break();
    if (isDense) raw.break();
  };
  const hasZeros = curve.zeros.length > 0;

  /** Whether the block of a level that begins at a point is whole, visible, and no wider than a pixel. */
  const fits = (point: number, depth: number): boolean => {
    const size = blockSize << depth;
    return (point & (size - 1)) === 0 && point + size <= end && xAt(point + size - 1) - xAt(point) <= width;
  };
  let depth = -1;
  let before = 0;
  for (let start = first, next = first; start < end; start = next) {
    if (start > first && isGap(start)) {
      breakRaw();
      if (average !== null && !(hasZeros && curve.hasZeroBefore(start))) smooth.break();
    }
    while (depth >= 0 && !fits(start, depth)) depth--;
    while (depth + 1 < levels.length && fits(start, depth + 1)) depth++;
    const level = levels[depth];
    let low: number;
    let high: number;
    if (level !== undefined) {
      next = start + (blockSize << depth);
      low = level.low[start / (next - start)] as number;
      high = level.high[start / (next - start)] as number;
    } else {
      low = Infinity;
      high = -Infinity;
      const limit = Math.min(end, (Math.floor(start / blockSize) + 1) * blockSize);
      for (next = start; next < limit && (next === start || (xAt(next) - xAt(start) <= width && !isGap(next))); next++) {
        const value = values[next] as number;
        if (!Number.isFinite(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    if (low > high) {
      breakRaw();
      average?.take(next);
      if (average !== null) smooth.break();
      continue;
    }
    // Within a pixel their order does not show: draw the nearer one first.
    const rising = Math.abs(low - before) <= Math.abs(high - before);
    before = rising ? high : low;
    raw.add(xAt(start), rising ? low : high);
    if (isDense) raw.add(xAt(next - 1), before);
    if (average === null) continue;
    const value = average.take(next);
    if (hasZeros && average.isMostlyZero) smooth.break();
    else smooth.add(xAt(next - 1), value);
  }
  return isDense;
}
