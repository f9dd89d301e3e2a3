/**
 * Exponential moving average without the bias of its start, as TensorBoard draws it (`resmoothDataset` of
 * tensorboard/components/vz_line_chart2/line-chart.ts): what the average has seen so far is weighted as if it were everything, so that
 * it begins at the first value and not near 0. Values that are not finite are passed through and leave the average as it was.
 */
export class MovingAverage {
  readonly #weight: number;
  /** The average as it would be had it begun at 0. */
  #biased = 0;
  /** Share of `biased` that does not come from that 0. */
  #seen = 0;

  /** `weight`: share of the past, 0 (no smoothing) to 1 (exclusive). */
  constructor(weight: number) {
    this.#weight = weight;
  }

  next(value: number): number {
    if (!Number.isFinite(value)) return value;
    this.#biased = this.#weight * this.#biased + (1 - this.#weight) * value;
    this.#seen = this.#weight * this.#seen + (1 - this.#weight);
    return this.#biased / this.#seen;
  }

  /** Goes back to where it had taken `count` finite values and answered `last`. */
  rewind(count: number, last: number): void {
    this.#seen = 1 - this.#weight ** count;
    this.#biased = count === 0 ? 0 : last * this.#seen;
  }
}
