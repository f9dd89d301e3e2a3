import { Cusum } from '../series/cusum.ts';
import { RollingMean } from '../series/rollingMean.ts';
import type { DeclineThresholds } from './options.ts';

/** Fewer values are no level. */
const fewestValues = 5;
/** The range that a score can lose is at least this many standard deviations of its noise. */
const leastRange = 4;
/** A best level of fewer standard deviations of the noise is none: a score that is hardly ever more than worthless has nothing to lose. */
const leastGain = 2;
/** What sums of equal numbers may differ by, relative to them. */
const rounding = 1e-9;
/** How many values make an estimate of the noise. */
const noiseWindow = 64;

/**
 * Evidence that the score has lost what it had gained. The best level is the highest mean of a window so far; a value counts by its
 * share of the way from a worthless score to that level. How far a score is below a share of the best is summed one-sidedly.
 */
export class Decline {
  private readonly window: RollingMean;
  private readonly recent = new RollingMean(8);
  private readonly squaredChanges = new RollingMean(noiseWindow);
  /** Highest mean of a whole window of these: a score that has come to stay at 0 has no noise, but what it fell from had. */
  private noisiest = 0;
  private readonly cusum = new Cusum();
  private readonly onset = new Cusum();
  private best = Number.NaN;
  /** Extremes of single values while the score was good. */
  private lowest = 0;
  private highest = 0;
  private previous = Number.NaN;

  constructor(private readonly thresholds: DeclineThresholds) {
    this.window = new RollingMean(thresholds.window);
  }

  /** Highest mean of a window so far; NaN before there is one. */
  get bestLevel(): number {
    return this.best;
  }

  /** Mean of the last few values. */
  get currentLevel(): number {
    return this.recent.mean;
  }

  /** How many values that mean is of. */
  get currentCount(): number {
    return this.recent.size;
  }

  /** The current level's share of the best: 1 at the best, 0 when all is lost. */
  get share(): number {
    return this.shareOf(this.recent.mean);
  }

  /** The level at which a score has so much of the best left. */
  levelAt(share: number): number {
    return this.best + (share - 1) * this.range;
  }

  /** Whether shares are what they are called: 0 is worth nothing, the best level is above it and well above the noise. */
  get isProportional(): boolean {
    return this.zero === 0 && this.best > 0 && this.range === this.best;
  }

  /** Best levels lost, summed. */
  get evidence(): number {
    return this.cusum.sum;
  }

  /** Whether the level of a whole window is under half of the best: a collapse by definition, however it came about. */
  get halved(): boolean {
    return this.window.size === this.thresholds.window && this.shareOf(this.window.mean) < 0.5;
  }

  /** The step since which the score has been too low; null while there is no evidence. */
  get lowSince(): number | null {
    return this.cusum.startedAt;
  }

  /** The step at which the score left its good level; null while it is there. */
  get startedAt(): number | null {
    return this.onset.startedAt;
  }

  /** `weight`: how many values this one stands for, where scores are logged more rarely than the rest. */
  add(step: number, value: number, weight = 1): void {
    const { share, onsetShare, alone } = this.thresholds;
    if (!Number.isNaN(this.previous) && this.cusum.sum === 0) {
      this.squaredChanges.push((value - this.previous) ** 2);
      if (this.squaredChanges.size === noiseWindow) this.noisiest = Math.max(this.noisiest, this.squaredChanges.mean);
    }
    if (this.cusum.sum === 0) {
      this.lowest = Math.min(this.lowest, value);
      this.highest = Math.max(this.highest, value);
    }
    this.previous = value;
    this.window.push(value);
    this.recent.push(value);
    if (this.window.size < fewestValues) return;
    const level = this.window.mean;
    if (!(level <= this.best)) this.best = level;
    const bounded = Math.min(1.25, Math.max(-0.25, this.shareOf(value)));
    if (Number.isNaN(bounded)) return;
    this.cusum.add(step, weight * (share - bounded), 2 * alone);
    this.onset.add(step, weight * (onsetShare - bounded), 4 * alone);
  }

  /** Forgets the latest values and what they are evidence of, not the best level. */
  clear(): void {
    this.cusum.clear();
    this.onset.clear();
    this.window.clear();
    this.recent.clear();
    this.previous = Number.NaN;
  }

  /**
   * The score that is worth nothing. Rewards of both signs, such as ±1, are taken to be symmetric; some noise below 0 does not make
   * a reward one of these.
   */
  private get zero(): number {
    return this.lowest < -this.highest / 4 ? Math.min(this.lowest, -this.highest) : this.lowest;
  }

  /** What the score can lose. */
  private get range(): number {
    // Half the mean square of differences of neighbours is the variance of independent noise, whatever the trend.
    const sigma = Math.sqrt(this.squaredChanges.mean / 2);
    return Math.max(this.best - this.zero, leastRange * sigma);
  }

  private shareOf(value: number): number {
    const gained = this.best - this.zero;
    if (gained < leastGain * Math.sqrt(this.noisiest / 2)) return 1;
    // A score that is always the same negative number has gained what rounding makes of that.
    if (gained <= rounding * Math.abs(this.best)) return 1;
    return (value - this.best) / this.range + 1;
  }
}
