import { Cusum } from '../series/cusum.ts';
import { RollingMean } from '../series/rollingMean.ts';
import type { DeclineThresholds } from './options.ts';

const fewestValues = 5;
/** The range that a score must lose is at least this many standard deviations of its noise. */
const leastRange = 4;

/**
 * Evidence that the score has lost what it had gained. The best level is the highest mean of a window so far. A value counts as its
 * share of the way from zero to that level; where scores are negative, zero is the lowest level seen, and where they are hardly
 * above their noise, it lies four standard deviations below the best.
 */
export class Decline {
  private readonly window: RollingMean;
  private readonly recent = new RollingMean(8);
  private readonly squaredChanges = new RollingMean(64);
  private readonly cusum = new Cusum();
  private readonly onset = new Cusum();
  private best = Number.NaN;
  private lowest = 0;
  private previous = Number.NaN;

  constructor(private readonly thresholds: DeclineThresholds) {
    this.window = new RollingMean(thresholds.window);
  }

  /** Highest mean of a window so far; NaN before there is one. */
  get bestLevel(): number {
    return this.best;
  }

  /** Mean of the last 8 values. */
  get currentLevel(): number {
    return this.recent.mean;
  }

  /** The current level's share of the best: 1 at the best, 0 when all is lost. */
  get share(): number {
    return this.shareOf(this.recent.mean);
  }

  get evidence(): number {
    return this.cusum.sum;
  }

  /** The step at which the score left its good level; null while it is there. */
  get startedAt(): number | null {
    return this.onset.startedAt;
  }

  add(step: number, value: number): void {
    const { share, onsetShare, alone } = this.thresholds;
    if (!Number.isNaN(this.previous) && this.cusum.sum === 0) this.squaredChanges.push((value - this.previous) ** 2);
    this.previous = value;
    this.window.push(value);
    this.recent.push(value);
    if (this.window.size < fewestValues) return;
    const level = this.window.mean;
    if (!(level <= this.best)) this.best = level;
    if (this.cusum.sum === 0) this.lowest = Math.min(this.lowest, level);
    const bounded = Math.min(1.25, Math.max(-0.25, this.shareOf(value)));
    if (Number.isNaN(bounded)) return;
    this.cusum.add(step, share - bounded);
    this.cusum.limit(2 * alone);
    this.onset.add(step, onsetShare - bounded);
    this.onset.limit(4 * alone);
  }

  clear(): void {
    this.cusum.clear();
    this.onset.clear();
  }

  private shareOf(value: number): number {
    // Half the mean square of differences of neighbours is the variance of independent noise, whatever the trend.
    const sigma = Math.sqrt(this.squaredChanges.mean / 2);
    const range = Math.max(this.best - this.lowest, leastRange * sigma);
    return (value - this.best) / range + 1;
  }
}
