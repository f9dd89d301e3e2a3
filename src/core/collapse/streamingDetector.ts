import type { CollapseEvent, CollapseState } from '../records/events.ts';
import { Decline } from './decline.ts';
import type { CollapseDetector } from './detector.ts';
import { declineThresholds, defaultCollapseKeys, memory, patience, persistence, quiet, riseThresholds, spikeDeviations } from './options.ts';
import type { CollapseDetectorOptions, CollapseKeys } from './options.ts';
import { Plateau } from './plateau.ts';
import { Rise } from './rise.ts';
import { formatNumber, formatPercent, remedies } from './sentences.ts';

type Metrics = Readonly<Record<string, number>>;

/** Another metric whose rise confirms what the gradient norm or the score says. */
interface Witness {
  readonly key: keyof CollapseKeys;
  readonly name: string;
  readonly rise: Rise;
  /** Added before the logarithm is taken, so that a share that is usually 0 has one. */
  readonly offset: number;
}

/** The detector of `createCollapseDetector`: the state machine over the evidence that `Rise`, `Decline` and `Plateau` gather. */
export class StreamingCollapseDetector implements CollapseDetector {
  state: CollapseState = 'healthy';
  onsetStep: number | null = null;
  detectedStep: number | null = null;

  private readonly keys: CollapseKeys;
  private readonly gradNorm = new Rise(riseThresholds);
  private readonly plateau = new Plateau();
  private readonly score = new Decline(declineThresholds);
  private readonly witnesses: readonly Witness[] = [
    { key: 'entropy', name: 'entropy', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'responseLength', name: 'response length', rise: new Rise(riseThresholds), offset: 0 },
    { key: 'clipRatio', name: 'share of truncated responses', rise: new Rise(riseThresholds), offset: 0.05 },
  ];
  private lastStep = Number.NEGATIVE_INFINITY;
  private seenAtStep = new Set<string>();
  /** Updates so far, the clock of `memory`, `quiet` and `patience`. */
  private clock = 0;
  private surge: { start: number; lastAt: number; peak: number } | null = null;
  private supportedAt = Number.NEGATIVE_INFINITY;
  private scoredAt = Number.NEGATIVE_INFINITY;
  private scoresInRow = 0;
  private restlessAt = Number.NEGATIVE_INFINITY;
  private unstableSince = 0;
  private hasRecovered = false;
  private saidPlateau = false;
  private broken = false;

  constructor(private readonly options: CollapseDetectorOptions) {
    this.keys = { ...defaultCollapseKeys, ...options.keys };
  }

  update(step: number, data: Metrics): readonly CollapseEvent[] {
    if (step < this.lastStep) this.rewind(step);
    if (step !== this.lastStep) this.seenAtStep.clear();
    this.lastStep = step;
    this.clock += 1;
    const events: CollapseEvent[] = [];
    const broken = this.observe(step, data);
    if (broken !== null) this.breakDown(step, broken, events);
    else if (this.state === 'collapsed') this.watchRecovery(step, events);
    else this.watchCollapse(step, events);
    return events;
  }

  /** Feeds the statistics; returns the name of a metric that is no number any more. */
  private observe(step: number, data: Metrics): string | null {
    const gradNorm = this.take(data, 'gradNorm');
    const score = this.take(data, 'score');
    let broken: string | null = null;
    if (gradNorm !== undefined) {
      if (Number.isFinite(gradNorm)) {
        this.gradNorm.add(step, gradNorm);
        this.plateau.add(step, gradNorm);
        this.followSurge(step);
      } else broken = `gradient norm is ${gradNorm}`;
    }
    if (score !== undefined) {
      // A table with a sparse score often fills the gaps with NaN: only a score that was there step after step can break.
      if (Number.isFinite(score)) {
        this.score.add(step, score);
        this.scoredAt = this.clock;
        this.scoresInRow += 1;
      } else {
        if (this.scoresInRow >= 3) broken ??= `score is ${score}`;
        this.scoresInRow = 0;
      }
    } else if (gradNorm !== undefined) this.scoresInRow = 0;
    for (const { key, rise, offset } of this.witnesses) {
      const value = this.take(data, key);
      if (value === undefined || !Number.isFinite(value)) continue;
      rise.add(step, value + offset);
      if (rise.duration > patience) rise.adopt();
      if (rise.active) this.supportedAt = this.clock;
    }
    return broken;
  }

  /** The value of a metric, unless this step has already given one: a log may spread a step over several records. */
  private take(data: Metrics, key: keyof CollapseKeys): number | undefined {
    const name = this.keys[key];
    const value = data[name];
    if (value === undefined || (this.seenAtStep.has(name) && Number.isFinite(value))) return undefined;
    this.seenAtStep.add(name);
    return value;
  }

  /** Signs that lie close together are one surge; it began with the first of them. */
  private followSurge(step: number): void {
    const { gradNorm, plateau } = this;
    const spike = gradNorm.deviations >= spikeDeviations;
    if (!spike && !gradNorm.active && !plateau.rose) return;
    const start = gradNorm.active ? (gradNorm.startedAt ?? step) : plateau.rose ? plateau.startedAt : step;
    if (this.surge === null || this.clock - this.surge.lastAt > memory) this.surge = { start, lastAt: this.clock, peak: gradNorm.value };
    else this.surge = { start: Math.min(start, this.surge.start), lastAt: this.clock, peak: Math.max(this.surge.peak, gradNorm.value) };
  }

  private get surgedLately(): boolean {
    return this.surge !== null && this.clock - this.surge.lastAt <= memory;
  }

  private get scoreIsFresh(): boolean {
    return this.clock - this.scoredAt <= 3;
  }

  private get supportedLately(): boolean {
    return this.clock - this.supportedAt <= memory;
  }

  private watchCollapse(step: number, events: CollapseEvent[]): void {
    const rule = this.collapseRule();
    if (rule !== null) {
      this.collapse(step, this.surgedLately && this.surge !== null ? this.surge.start : (this.score.startedAt ?? step));
      events.push(this.event('collapse', step, this.onsetStep ?? step, rule, remedies(this.options, this.onsetStep ?? step, this.gradNorm.usual)));
      return;
    }
    const { gradNorm, plateau, score } = this;
    const falling = score.evidence >= declineThresholds.supported;
    const rising = gradNorm.active || plateau.rose;
    if (rising || falling) this.restlessAt = this.clock;
    if (this.state === 'unstable') {
      if (rising && !falling && this.clock - this.unstableSince > patience) {
        gradNorm.adopt();
        plateau.calm();
        this.settle();
      } else if (this.clock - this.restlessAt >= quiet.unstable) this.settle();
    } else if (rising || falling) {
      this.state = 'unstable';
      this.unstableSince = this.clock;
      const onset = rising && this.surge !== null ? this.surge.start : (score.startedAt ?? step);
      events.push(this.event('unstable', step, onset, this.instability(), this.caution(onset)));
    } else if (gradNorm.deviations >= spikeDeviations) {
      this.restlessAt = this.clock;
      if (this.state !== 'spike') {
        this.state = 'spike';
        events.push(this.event('spike', step, step, `The gradient norm jumped to ${formatNumber(gradNorm.value)}, ${this.timesUsual()}.`, 'Nothing yet: single spikes are common in healthy runs. Watch whether the next steps stay high and the score falls.'));
      }
    } else if (this.state === 'spike' && this.clock - this.restlessAt >= quiet.unstable) this.settle();
    if (plateau.active && !plateau.rose && !this.saidPlateau) {
      this.saidPlateau = true;
      events.push(this.event('spike', step, plateau.startedAt, `The gradient norm has been ${formatNumber(plateau.value)} for ${plateau.duration} values in a row and never higher: it is logged after clipping, so that a surge cannot be seen in it.`, 'Log the gradient norm before clipping. Until then a collapse is told from the score, the entropy and the response length alone.'));
    }
  }

  private settle(): void {
    this.state = this.hasRecovered ? 'recovered' : 'healthy';
  }

  /** The rule of collapse that holds now, in words; null: none does. */
  private collapseRule(): string | null {
    const { score, gradNorm, plateau } = this;
    if (score.evidence >= declineThresholds.alone && this.scoredAt === this.clock) return `${this.fall()}${this.surgeClause()}.`;
    if (score.evidence >= declineThresholds.supported && this.scoredAt === this.clock && (this.surgedLately || this.supportedLately)) return `${this.fall()}${this.surgeClause()}.`;
    if (this.scoreIsFresh) return null;
    const duration = Math.max(gradNorm.duration, plateau.rose ? plateau.duration : 0);
    const witness = this.witnesses.find(({ rise }) => rise.active);
    if (witness !== undefined && duration >= persistence.witnessed) return `${this.height()}, and the ${witness.name} rose to ${formatNumber(witness.rise.value - witness.offset)} from a usual ${formatNumber(witness.rise.usual - witness.offset)}. There is no recent score to confirm it.`;
    if (duration >= persistence.lonely) return `${this.height()}. No other metric is there to confirm it.`;
    return null;
  }

  private collapse(step: number, onset: number): void {
    this.state = 'collapsed';
    this.onsetStep = onset;
    this.detectedStep = step;
    this.restlessAt = this.clock;
  }

  private breakDown(step: number, what: string, events: CollapseEvent[]): void {
    this.restlessAt = this.clock;
    if (this.broken) return;
    this.broken = true;
    if (this.state !== 'collapsed') this.collapse(step, this.surgedLately && this.surge !== null ? this.surge.start : step);
    events.push(this.event('nan', step, Math.min(this.onsetStep ?? step, step), `The ${what} at step ${step}: the numbers have overflowed, and the weights may be lost.`, `${remedies(this.options, this.onsetStep ?? step, this.gradNorm.usual)} With 16-bit floats check the loss scale.`));
  }

  private watchRecovery(step: number, events: CollapseEvent[]): void {
    const { gradNorm, plateau, score } = this;
    const scored = Number.isFinite(score.bestLevel);
    const scoreBack = !scored || (score.evidence === 0 && score.share >= 0.7);
    const normBack = !gradNorm.active && !plateau.rose && (scored || gradNorm.deviations > riseThresholds.cap[0]);
    if (!scoreBack || !normBack) this.restlessAt = this.clock;
    if (gradNorm.duration > patience && scoreBack) gradNorm.adopt();
    if (this.clock - this.restlessAt < quiet.collapsed) return;
    this.hasRecovered = true;
    this.broken = false;
    this.settle();
    score.clear();
    gradNorm.calm();
    const onset = this.onsetStep ?? step;
    const back = scored ? `The score is back at ${formatNumber(score.currentLevel)}, ${formatPercent(score.share)} of its best level, and the` : 'The';
    events.push(this.event('recovered', step, onset, `${back} gradient norm is back at ${formatNumber(gradNorm.value)}, for ${quiet.collapsed} values in a row.`, 'Go on, but keep the checkpoint from before the collapse: a run that collapsed once often does so again.'));
  }

  /** The run was resumed from an earlier step: what came after it did not happen. Baselines stay, they were frozen in time. */
  private rewind(step: number): void {
    for (const rise of [this.gradNorm, ...this.witnesses.map((witness) => witness.rise)]) rise.calm();
    this.plateau.calm();
    this.score.clear();
    this.surge = null;
    this.supportedAt = Number.NEGATIVE_INFINITY;
    this.restlessAt = Number.NEGATIVE_INFINITY;
    if (this.detectedStep === null || this.detectedStep < step) return;
    this.onsetStep = null;
    this.detectedStep = null;
    this.broken = false;
    this.state = 'healthy';
  }

  private timesUsual(): string {
    return `${formatNumber(this.gradNorm.value / this.gradNorm.usual)} times its usual ${formatNumber(this.gradNorm.usual)}`;
  }

  private height(): string {
    const { gradNorm, plateau } = this;
    if (plateau.rose) return `The gradient norm has been stuck at ${formatNumber(plateau.value)} for ${plateau.duration} values in a row, where it used to vary below: it is logged after clipping, which hides a surge`;
    return `The gradient norm has stayed high for ${gradNorm.duration} values in a row and is at ${formatNumber(gradNorm.value)}, ${this.timesUsual()}`;
  }

  private fall(): string {
    const { score } = this;
    return `The score fell to ${formatNumber(score.currentLevel)} (mean of the last 8 values), ${formatPercent(score.share)} of its best level ${formatNumber(score.bestLevel)}; values below ${formatPercent(declineThresholds.share)} count towards collapse`;
  }

  private surgeClause(): string {
    if (!this.surgedLately || this.surge === null) return this.supportedLately ? `, and the ${this.witnesses.filter(({ rise }) => rise.active).map(({ name }) => name).join(' and the ') || 'entropy or response length'} rose` : '; the gradient norm did not surge';
    return `, after the gradient norm surged from a usual ${formatNumber(this.gradNorm.usual)} to ${formatNumber(this.surge.peak)} from step ${this.surge.start} on`;
  }

  private instability(): string {
    const { gradNorm, plateau } = this;
    if (plateau.rose) return `${this.height()}.`;
    if (gradNorm.active) return `The gradient norm stays high: ${formatNumber(gradNorm.value)} now, ${this.timesUsual()}; the evidence is ${formatNumber(gradNorm.evidence)} standard deviations, ${riseThresholds.alarm} are enough.`;
    return `${this.fall()}.`;
  }

  private caution(onset: number): string {
    return `Not a collapse yet. Save a checkpoint aside if the score is still good. If it falls: ${remedies(this.options, onset, this.gradNorm.usual)}`;
  }

  private event(type: CollapseEvent['type'], step: number, onsetStep: number, message: string, advice: string): CollapseEvent {
    const { gradNorm, score } = this;
    const numbers: Record<string, number> = {
      gradNorm: gradNorm.value,
      usualGradNorm: gradNorm.usual,
      gradNormDeviations: gradNorm.deviations,
      gradNormEvidence: gradNorm.evidence,
      score: score.currentLevel,
      bestScore: score.bestLevel,
      scoreShare: score.share,
      scoreEvidence: score.evidence,
    };
    const data = Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)));
    return { type, step, onsetStep, message, advice, data };
  }
}
