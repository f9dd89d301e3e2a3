import { Decline } from './decline.ts';
import { declineThresholds, memory, patience, riseThresholds, spikeDeviations } from './options.ts';
import type { CollapseDetectorOptions, CollapseKeys } from './options.ts';
import { Fading } from './fading.ts';
import { Plateau } from './plateau.ts';
import { Rise } from './rise.ts';
import { defaultSensitivity, evidenceTimes } from './sensitivity.ts';
import { Sight } from './sight.ts';
import { Silence } from './silence.ts';

/** A metric whose rise confirms what the gradient norm or the score says. */
export interface Witness {
  readonly key: 'entropy' | 'responseLength' | 'clipRatio';
  readonly name: string;
  readonly rise: Rise;
  /** Added before the logarithm is taken, so that a share that is usually 0 has one. */
  readonly offset: number;
}

/** Signs of trouble in the gradient norm that lie close together. */
export interface Surge {
  /** Step of the first sign. */
  readonly start: number;
  /** Highest gradient norm since. */
  readonly peak: number;
}

/** A metric that is no finite number any more. */
export interface Broken {
  readonly metric: 'gradNorm' | 'score';
  readonly value: number;
}

const never = Number.NEGATIVE_INFINITY;
/** Most values that one score can stand for where scores are logged more rarely than the rest. */
const mostWeight = 7;
/** Scores that lie twice as far apart stand for 2 to this power as many values each. */
const weightPower = 0.8;
/** After so many scores a fall need not be told from so few of them, and chance has had more occasions: then each stands more and more for itself alone. */
const manyScores = 80;
/** A score that was there so many times in a row is expected every time: NaN is then no gap in a table. */
const scoresThatMakeARow = 3;

/** What the metrics of a run say at the moment, one statistic each, and what they said lately. */
export class Signs {
  readonly gradNorm: Rise;
  readonly plateau = new Plateau();
  readonly score: Decline;
  readonly witnesses: readonly Witness[] = [
    { key: 'entropy', name: 'entropy', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'responseLength', name: 'response length', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'clipRatio', name: 'share of truncated responses', rise: new Rise(riseThresholds), offset: 0.05 },
  ];
  readonly sight = new Sight();
  /** Logged steps so far. */
  clock = 0;
  readonly silence = new Silence();
  readonly fading = new Fading();

  private readonly aftermath: number;
  private step = never;
  private readonly taken = new Set<string>();
  private latestSurge: (Surge & { readonly lastAt: number }) | null = null;
  private latestWitness: { readonly witness: Witness; readonly at: number } | null = null;
  private scoredAt = never;
  private scoreGap = 1;
  private scoredStep = Number.NaN;
  private scoresInRow = 0;
  private scores = 0;

  constructor(
    private readonly keys: CollapseKeys,
    { rise, decline, sensitivity = defaultSensitivity }: Pick<CollapseDetectorOptions, 'rise' | 'decline' | 'sensitivity'>,
  ) {
    const times = evidenceTimes[sensitivity];
    const { alone, supported } = declineThresholds;
    const rising = { ...riseThresholds, alarm: times * riseThresholds.alarm, ...rise };
    this.gradNorm = new Rise(rising);
    this.aftermath = rising.aftermath;
    this.score = new Decline({ ...declineThresholds, alone: times * alone, supported: times * supported, ...decline });
  }

  /** Feeds the metrics of one step; returns what is no number any more, or null. */
  observe(step: number, data: Readonly<Record<string, number>>): Broken | null {
    if (step !== this.step) {
      this.step = step;
      this.clock += 1;
      this.taken.clear();
    }
    const gradNorm = this.take(data, 'gradNorm');
    const score = this.take(data, 'score');
    this.sight.look(step, gradNorm, score);
    const broken = this.observeGradNorm(step, gradNorm) ?? this.observeScore(step, score);
    for (const witness of this.witnesses) {
      const value = this.take(data, witness.key);
      if (value === undefined || !Number.isFinite(value)) continue;
      witness.rise.add(step, value + witness.offset);
      if (witness.rise.settledDuration > patience) witness.rise.adopt();
      if (witness.rise.active) this.latestWitness = { witness, at: this.clock };
    }
    return broken;
  }

  /** The surge of the gradient norm, if there was a sign of it lately. */
  get surge(): Surge | null {
    return this.surgeWithin(memory);
  }

  /** The surge after which the gradient has all but vanished, if that is what has happened. */
  get fatalSurge(): Surge | null {
    return this.fading.active ? this.surgeWithin(this.aftermath) : null;
  }

  /** The other metric that has risen lately, if one has. */
  get witness(): Witness | null {
    return this.latestWitness !== null && this.clock - this.latestWitness.at <= memory ? this.latestWitness.witness : null;
  }

  /** Whether the gradient norm is high now, or hidden behind clipping where it used not to be. */
  get rising(): boolean {
    return this.gradNorm.active || this.plateau.rose;
  }

  /** Whether the score is so low that it would be a collapse, were there other signs of one. */
  get falling(): boolean {
    return this.score.isFalling;
  }

  /** Whether this very step has a score. */
  get scoreIsNew(): boolean {
    return this.scoredAt === this.clock;
  }

  /** Whether there was a score once, and has been none for longer than this run usually goes without. */
  get scoreIsLost(): boolean {
    return this.scoredAt !== never && !this.scoreIsFresh;
  }

  /** Whether the latest score is as recent as this run's scores usually are. */
  get scoreIsFresh(): boolean {
    return this.clock - this.scoredAt <= 2 * this.scoreGap + 3;
  }

  /** The run goes on from an earlier step. */
  rewind(step: number): void {
    this.sight.rewind(step);
    this.forget();
  }

  /** Forgets what was suspected, keeps the baselines, which were frozen meanwhile. */
  forget(): void {
    for (const rise of [this.gradNorm, ...this.witnesses.map((witness) => witness.rise)]) rise.calm();
    this.plateau.calm();
    this.fading.clear();
    this.silence.calm();
    this.score.clear();
    this.latestSurge = null;
    this.latestWitness = null;
  }

  private surgeWithin(steps: number): Surge | null {
    return this.latestSurge !== null && this.clock - this.latestSurge.lastAt <= steps ? this.latestSurge : null;
  }

  /** The value of a metric, unless this step has given it before: a log may spread one step over several records. */
  private take(data: Readonly<Record<string, number>>, key: keyof CollapseKeys): number | undefined {
    const name = this.keys[key];
    const value = data[name];
    if (value === undefined || (this.taken.has(name) && Number.isFinite(value))) return undefined;
    this.taken.add(name);
    return value;
  }

  private observeGradNorm(step: number, value: number | undefined): Broken | null {
    if (value === undefined) return null;
    this.silence.add(step, value);
    if (!Number.isFinite(value)) return { metric: 'gradNorm', value };
    this.fading.add(value, this.gradNorm.usual);
    this.gradNorm.add(step, value);
    this.plateau.add(step, value);
    const spike = this.gradNorm.deviations >= spikeDeviations;
    if (!spike && !this.rising) return null;
    const start = this.plateau.rose && !this.gradNorm.active ? this.plateau.startedAt : (this.gradNorm.startedAt ?? step);
    const before = this.surge;
    this.latestSurge = { start: Math.min(start, before?.start ?? start), peak: Math.max(value, before?.peak ?? value), lastAt: this.clock };
    return null;
  }

  private observeScore(step: number, value: number | undefined): Broken | null {
    // A log that has no score at every step has not stopped being a number: a table fills such gaps with NaN.
    if (value === undefined || !Number.isFinite(value)) {
      const expected = this.scoresInRow >= scoresThatMakeARow;
      this.scoresInRow = 0;
      return value !== undefined && expected ? { metric: 'score', value } : null;
    }
    const gap = this.scoredAt === never ? 1 : Math.max(1, this.clock - this.scoredAt);
    this.scoreGap += (gap - this.scoreGap) / 4;
    const steps = Number.isNaN(this.scoredStep) ? 1 : Math.max(1, step - this.scoredStep);
    this.scoredAt = this.clock;
    this.scoredStep = step;
    this.scoresInRow += 1;
    this.scores += 1;
    // Scores that lie far apart are witnesses of more steps, though not of as many.
    const weight = Math.min(mostWeight, steps ** weightPower);
    this.score.add(step, value, 1 + (weight - 1) * Math.min(1, manyScores / this.scores));
    return null;
  }
}
