import { Decline } from './decline.ts';
import { declineThresholds, memory, patience, riseThresholds, spikeDeviations } from './options.ts';
import type { CollapseKeys } from './options.ts';
import { Plateau } from './plateau.ts';
import { Rise } from './rise.ts';
import { Sight } from './sight.ts';

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
const mostWeight = 3;
/** A score that was there so many times in a row is expected every time: NaN is then no gap in a table. */
const scoresThatMakeARow = 3;

/** What the metrics of a run say at the moment, one statistic each, and what they said lately. */
export class Signs {
  readonly gradNorm = new Rise(riseThresholds);
  readonly plateau = new Plateau();
  readonly score = new Decline(declineThresholds);
  readonly witnesses: readonly Witness[] = [
    { key: 'entropy', name: 'entropy', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'responseLength', name: 'response length', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'clipRatio', name: 'share of truncated responses', rise: new Rise(riseThresholds), offset: 0.05 },
  ];
  readonly sight = new Sight();
  /** Logged steps so far. */
  clock = 0;
  /** For how many values in a row the gradient norm has been exactly 0, from the first on; 0: it has not. */
  silentFor = 0;
  /** Step of the first of them. */
  silentSince = never;

  private step = never;
  private readonly taken = new Set<string>();
  private latestSurge: (Surge & { readonly lastAt: number }) | null = null;
  private latestWitness: { readonly witness: Witness; readonly at: number } | null = null;
  private scoredAt = never;
  private scoreGap = 1;
  private scoresInRow = 0;
  private scoreIsNoNumber = false;
  private hasGradient = false;

  constructor(private readonly keys: CollapseKeys) {}

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
    return this.latestSurge !== null && this.clock - this.latestSurge.lastAt <= memory ? this.latestSurge : null;
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
    return this.score.evidence >= declineThresholds.supported;
  }

  /** Whether this very step has a score. */
  get scoreIsNew(): boolean {
    return this.scoredAt === this.clock;
  }

  /** Whether the score was a number once, and is logged as none for longer than this run usually goes without a score. */
  get scoreIsLost(): boolean {
    return this.scoreIsNoNumber && this.scoredAt !== never && !this.scoreIsFresh;
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
    this.score.clear();
    this.latestSurge = null;
    this.latestWitness = null;
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
    if (value !== 0) this.hasGradient = true;
    if (!this.hasGradient && this.silentFor === 0) this.silentSince = step;
    this.silentFor = this.hasGradient ? 0 : this.silentFor + 1;
    if (!Number.isFinite(value)) return { metric: 'gradNorm', value };
    this.gradNorm.add(step, value);
    this.plateau.add(step, value);
    const spike = this.gradNorm.deviations >= spikeDeviations;
    if (!spike && !this.rising) return null;
    const start = this.gradNorm.active ? (this.gradNorm.startedAt ?? step) : this.plateau.rose ? this.plateau.startedAt : step;
    const before = this.surge;
    this.latestSurge = { start: Math.min(start, before?.start ?? start), peak: Math.max(value, before?.peak ?? value), lastAt: this.clock };
    return null;
  }

  private observeScore(step: number, value: number | undefined): Broken | null {
    if (value !== undefined) this.scoreIsNoNumber = !Number.isFinite(value);
    // A log that has no score at every step has not stopped being a number: a table fills such gaps with NaN.
    if (value === undefined || !Number.isFinite(value)) {
      const expected = this.scoresInRow >= scoresThatMakeARow;
      this.scoresInRow = 0;
      return value !== undefined && expected ? { metric: 'score', value } : null;
    }
    const gap = this.scoredAt === never ? 1 : Math.max(1, this.clock - this.scoredAt);
    this.scoreGap += (gap - this.scoreGap) / 4;
    this.scoredAt = this.clock;
    this.scoresInRow += 1;
    // Scores that lie far apart are witnesses of more steps, though not of as many: the root is a compromise.
    this.score.add(step, value, Math.min(mostWeight, Math.sqrt(gap)));
    return null;
  }
}
