import { Cusum } from '../series/cusum.ts';
import { RollingMean } from '../series/rollingMean.ts';
import { RollingMedian } from '../series/rollingMedian.ts';
import type { RiseThresholds } from './options.ts';

/** Standard deviation of normal noise in units of its median absolute deviation. */
const sigmaPerDeviation = 1.4826;
/** Fewer values are no baseline. */
const fewestValues = 8;
/** Values whose mean logarithm is the present level. */
const levelWindow = 20;

/**
 * Evidence that a positive metric has risen above its own recent baseline: its logarithm, standardised by median and median
 * absolute deviation of a bounded window, winsorised and summed one-sidedly. While there is evidence the baseline is frozen, so
 * that a slow surge does not become its own baseline. A second, stricter sum, which ordinary noise does not reach, tells where
 * the rise began and when it is beyond doubt.
 */
export class Rise {
  private readonly baseline: RollingMedian;
  /** Of the logarithm, over the baseline. */
  private median = Number.NaN;
  private sigma = Number.NaN;
  private readonly evidenceSum = new Cusum();
  private readonly strictSum = new Cusum();
  private latest = Number.NaN;
  private latestDeviations = 0;
  private activeFor = 0;
  private severeFor = 0;
  /** Present level, the highest level of the rise so far, both in log space, and for how many values it has not been surpassed. */
  private readonly level = new RollingMean(levelWindow);
  private highest = Number.NEGATIVE_INFINITY;
  private settledFor = 0;

  constructor(private readonly thresholds: RiseThresholds) {
    this.baseline = new RollingMedian(thresholds.window);
  }

  /** The latest value; NaN before the first. */
  get value(): number {
    return this.latest;
  }

  /** What the metric usually is, in its own unit; NaN before there is a baseline. */
  get usual(): number {
    return this.known ? Math.exp(this.median) : Number.NaN;
  }

  /** Standard deviations, in log space, from the usual to the latest value; 0 before there is a baseline. */
  get deviations(): number {
    return this.latestDeviations;
  }

  /** Standard deviations, summed. */
  get evidence(): number {
    return this.evidenceSum.sum;
  }

  /** Step at which the rise began; null while there is no evidence. */
  get startedAt(): number | null {
    return this.strictSum.startedAt ?? this.evidenceSum.startedAt;
  }

  /** For how many values in a row the metric has been called risen; 0: it is not. */
  get duration(): number {
    return this.activeFor;
  }

  get active(): boolean {
    return this.activeFor > 0;
  }

  /** For how many values in a row the stricter sum has called it. */
  get severeDuration(): number {
    return this.severeFor;
  }

  /** For how many values in a row the metric has been called risen without rising further. */
  get settledDuration(): number {
    return this.settledFor;
  }

  /** A value at or below 0 has no logarithm: it weighs against a rise and is no part of the baseline. */
  add(step: number, value: number): void {
    const { allowance, cap, alarm } = this.thresholds;
    const [least, most] = cap;
    this.latest = value;
    this.latestDeviations = this.known ? this.deviationsOf(value) : 0;
    const bounded = Math.min(most, Math.max(least, this.latestDeviations));
    this.evidenceSum.add(step, bounded - allowance, 2 * alarm);
    this.strictSum.add(step, bounded - 2 * allowance, 2 * alarm);
    this.activeFor = this.evidenceSum.sum >= alarm ? this.activeFor + 1 : 0;
    this.severeFor = this.strictSum.sum >= alarm ? this.severeFor + 1 : 0;
    if (value <= 0) return;
    this.level.push(Math.log(value));
    this.followLevel();
    if (this.evidenceSum.sum < alarm / 2) this.learn(Math.log(value));
  }

  /** Forgets the evidence, not the baseline. */
  calm(): void {
    this.evidenceSum.clear();
    this.strictSum.clear();
    this.latestDeviations = 0;
    this.activeFor = 0;
    this.severeFor = 0;
    this.settledFor = 0;
  }

  /** Forgets the baseline too: what comes next is the new usual. */
  adopt(): void {
    this.calm();
    this.baseline.clear();
  }

  private followLevel(): void {
    const level = this.level.mean;
    const climbed = level > this.highest + this.thresholds.floor;
    if (!this.active || climbed) this.highest = level;
    this.settledFor = this.active && !climbed ? this.settledFor + 1 : 0;
  }

  private get known(): boolean {
    return this.baseline.size >= fewestValues;
  }

  private learn(logarithm: number): void {
    this.baseline.push(logarithm);
    this.median = this.baseline.median;
    // A short window is a poor estimate of the spread; the last factor allows for that until it has filled a little.
    this.sigma = Math.max(this.thresholds.floor, sigmaPerDeviation * this.baseline.medianDeviation) * (1 + 6 / this.baseline.size);
  }

  private deviationsOf(value: number): number {
    return value > 0 ? (Math.log(value) - this.median) / this.sigma : this.thresholds.cap[0];
  }
}
