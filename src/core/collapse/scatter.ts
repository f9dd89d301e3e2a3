import { RollingMean } from '../series/rollingMean.ts';

/** How many changes make the present noise. */
const window = 64;

/** A change counts at most so many times the usual square: one value that is far out says little of the noise. Not among the first few. */
const mostTimes = 16;
const fewestKnown = 8;

/**
 * Standard deviation of the noise of a series that has a trend: half the mean square of the changes from value to value is the variance
 * of independent noise, whatever the trend (J. von Neumann, Distribution of the ratio of the mean square successive difference to the
 * variance, 1941). Noise that has become less, as where a score has reached its limit, counts as what it was on average.
 */
export class Scatter {
  private readonly recent = new RollingMean(window);
  private readonly all = { sum: 0, count: 0 };
  private previous = Number.NaN;

  /** 0 before there are two values. */
  get deviation(): number {
    const { size } = this.recent;
    if (size === 0) return 0;
    // A few changes are a poor estimate; the last factor allows for that.
    return Math.sqrt(Math.max(this.recent.mean, this.all.sum / this.all.count) / 2) * (1 + 3 / size);
  }

  add(value: number): void {
    if (!Number.isNaN(this.previous)) {
      const { count, sum } = this.all;
      const most = count < fewestKnown ? Infinity : mostTimes * Math.max(this.recent.mean, sum / count);
      const squared = Math.min((value - this.previous) ** 2, most > 0 ? most : Infinity);
      this.recent.push(squared);
      this.all.sum += squared;
      this.all.count += 1;
    }
    this.previous = value;
  }

  /** The next value does not follow on the last one. */
  interrupt(): void {
    this.previous = Number.NaN;
  }
}
