/** Mean of the last `capacity` numbers. */
export class RollingMean {
  private readonly arrivals: Float64Array;
  private next = 0;
  private count = 0;

  constructor(capacity: number) {
    this.arrivals = new Float64Array(capacity);
  }

  /** How many numbers are kept now. */
  get size(): number {
    return this.count;
  }

  push(value: number): void {
    this.arrivals[this.next] = value;
    this.next = (this.next + 1) % this.arrivals.length;
    this.count = Math.min(this.count + 1, this.arrivals.length);
  }

  /** NaN when empty. Summed afresh each time: a running sum would keep the rounding error of one huge number for ever. */
  get mean(): number {
    return this.meanOfLast(this.count);
  }

  /** Mean of the last few of them. NaN when empty. */
  meanOfLast(most: number): number {
    const count = Math.min(most, this.count);
    let sum = 0;
    for (let i = 1; i <= count; i++) sum += this.last(i);
    if (Number.isFinite(sum) || count === 0) return sum / count;
    // The sum of numbers near the limit has overflowed, unless one of them is infinite.
    let mean = 0;
    for (let i = 1; i <= count; i++) mean += this.last(i) / count;
    return mean;
  }

  private last(back: number): number {
    const { length } = this.arrivals;
    return this.arrivals[(this.next - back + length) % length] ?? 0;
  }

  clear(): void {
    this.next = 0;
    this.count = 0;
  }
}
