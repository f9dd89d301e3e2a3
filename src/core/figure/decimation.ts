import { median } from '../statistics/quantiles.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * A column of a run as unbroken pieces of line. A line breaks where a value is missing: where the distance to the next logged step
 * is more than 1½ times the usual one, so that a score logged every ten steps is one line too.
 */
export function segments(steps: ArrayLike<number>, values: ArrayLike<number>): Point[][] {
  const points: Point[] = [];
  for (let i = 0; i < steps.length; i++) {
    const y = values[i] as number;
    if (!Number.isNaN(y)) points.push({ x: steps[i] as number, y });
  }
  const gaps = points.slice(1).map((point, index) => point.x - (points[index] as Point).x);
  const usual = gaps.length === 0 ? 1 : median(gaps);
  const pieces: Point[][] = [];
  points.forEach((point, index) => {
    const piece = pieces[pieces.length - 1];
    if (piece === undefined || (gaps[index - 1] as number) > 1.5 * usual) pieces.push([point]);
    else piece.push(point);
  });
  return pieces;
}

/**
 * Thins a piece of line to at most two points for each `width` of x, the lowest and the highest in their order, and keeps both
 * ends: what is left has the same envelope, and no spike is lost.
 */
export function decimate(points: readonly Point[], width: number): Point[] {
  const last = points.length - 1;
  const kept: Point[] = [];
  for (let start = 0; start <= last;) {
    const column = Math.floor((points[start] as Point).x / width);
    let low = start;
    let high = start;
    let end = start + 1;
    for (; end <= last && Math.floor((points[end] as Point).x / width) === column; end++) {
      if ((points[end] as Point).y < (points[low] as Point).y) low = end;
      if ((points[end] as Point).y > (points[high] as Point).y) high = end;
    }
    const indices = new Set([...(start === 0 ? [0] : []), Math.min(low, high), Math.max(low, high), ...(end > last ? [last] : [])]);
    for (const index of indices) kept.push(points[index] as Point);
    start = end;
  }
  return kept;
}
