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
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.arrivals[i] ?? 0;
    return sum / this.count;
  }

  clear(): void {
    this.next = 0;
    this.count = 0;
  }
}
