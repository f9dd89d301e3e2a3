import { median } from '../statistics/quantiles.ts';
import { GrowingArray } from './growingArray.ts';
import { Pyramid } from './pyramid.ts';
import { lowerBound } from './search.ts';

export interface CurveKind {
  /** On a log axis: values are decimal logarithms; zeros are kept apart, and negative ones are left out. */
  readonly log: boolean;
}

/**
 * What a chart draws of a column: the points that were logged, in the space of the axis, with the pyramid that answers for any stretch
 * of them. So a line is smoothed by the logarithms of its values on a log axis: one norm of 10⁶ among ones would lift an average of norms
 * above 10 for more than a hundred steps, and no other value could be read from the line meanwhile; on the axis that the eye sees it is a
 * bump of six decades.
 */
export class Curve {
  readonly #kind: CurveKind;
  readonly #isThinned: boolean;
  readonly #rows = GrowingArray.indices();
  readonly #values = GrowingArray.floats();
  readonly #zeros = GrowingArray.indices();
  /** Points that are not finite, ascending; there are few. */
  readonly #infinite: number[] = [];
  readonly pyramid = new Pyramid();
  /** Rows of the column that are taken in. */
  #followed = 0;
  #usualGap: { readonly length: number; readonly gap: number } | null = null;

  /** `isThinned`: the column has some of a run's rows only, at uneven distances. */
  constructor(kind: CurveKind, isThinned = false) {
    this.#kind = kind;
    this.#isThinned = isThinned;
  }

  /** Number of points. */
  get length(): number {
    return this.#values.length;
  }

  /** Whether every row is a point, so that a point's number is its row's, and need not be looked up. */
  get isComplete(): boolean {
    return this.#values.length === this.#followed;
  }

  /** Row of each point. */
  get rows(): Uint32Array {
    return this.#rows.values;
  }

  /** Value of each point in the space of the axis; may be infinite. */
  get values(): Float64Array {
    return this.#values.values;
  }

  /** Rows at which a log axis has no place for a value, because it is 0; ascending. */
  get zeros(): Uint32Array {
    return this.#zeros.values;
  }

  /** Points whose value is not finite; ascending. */
  get infinite(): readonly number[] {
    return this.#infinite;
  }

  /**
   * Median distance of neighbouring values, zeros among them, in steps; of 256 evenly chosen ones where there are more. Of a thinned
   * column, the widest.
   */
  usualGap(steps: Float64Array): number {
    const length = this.length + this.zeros.length;
    if (this.#usualGap?.length === length) return this.#usualGap.gap;
    const [most, fewer] = this.rows.length < this.zeros.length ? [this.zeros, this.rows] : [this.rows, this.zeros];
    const gaps: number[] = [];
    for (let index = 1, stride = this.#isThinned ? 1 : samplingStride(most.length, 256); index < most.length; index += stride) {
      const row = most[index] as number;
      const before = Math.max(most[index - 1] as number, fewer[lowerBound(fewer, row) - 1] ?? 0);
      gaps.push((steps[row] as number) - (steps[before] as number));
    }
    const gap = gaps.length === 0 ? 1 : this.#isThinned ? gaps.reduce((widest, each) => Math.max(widest, each)) : median(gaps);
    this.#usualGap = { length, gap };
    return gap;
  }

  /** First point whose x is not less than `wanted`; their number where there is none. Gallops from `guess`, near which it often is. */
  pointAt(x: Float64Array, wanted: number, guess = 0): number {
    const { rows, length } = this;
    const every = this.isComplete;
    let low = Math.min(guess, length);
    let high = low;
    if (low < length && (x[every ? low : (rows[low] as number)] as number) < wanted) {
      low++;
      let stride = 1;
      for (; low + stride <= length; stride *= 2) {
        const probe = low + stride - 1;
        if ((x[every ? probe : (rows[probe] as number)] as number) >= wanted) break;
        low = probe + 1;
      }
      high = Math.min(length, low + stride - 1);
    } else {
      let stride = 1;
      for (; high - stride >= 0; stride *= 2) {
        const probe = high - stride;
        if ((x[every ? probe : (rows[probe] as number)] as number) < wanted) break;
        high = probe;
      }
      low = Math.max(0, high - stride + 1);
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((x[every ? middle : (rows[middle] as number)] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** First point whose x is greater than `wanted`. */
  pointAfter(x: Float64Array, wanted: number, guess = 0): number {
    let point = this.pointAt(x, wanted, guess);
    while (point < this.length && (x[this.rows[point] as number] as number) <= wanted) point++;
    return point;
  }

  /** First of `zeros` whose x is not less than `wanted`, as an index into them; their number where there is none. */
  zeroAt(x: Float64Array, wanted: number): number {
    return lowerBound(this.zeros, lowerBound(x, wanted));
  }

  /** Whether there are zeros between a point and the one before. */
  hasZeroBefore(point: number): boolean {
    const after = this.#rows.values[point - 1] as number;
    return (this.zeros[lowerBound(this.zeros, after + 1)] ?? Infinity) < (this.#rows.values[point] as number);
  }

  /** Takes in the rows that are new. */
  follow(column: Float64Array): void {
    if (this.#followed === column.length) return;
    const { log } = this.#kind;
    let point = this.length;
    const most = point + column.length - this.#followed;
    const rows = this.#rows.extend(most);
    const values = this.#values.extend(most);
    const zeros: number[] = [];
    for (let row = this.#followed; row < column.length; row++) {
      const value = column[row] as number;
      if (log && value === 0) zeros.push(row);
      if (Number.isNaN(value) || (log && value <= 0)) continue;
      const scaled = log ? Math.log10(value) : value;
      if (!Number.isFinite(scaled)) this.#infinite.push(point);
      rows[point] = row;
      values[point++] = scaled;
    }
    this.#rows.truncate(point);
    this.#values.truncate(point);
    this.#zeros.append(zeros);
    this.#followed = column.length;
    this.pyramid.extend(this.values);
  }

  /** Forgets the rows from `row` on. */
  truncate(row: number): void {
    if (row >= this.#followed) return;
    this.#followed = row;
    this.#usualGap = null;
    let length = this.length;
    while (length > 0 && (this.rows[length - 1] as number) >= row) length--;
    this.#rows.truncate(length);
    this.#values.truncate(length);
    this.#zeros.truncate(lowerBound(this.zeros, row));
    this.pyramid.truncate(length);
    while ((this.#infinite.at(-1) ?? -1) >= length) this.#infinite.pop();
  }
}

/** Distance of at most `most` samples of so many values: a power of two, so that a few more values do not choose others. */
export function samplingStride(length: number, most: number): number {
  return length <= most ? 1 : 2 ** Math.ceil(Math.log2(length / most));
}
