import type { Curve } from './curve.ts';
import type { Polyline } from './polyline.ts';
import { blockSize } from './pyramid.ts';
import type { RunSeries } from './runSeries.ts';

/** The stretch of the horizontal axis that is drawn, and how many pixels wide it is. */
export interface XWindow {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/**
 * What must be drawn of a curve so that it looks like all of it: of neighbours that lie within a pixel, the lowest and the highest, at the
 * ends of what they cover. The neighbours are blocks of the curve's pyramid, the largest that are no wider than a pixel: there are about
 * two to a pixel at most, however many points there are, and each is one look-up. Since blocks are parts of the data, not of the screen,
 * the line does not shimmer while it is moved. The points just outside are kept, so that the line runs to the edge.
 *
 * The line breaks where values are missing, as in the figure of a report: where steps are more than 1½ times as far apart as usual.
 */
export function decimate(series: RunSeries, curve: Curve, { from, to, columns }: XWindow, line: Polyline): void {
  line.clear();
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
  const width = end - first <= 2 * columns ? -1 : (to - from) / columns;

  /** Whether the block of a level that begins at a point is whole, visible, and no wider than a pixel. */
  const fits = (point: number, depth: number): boolean => {
    const size = blockSize << depth;
    return (point & (size - 1)) === 0 && point + size <= end && xAt(point + size - 1) - xAt(point) <= width;
  };
  let depth = -1;
  let before = 0;
  for (let start = first, next = first; start < end; start = next) {
    if (start > first && isGap(start)) line.break();
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
      low = values[start] as number;
      high = low;
      const limit = Math.min(end, (Math.floor(start / blockSize) + 1) * blockSize);
      for (next = start + 1; next < limit && xAt(next) - xAt(start) <= width && !isGap(next); next++) {
        low = Math.min(low, values[next] as number);
        high = Math.max(high, values[next] as number);
      }
    }
    // Within a pixel their order does not show: draw the nearer one first.
    const rising = Math.abs(low - before) <= Math.abs(high - before);
    before = rising ? high : low;
    line.add(xAt(start), rising ? low : high);
    if (next > start + 1) line.add(xAt(next - 1), before);
  }
}
