import type { CollapseEvent, CollapseState } from '../records/events.ts';
import { collapseAdvice, laterSurgeAdvice, plateauAdvice, recoveryAdvice, silenceAdvice, spikeAdvice, unstableAdvice } from './advice.ts';
import { defaultCollapseKeys, patience, quiet, spikeDeviations } from './options.ts';
import type { CollapseDetectorOptions } from './options.ts';
import {
  describeBroken,
  describeFall,
  describeLaterSurge,
  describeNewLevel,
  describePlateau,
  describeRecovery,
  describeRise,
  describeSettled,
  describeSilence,
  describeSpike,
  describeSupport,
  describeVanishing,
  describeWitness,
} from './sentences.ts';
import type { Trouble } from './sentences.ts';
import { judged } from './sight.ts';
import type { Gap } from './sight.ts';
import { Signs } from './signs.ts';
import type { Broken } from './signs.ts';

/** Share of its usual below which a gradient norm trains nothing any more. */
const deadShare = 1e-4;

/** The state machine over what `Signs` says; made by `createCollapseDetector`. */
export class StreamingCollapseDetector {
  onsetStep: number | null = null;
  detectedStep: number | null = null;

  private readonly signs: Signs;
  /** What the run shows; whether it logs enough to judge that is another matter. */
  private stage: Exclude<CollapseState, 'unknown'> = 'healthy';
  /** The trouble that the stage is about. */
  private trouble: Trouble | null = null;
  private lastStep = Number.NEGATIVE_INFINITY;
  /** Clock at the last sign of the present trouble. */
  private restlessAt = 0;
  private hasRecovered = false;
  private isBroken = false;
  private saidPlateau = false;
  /** What the gradient norm usually was before the collapse. */
  private usualBefore = Number.NaN;
  /** Whether a surge was part of the collapse, or has been told of since. */
  private saidSurge = false;

  constructor(private readonly options: CollapseDetectorOptions) {
    this.signs = new Signs({ ...defaultCollapseKeys, ...options.keys }, options);
  }

  get state(): CollapseState {
    return judged(this.stage, this.gaps);
  }

  get gaps(): readonly Gap[] {
    return this.signs.sight.gaps;
  }

  update(step: number, data: Readonly<Record<string, number>>): readonly CollapseEvent[] {
    if (step < this.lastStep) this.rewind(step);
    this.lastStep = step;
    const broken = this.signs.observe(step, data);
    if (broken !== null) return this.breakDown(step, broken);
    return this.stage === 'collapsed' ? this.watchRecovery(step) : this.watchTrouble(step);
  }

  private watchTrouble(step: number): CollapseEvent[] {
    const { signs } = this;
    const onset = Math.min(step, (signs.surge ?? (signs.scoreIsFresh ? null : signs.fatalSurge))?.start ?? signs.score.startedAt ?? step);
    const rule = this.collapseRule(step, onset);
    if (rule !== null) return [this.collapse(step, 'collapse', rule, onset)];
    const events = this.watchStage(step);
    return events.length > 0 ? events : [...this.watchSilence(step), ...this.watchPlateau(step)];
  }

  /** Spikes and instabilities: their coming and their passing. */
  private watchStage(step: number): CollapseEvent[] {
    const { signs } = this;
    const { gradNorm, plateau, score, rising, falling } = signs;
    const spike = gradNorm.deviations >= spikeDeviations;
    if (rising || falling || spike) this.restlessAt = signs.clock;
    if (this.trouble !== null) this.trouble = { ...this.trouble, rose: this.trouble.rose || rising, fell: this.trouble.fell || falling };
    const lasting = Math.max(gradNorm.settledDuration, plateau.rose ? plateau.duration : 0);
    if (this.stage === 'unstable' && !falling && lasting > patience) {
      const event = this.settle(step, describeNewLevel(signs, this.trouble?.onsetStep ?? step, lasting));
      gradNorm.adopt();
      plateau.calm();
      return [event];
    }
    // Without a gradient nothing but a collapse is worth a word.
    if (this.stage === 'silent') return [];
    if (this.stage !== 'unstable' && (rising || falling)) {
      const onset = Math.min(step, (rising ? signs.surge?.start : score.startedAt) ?? step);
      const rule = rising ? describeRise(signs, onset) : `${describeFall(signs, step, onset)} ${describeSupport(signs, step)}`;
      return [this.enter('unstable', step, onset, rule, unstableAdvice(this.options, signs, onset))];
    }
    if (this.stage !== 'spike' && this.stage !== 'unstable' && spike)
      return [this.enter('spike', step, step, describeSpike(signs, step), spikeAdvice(this.options, signs))];
    if ((this.stage === 'spike' || this.stage === 'unstable') && signs.clock - this.restlessAt >= quiet.unstable)
      return [this.settle(step)];
    return [];
  }

  /** A gradient norm that is 0 from some step on; the run is silent until the first that is not. */
  private watchSilence(step: number): CollapseEvent[] {
    const { signs } = this;
    const { silence } = signs;
    if (this.stage === 'silent') return silence.duration === 0 ? [this.settle(step)] : [];
    // An instability settles or becomes a collapse first.
    if (!silence.active || this.stage === 'unstable') return [];
    return [this.enter('silent', step, silence.startedAt, describeSilence(signs), silenceAdvice(signs))];
  }

  /** A run that has always been logged after clipping is not unstable, but its user should know what it hides. */
  private watchPlateau(step: number): CollapseEvent[] {
    const { plateau } = this.signs;
    if (this.saidPlateau || !plateau.active || plateau.rose) return [];
    this.saidPlateau = true;
    return [this.event('plateau', step, plateau.startedAt, describePlateau(this.signs), plateauAdvice(this.signs))];
  }

  private enter(kind: Trouble['kind'], step: number, onsetStep: number, message: string, advice: string): CollapseEvent {
    this.stage = kind;
    this.trouble = { kind, onsetStep, rose: kind === 'spike' || this.signs.rising, fell: this.signs.falling };
    return this.event(kind, step, onsetStep, message, advice);
  }

  /** The present trouble has passed. */
  private settle(step: number, message?: string): CollapseEvent {
    const trouble = this.trouble ?? { kind: 'unstable', onsetStep: step, rose: true, fell: false };
    this.calm();
    return this.event('settled', step, trouble.onsetStep, message ?? describeSettled(this.signs, step, trouble), '');
  }

  private calm(): void {
    this.stage = this.hasRecovered ? 'recovered' : 'healthy';
    this.trouble = null;
  }

  /** The rule by which this is a collapse, in words; null while it is none. */
  private collapseRule(step: number, onset: number): string | null {
    const { score, gradNorm, surge, witness } = this.signs;
    if (this.signs.scoreIsNew) {
      return score.isFallen(surge !== null || witness !== null)
        ? `${describeFall(this.signs, step, onset)} ${describeSupport(this.signs, step)}`
        : null;
    }
    if (this.signs.scoreIsFresh) return null;
    const { fatalSurge } = this.signs;
    if (fatalSurge !== null) return describeVanishing(this.signs, fatalSurge);
    if (this.signs.rising && witness?.rise.active === true)
      return `${describeRise(this.signs, onset)} The ${describeWitness(witness)}. There is no recent score.`;
    if (gradNorm.isLasting) return `${describeRise(this.signs, onset)} There is no recent score that could tell more.`;
    return null;
  }

  private collapse(step: number, type: 'collapse' | 'nan', rule: string, onset: number): CollapseEvent {
    this.stage = 'collapsed';
    this.trouble = null;
    this.onsetStep = onset;
    this.detectedStep = step;
    this.restlessAt = this.signs.clock;
    this.usualBefore = this.signs.gradNorm.usual;
    this.saidSurge = this.signs.surge !== null;
    return this.event(type, step, onset, rule, collapseAdvice(this.options, this.signs, onset));
  }

  /** Said once: a broken run logs NaN step after step. */
  private breakDown(step: number, broken: Broken): CollapseEvent[] {
    this.restlessAt = this.signs.clock;
    if (this.isBroken) return [];
    this.isBroken = true;
    const known = this.stage === 'collapsed' ? this.onsetStep : this.signs.surge?.start;
    const onset = Math.min(known ?? step, step);
    const rule = describeBroken(broken, step, onset);
    if (this.stage !== 'collapsed') return [this.collapse(step, 'nan', rule, onset)];
    return [this.event('nan', step, onset, rule, collapseAdvice(this.options, this.signs, onset))];
  }

  private watchRecovery(step: number): CollapseEvent[] {
    const { score, gradNorm, clock } = this.signs;
    const scored = Number.isFinite(score.bestLevel);
    const scoreIsBack = !scored || score.isBack;
    // Where a score says that all is well, a gradient norm at a new level is well too.
    if (scored && scoreIsBack && gradNorm.settledDuration > patience) gradNorm.adopt();
    if (!scoreIsBack || this.signs.scoreIsLost || this.signs.rising || this.gradientIsDead) this.restlessAt = clock;
    if (clock - this.restlessAt < quiet.collapsed) return this.watchLaterSurge(step);
    const onset = this.onsetStep ?? step;
    const message = describeRecovery(this.signs, step, onset, quiet.collapsed);
    const event = this.event('recovered', step, onset, message, recoveryAdvice(this.signs));
    this.hasRecovered = true;
    this.isBroken = false;
    this.calm();
    this.signs.forget();
    return [event];
  }

  /** A collapse may come before the surge of the gradient norm. */
  private watchLaterSurge(step: number): CollapseEvent[] {
    const { signs } = this;
    if (this.saidSurge || !signs.rising) return [];
    this.saidSurge = true;
    const onset = Math.min(signs.surge?.start ?? step, step);
    return [this.event('unstable', step, onset, describeLaterSurge(signs, onset), laterSurgeAdvice(this.options, signs))];
  }

  /** Whether next to nothing is left of the gradient. */
  private get gradientIsDead(): boolean {
    return this.signs.gradNorm.value <= deadShare * this.usualBefore;
  }

  /** The run was resumed at an earlier step, and what came after that did not happen. */
  private rewind(step: number): void {
    this.signs.rewind(step);
    if (this.detectedStep !== null && this.detectedStep >= step) {
      this.onsetStep = null;
      this.detectedStep = null;
      this.isBroken = false;
      this.calm();
    } else if (this.stage !== 'collapsed') this.calm();
  }

  private event(type: CollapseEvent['type'], step: number, onsetStep: number, message: string, advice: string): CollapseEvent {
    const { gradNorm, score } = this.signs;
    const numbers: Record<string, number> = {
      gradNorm: gradNorm.value,
      usualGradNorm: gradNorm.usual,
      gradNormEvidence: gradNorm.evidence,
      score: score.currentLevel,
      bestScore: score.bestLevel,
      scoreEvidence: score.evidence,
      surge: this.signs.surge === null ? 0 : 1,
    };
    const data = Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)));
    return { type, step, onsetStep: Math.min(onsetStep, step), message, advice, data };
  }
}
