import { Cusum } from '../series/cusum.ts';
import { RollingMean } from '../series/rollingMean.ts';
import { RollingMedian } from '../series/rollingMedian.ts';
import { lastingDeviations } from './options.ts';
import type { RiseThresholds } from './options.ts';
import { SerialCorrelation } from './serialCorrelation.ts';

/** Standard deviation of normal noise in units of its median absolute deviation. */
const sigmaPerDeviation = 1.4826;
/** Fewer values are no baseline. */
const fewestValues = 8;
/** Values whose mean logarithm is the present level. */
const levelWindow = 20;
/** Values in a row that tell whether a metric stays high. */
const lastingValues = 5;
/** Correlation of neighbours that hardly any run is without, and the most that is made of it. */
const usualCorrelation = 0.1;
const mostCorrelation = 0.95;

/** A metric that has become this small a share of its highest usual level is measured against that share: to come back from nothing is no rise. */
const leastShareOfHighest = 0.01;

/**
 * Evidence that a positive metric has risen above its own recent baseline: its logarithm, standardised by median and median
 * absolute deviation of a bounded window, winsorised and summed one-sidedly. While there is evidence the baseline is frozen, so
 * that a slow surge does not become its own baseline. A second, stricter sum, which ordinary noise does not reach, tells where
 * the rise began and calls it. Noise that wanders is called later: the more of a deviation is still there in the next value, the less
 * each value says.
 */
export class Rise {
  private readonly baseline: RollingMedian;
  /** Of the logarithm, over the baseline. */
  private median = Number.NaN;
  private sigma = Number.NaN;
  private readonly evidenceSum = new Cusum();
  private readonly strictSum = new Cusum();
  private readonly correlation = new SerialCorrelation();
  private latest = Number.NaN;
  private latestDeviations = 0;
  private readonly lasting = new RollingMean(lastingValues);
  private activeFor = 0;
  /** Of the logarithm: the highest median so far. */
  private highestMedian = Number.NEGATIVE_INFINITY;
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

  /** Whether the last few values were so far above the usual, on average, that no more is needed. */
  get isLasting(): boolean {
    const { independent, wandering } = lastingDeviations;
    const enough = independent * (1 + (wandering - 1) * this.correlation.coefficient);
    return this.active && this.lasting.size === lastingValues && this.lasting.mean >= enough;
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

  /** For how many values in a row the metric has been called risen without rising further. */
  get settledDuration(): number {
    return this.settledFor;
  }

  /** A value at or below 0 has no logarithm: it weighs against a rise and is no part of the baseline. */
  add(step: number, value: number): void {
    const { allowance, cap, suspicion, alarm } = this.thresholds;
    const [least, most] = cap;
    this.latest = value;
    this.latestDeviations = this.known ? this.deviationsOf(value) : 0;
    const bounded = Math.min(most, Math.max(least, this.latestDeviations));
    this.lasting.push(bounded);
    const enough = alarm * this.slowness;
    this.evidenceSum.add(step, bounded - allowance, 4 * suspicion);
    this.strictSum.add(step, bounded - 2 * allowance, 2 * enough);
    this.activeFor = this.strictSum.sum >= enough ? this.activeFor + 1 : 0;
    const isUsual = this.evidenceSum.sum < suspicion;
    if (this.known && isUsual) this.correlation.add(bounded);
    else this.correlation.interrupt();
    if (value <= 0) return;
    this.level.push(Math.log(value));
    this.followLevel();
    if (isUsual) this.learn(Math.log(value));
  }

  /** Forgets the evidence, not the baseline. */
  calm(): void {
    this.evidenceSum.clear();
    this.strictSum.clear();
    this.latestDeviations = 0;
    this.lasting.clear();
    this.activeFor = 0;
    this.settledFor = 0;
  }

  /** Forgets the baseline too: what comes next is the new usual. */
  adopt(): void {
    this.calm();
    this.baseline.clear();
  }

  /** How many times the evidence that independent values need. */
  private get slowness(): number {
    const { coefficient } = this.correlation;
    const correlation = Math.min(mostCorrelation, Math.max(0, coefficient - usualCorrelation));
    return 1 + this.thresholds.wandering * ((1 + correlation) / (1 - correlation) - 1);
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
    if (this.known) this.highestMedian = Math.max(this.highestMedian, this.median);
    // A short window is a poor estimate of the spread; the last factor allows for that until it has filled a little.
    this.sigma = Math.max(this.thresholds.floor, sigmaPerDeviation * this.baseline.medianDeviation) * (1 + 6 / this.baseline.size);
  }

  private deviationsOf(value: number): number {
    if (value <= 0) return this.thresholds.cap[0];
    const usual = Math.max(this.median, this.highestMedian + Math.log(leastShareOfHighest));
    return (Math.log(value) - usual) / this.sigma;
  }
}
