/** The average reaches back about so many values. */
const reach = 100;
/** Fewer pairs say nothing. */
const fewest = 20;

/** How much of a value's deviation from the usual is still in the next one: the first autocorrelation of a series around 0. */
export class SerialCorrelation {
  private products = 0;
  private squares = 0;
  private count = 0;
  private previous = Number.NaN;

  /** 0: nothing, or not yet known; towards 1: nearly all. */
  get coefficient(): number {
    if (this.count < fewest || this.squares === 0) return 0;
    return Math.min(1, Math.max(0, this.products / this.squares));
  }

  add(deviation: number): void {
    if (!Number.isNaN(this.previous)) {
      this.count += 1;
      const share = Math.max(1 / reach, 1 / this.count);
      this.products += share * (deviation * this.previous - this.products);
      this.squares += share * (deviation * deviation - this.squares);
    }
    this.previous = deviation;
  }

  /** The next value does not follow on the last one. */
  interrupt(): void {
    this.previous = Number.NaN;
  }
}
