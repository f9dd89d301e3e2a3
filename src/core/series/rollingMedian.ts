/**
 * Median, spread and quantiles of the last `capacity` numbers, exactly. A ring holds them in order of arrival, a sorted array in
 * order of size: O(capacity) memory, one insertion (a memmove of a few hundred bytes) a number.
 */
export class RollingMedian {
  private readonly arrivals: Float64Array;
  private readonly sorted: Float64Array;
  private next = 0;
  private count = 0;

  /** `capacity`: how many numbers are kept, at least 1. */
  constructor(capacity: number) {
    this.arrivals = new Float64Array(capacity);
    this.sorted = new Float64Array(capacity);
  }

  /** How many numbers are kept now. */
  get size(): number {
    return this.count;
  }

  /** Adds a finite number; the oldest leaves when the window is full. */
  push(value: number): void {
    if (this.count === this.arrivals.length) this.remove(this.arrivals[this.next] ?? 0);
    this.arrivals[this.next] = value;
    this.next = (this.next + 1) % this.arrivals.length;
    const at = this.lowerBound(value);
    this.sorted.copyWithin(at + 1, at, this.count);
    this.sorted[at] = value;
    this.count += 1;
  }

  /** The number below which a share `q` (0 … 1) of the window lies, interpolated; NaN when empty. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    const position = q * (this.count - 1);
    const below = Math.floor(position);
    const lower = this.sorted[below] ?? Number.NaN;
    const upper = this.sorted[Math.min(below + 1, this.count - 1)] ?? Number.NaN;
    return lower + (upper - lower) * (position - below);
  }

  get median(): number {
    return this.quantile(0.5);
  }

  get max(): number {
    return this.quantile(1);
  }

  /**
   * Median absolute deviation from the median, the lower of the two middle ones; NaN when empty. Walks outwards from the median,
   * so that the deviations come in order of size without being sorted.
   */
  get medianDeviation(): number {
    const median = this.median;
    let right = this.lowerBound(median);
    let left = right - 1;
    let deviation = Number.NaN;
    for (let taken = 0; taken < (this.count + 1) >> 1; taken++) {
      const below = left >= 0 ? median - (this.sorted[left] ?? 0) : Infinity;
      const above = right < this.count ? (this.sorted[right] ?? 0) - median : Infinity;
      deviation = Math.min(below, above);
      if (below <= above) left -= 1;
      else right += 1;
    }
    return deviation;
  }

  clear(): void {
    this.count = 0;
    this.next = 0;
  }

  private remove(value: number): void {
    const at = this.lowerBound(value);
    this.sorted.copyWithin(at, at + 1, this.count);
    this.count -= 1;
  }

  /** Index of the first sorted number that is not below `value`. */
  private lowerBound(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
