import type { AlarmRule } from '../labelledRun.ts';
import { alarmRule } from './reading.ts';
import type { Reading } from './reading.ts';

const numbers = {
  /** Chance that the level changes at a step. */
  hazard: 1 / 1000,
  /** A change within so many readings is a recent one. */
  recent: 20,
  /** Posterior of a recent change at which there is an alarm. */
  alarm: 0.9,
  /** Readings that the prior is taken from. */
  first: 20,
  /** How many values the prior of a level's mean is worth: next to nothing, so that a new level may be anywhere; and half as many of its noise. */
  meanWorth: 0.01,
  noiseWorth: 1,
  /** Least variance of the noise: a score that is the same all along has none. */
  leastVariance: 1e-4,
  /** Hypotheses that are less likely than this are given up. */
  leastShare: 1e-4,
} as const;

/**
 * Bayesian online change-point detection: the posterior of how long the norm and the score have been at their present levels, each with
 * normal noise of unknown mean and variance, both changing at the same steps. Tried because nobody seems to have for this purpose.
 * Alarms where a change within the last 20 readings has a posterior over 0.9, and the norm is higher or the score lower than before, by
 * more than its scatter.
 */
export const changePointPosterior: AlarmRule = alarmRule(
  'change-point posterior',
  'Adams and MacKay, arXiv 0710.3742, normal-inverse-gamma model, on logarithm of the norm and score together; numbers ours: a change every 1,000 steps',
  () => {
    const posterior = new RunLengths();
    return (reading) => posterior.observe(reading);
  },
);

/** What is known of a level under one hypothesis: how many values it has had, their mean, and their squares about it, summed. */
export interface Level {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

const noLevel: Level = { count: 0, mean: 0, squares: 0 };

/** The levels have been the same for `length` readings. */
interface Hypothesis {
  readonly length: number;
  readonly share: number;
  readonly norm: Level;
  readonly score: Level;
}

/** The posterior over how long the present levels have lasted. */
export class RunLengths {
  private hypotheses: readonly Hypothesis[] = [{ length: 0, share: 1, norm: noLevel, score: noLevel }];
  private readonly norm = new LevelModel();
  private readonly score = new LevelModel();
  private readings = 0;
  /** The likeliest hypothesis at the last reading at which a recent change was unlikely. */
  private before: Hypothesis | undefined;

  /** Posterior probability that the present levels have lasted for fewer readings than this. */
  shareShorterThan(length: number): number {
    return this.hypotheses.reduce((sum, hypothesis) => sum + (hypothesis.length < length ? hypothesis.share : 0), 0);
  }

  /** Takes in a reading; returns whether there is an alarm. A norm of 0 has no logarithm and counts as not logged. */
  observe(reading: Reading): boolean {
    const norm = reading.norm > 0 ? Math.log(reading.norm) : undefined;
    const { score } = reading;
    this.readings += 1;
    if (this.readings <= numbers.first) {
      this.norm.learn(norm);
      this.score.learn(score);
      return false;
    }
    this.weigh(norm, score);
    const isRecent = this.shareShorterThan(numbers.recent);
    const now = this.hypotheses.reduce((best, next) => (next.share > best.share ? next : best));
    if (isRecent <= 0.5) this.before = now;
    if (isRecent <= numbers.alarm || this.before === undefined) return false;
    return hasMoved(this.before.norm, now.norm, 1) || hasMoved(this.before.score, now.score, -1);
  }

  private weigh(norm: number | undefined, score: number | undefined): void {
    const grown = this.hypotheses.map((hypothesis) => ({
      length: hypothesis.length + 1,
      share: hypothesis.share * this.norm.likelihood(hypothesis.norm, norm) * this.score.likelihood(hypothesis.score, score),
      norm: withValue(hypothesis.norm, norm),
      score: withValue(hypothesis.score, score),
    }));
    const total = grown.reduce((sum, { share }) => sum + share, 0);
    const kept = grown
      .map((hypothesis) => ({ ...hypothesis, share: ((1 - numbers.hazard) * hypothesis.share) / total }))
      .filter(({ share }) => share >= numbers.leastShare);
    const sum = numbers.hazard + kept.reduce((all, { share }) => all + share, 0);
    const changed: Hypothesis = { length: 0, share: numbers.hazard, norm: noLevel, score: noLevel };
    this.hypotheses = [changed, ...kept].map((hypothesis) => ({ ...hypothesis, share: hypothesis.share / sum }));
  }
}

function withValue(level: Level, value: number | undefined): Level {
  if (value === undefined) return level;
  const count = level.count + 1;
  const mean = level.mean + (value - level.mean) / count;
  return { count, mean, squares: level.squares + (value - level.mean) * (value - mean) };
}

/** Whether a level is further up (1) or down (−1) than the scatter of the one before it. */
function hasMoved(before: Level, now: Level, direction: 1 | -1): boolean {
  return before.count > 0 && now.count > 0 && direction * (now.mean - before.mean) > Math.sqrt(before.squares / before.count);
}

/** Normal noise about a level, both unknown: a normal-inverse-gamma prior taken from the first values, and what follows from it. */
export class LevelModel {
  private first: Level = noLevel;
  private previous = Number.NaN;
  private differences: Level = noLevel;
  /** Γ(α + ½) ∕ Γ(α) for α = 1, 3∕2, 2 …, by how many values a level has had. */
  private readonly gammaRatios = [Math.sqrt(Math.PI) / 2, 2 / Math.sqrt(Math.PI)];

  learn(value: number | undefined): void {
    if (value === undefined) return;
    this.first = withValue(this.first, value);
    if (!Number.isNaN(this.previous)) this.differences = withValue(this.differences, (value - this.previous) ** 2);
    this.previous = value;
  }

  /** Predictive density of a value under a level: Student's t. No value: 1, it tells nothing. */
  likelihood({ count, mean, squares }: Level, value: number | undefined): number {
    if (value === undefined) return 1;
    const { meanWorth, noiseWorth, leastVariance } = numbers;
    const worth = meanWorth + count;
    const alpha = noiseWorth + count / 2;
    // Half the mean square of differences of neighbours is the variance of independent noise, whatever the trend.
    const variance = Math.max(leastVariance, this.differences.mean / 2);
    const beta = noiseWorth * variance + squares / 2 + (meanWorth * count * (mean - this.first.mean) ** 2) / (2 * worth);
    const centre = (meanWorth * this.first.mean + count * mean) / worth;
    const spread = (2 * beta * (worth + 1)) / worth;
    const density = this.gammaRatio(count) / Math.sqrt(Math.PI * spread) / (1 + (value - centre) ** 2 / spread) ** (alpha + 0.5);
    return Math.max(density, Number.MIN_VALUE);
  }

  private gammaRatio(count: number): number {
    const { gammaRatios } = this;
    for (let n = gammaRatios.length; n <= count; n++) {
      const alpha = numbers.noiseWorth + (n - 2) / 2;
      gammaRatios[n] = (gammaRatios[n - 2]! * (alpha + 0.5)) / alpha;
    }
    return gammaRatios[count]!;
  }
}
