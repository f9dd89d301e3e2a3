import { Cusum } from '../series/cusum.ts';
import { RollingMean } from '../series/rollingMean.ts';
import type { DeclineThresholds } from './options.ts';
import { Scatter } from './scatter.ts';

/** Fewer values are no level. */
const fewestValues = 8;
/** How many values the level is of that a reader is told. */
const recentValues = 8;
/** Standard deviations below the best level, and the share of a fall that the deepest of them may be. */
const startDepths = [1, 2, 4, 8];
const startShare = 0.5;
/** A score that stands for so many values is a rare one. */
const rareWeight = 1.5;
/** How many terms of the sum are looked at, and from how many on; up to which share of an alarm nothing has happened. */
const termWindow = 100;
const fewestTerms = 20;
const usualShare = 0.1;

/**
 * Evidence that the score has lost what it had. Nothing is known of its scale: neither which score is worthless nor which is perfect. So
 * everything is counted in its own noise, and judged by two levels, the first and the best one: a score has fallen when it has lost most
 * of what it had gained, and more than noise makes of none. Rewards that are scaled or shifted give the same evidence.
 */
export class Decline {
  private readonly window: RollingMean;
  private readonly recent = new RollingMean(recentValues);
  private readonly scatter = new Scatter();
  private readonly fall = new Cusum();
  /** How long the score has been so far below its best level, for several depths: where a fall began depends on how deep it is. */
  private readonly starts = startDepths.map((depth) => ({ depth, sum: new Cusum() }));
  private first = { sum: 0, count: 0 };
  /** What scores have added to the evidence lately, before there was any. */
  private readonly terms = new RollingMean(termWindow);
  private best = Number.NaN;
  private levelValues = Number.NaN;
  /** Of the latest value. */
  private weight = 1;

  constructor(private readonly thresholds: DeclineThresholds) {
    this.window = new RollingMean(thresholds.window);
  }

  /** Highest mean of a window so far; NaN before there is one. */
  get bestLevel(): number {
    return this.best;
  }

  /** Mean of the first window, before it had fallen; NaN before there is a value. */
  get firstLevel(): number {
    return this.first.sum / this.first.count;
  }

  /** Mean of the last few values. */
  get currentLevel(): number {
    return this.recent.mean;
  }

  /** How many values that mean is of. */
  get currentCount(): number {
    return this.recent.size;
  }

  /** Standard deviations by which the score is too low, summed. */
  get evidence(): number {
    return this.fall.sum;
  }

  /** Whether that is enough for a warning. */
  get isFalling(): boolean {
    return this.evidence >= this.thresholds.supported;
  }

  /** Whether that is enough for a collapse; `isSupported`: other metrics speak for one. */
  isFallen(isSupported: boolean): boolean {
    const { alone, supported, rarely } = this.thresholds;
    if (!isSupported) return this.evidence >= alone;
    return this.evidence >= supported * (this.weight >= rareWeight ? rarely : 1);
  }

  /** The step at which the score left its good level; null while it is there. */
  get startedAt(): number | null {
    const fallen = (this.best - this.recent.mean) / this.noise;
    const [shallowest, ...deeper] = this.starts;
    const fitting = deeper.findLast(({ depth, sum }) => depth <= startShare * fallen && sum.startedAt !== null) ?? shallowest;
    return fitting?.sum.startedAt ?? null;
  }

  /** The level below which a score is evidence of a collapse. */
  get bound(): number {
    return this.best - this.depth * this.noise;
  }

  /** Whether the present level is clearly above that. */
  get isBack(): boolean {
    return this.recent.mean >= this.best - this.thresholds.recoveredDepth * this.depth * this.noise;
  }

  /** `weight`: how many values this one stands for, where scores are logged more rarely than the rest. */
  add(step: number, value: number, weight = 1): void {
    const { window, cap, alone } = this.thresholds;
    if (this.fall.sum < alone / 2) this.scatter.add(value);
    else this.scatter.interrupt();
    // Where scores are rare, a level of as many of them would lie too far back.
    const values = Math.max(fewestValues, Math.round(window / weight));
    if (this.first.count < values && this.fall.sum === 0) this.first = { sum: this.first.sum + value, count: this.first.count + 1 };
    this.window.push(value);
    this.recent.push(value);
    if (this.window.size < Math.max(3, Math.round(fewestValues / weight))) return;
    const level = this.window.meanOfLast(values);
    if (!(level <= this.best)) this.best = level;
    this.levelValues = values;
    this.weight = weight;
    const { noise, depth } = this;
    const lost = noise > 0 ? (this.best - value) / noise : 0;
    const [least, most] = cap;
    const clamped = (deviations: number): number => Math.min(most, Math.max(least, deviations));
    const term = clamped(lost - depth);
    this.fall.add(step, weight * (term - this.bias), 2 * alone);
    if (this.fall.sum < usualShare * alone) this.terms.push(term);
    for (const start of this.starts) start.sum.add(step, weight * clamped(lost - start.depth), 2 * alone);
  }

  /** Forgets the latest values and what they are evidence of, not the levels. */
  clear(): void {
    this.fall.clear();
    for (const { sum } of this.starts) sum.clear();
    this.window.clear();
    this.recent.clear();
    this.scatter.interrupt();
  }

  /**
   * What is taken off each term. Where a score is mostly at its least and only now and then above it, the best level is a matter of luck,
   * and most scores are far below it without any fall.
   */
  private get bias(): number {
    return this.terms.size < fewestTerms ? 0 : Math.max(0, this.terms.mean + this.thresholds.slack);
  }

  private get noise(): number {
    // Sums of equal numbers may differ by their rounding.
    return Math.max(this.scatter.deviation, Number.EPSILON * 64 * Math.abs(this.best));
  }

  /** How far below the best level, in standard deviations of the noise, a score is evidence of a collapse. */
  private get depth(): number {
    const { allowance, levelErrors, gainShare } = this.thresholds;
    const gained = (this.best - this.firstLevel) / this.noise;
    return allowance + levelErrors / Math.sqrt(this.levelValues) + gainShare * Math.max(0, gained);
  }
}
