import type { Curve } from './curve.ts';
import type { Polyline } from './polyline.ts';
import type { RunSeries } from './runSeries.ts';

/** The stretch of the horizontal axis that is drawn, and how many pixels wide it is. */
export interface XWindow {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/**
 * What must be drawn of a curve so that no pixel differs from drawing all of it: at most the first, lowest, highest and last point of each
 * pixel column (M4 of Jugel et al., VLDB 2014), and the neighbours just outside, so that the line runs to the edge. The line breaks where
 * values are missing, as in the figure of a report: where steps are more than 1½ times as far apart as usual.
 */
export function decimate(series: RunSeries, curve: Curve, { from, to, columns }: XWindow, line: Polyline): void {
  line.clear();
  const { steps, x } = series;
  const { rows, values, pyramid } = curve;
  const widestGap = 1.5 * curve.usualGap(steps);
  const first = Math.max(0, pointAt(x, rows, from, 0) - 1);
  const end = Math.min(values.length, pointAfter(x, rows, to) + 1);
  let before = -1;
  const add = (point: number): void => {
    const row = rows[point] as number;
    // Only between neighbours: between two points of a pixel column lies less than a pixel.
    if (point === before + 1 && before >= 0 && (steps[row] as number) - (steps[rows[before] as number] as number) > widestGap) line.break();
    line.add(x[row] as number, values[point] as number);
    before = point;
  };
  if (end - first <= 2 * columns) {
    for (let point = first; point < end; point++) add(point);
    return;
  }
  const width = (to - from) / columns;
  let start = first;
  for (let column = 0; column <= columns && start < end; column++) {
    // The first column holds the neighbour on the left too, the last one what is left.
    const next = column === columns ? end : Math.min(end, pointAt(x, rows, from + (column + 1) * width, start));
    if (next - start <= 4) {
      for (let point = start; point < next; point++) add(point);
    } else {
      pyramid.scan(start, next);
      const { low, high } = pyramid;
      add(start);
      const [earlier, later] = low < high ? [low, high] : [high, low];
      if (earlier !== start) add(earlier);
      if (later !== earlier && later !== start) add(later);
      if (before !== next - 1) add(next - 1);
    }
    start = next;
  }
}

/** First point whose x is not less than `wanted`, at or after point `start`; gallops, because most often it is near. */
export function pointAt(x: Float64Array, rows: Uint32Array, wanted: number, start: number): number {
  let low = start;
  let stride = 1;
  while (low + stride <= rows.length && (x[rows[low + stride - 1] as number] as number) < wanted) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(rows.length, low + stride - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[rows[middle] as number] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First point whose x is greater than `wanted`. */
export function pointAfter(x: Float64Array, rows: Uint32Array, wanted: number): number {
  let point = pointAt(x, rows, wanted, 0);
  while (point < rows.length && (x[rows[point] as number] as number) <= wanted) point++;
  return point;
}
