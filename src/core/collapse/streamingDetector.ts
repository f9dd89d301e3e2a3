import type { CollapseEvent, CollapseState } from '../records/events.ts';
import type { CollapseDetector } from './detector.ts';
import { declineThresholds, defaultCollapseKeys, patience, persistence, quiet, spikeDeviations } from './options.ts';
import type { CollapseDetectorOptions } from './options.ts';
import {
  describeFall,
  describePlateau,
  describeRecovery,
  describeRise,
  describeSpike,
  describeSupport,
  describeWitness,
  remedies,
} from './sentences.ts';
import { Signs } from './signs.ts';

/** Share of the best level at which the score is back. */
const recoveredShare = 0.7;

/** The state machine over what `Signs` says; made by `createCollapseDetector`. */
export class StreamingCollapseDetector implements CollapseDetector {
  state: CollapseState = 'healthy';
  onsetStep: number | null = null;
  detectedStep: number | null = null;

  private readonly signs: Signs;
  private lastStep = Number.NEGATIVE_INFINITY;
  /** Clock at the last sign of the present trouble. */
  private restlessAt = 0;
  private hasRecovered = false;
  private isBroken = false;
  private saidPlateau = false;

  constructor(private readonly options: CollapseDetectorOptions) {
    this.signs = new Signs({ ...defaultCollapseKeys, ...options.keys });
  }

  update(step: number, data: Readonly<Record<string, number>>): readonly CollapseEvent[] {
    if (step < this.lastStep) this.rewind(step);
    this.lastStep = step;
    const broken = this.signs.observe(step, data);
    if (broken !== null) return this.breakDown(step, broken);
    return this.state === 'collapsed' ? this.watchRecovery(step) : this.watchTrouble(step);
  }

  private watchTrouble(step: number): CollapseEvent[] {
    const rule = this.collapseRule();
    if (rule !== null) return [this.collapse(step, 'collapse', rule, this.signs.surge?.start ?? this.signs.score.startedAt ?? step)];
    const { gradNorm, plateau, score, rising } = this.signs;
    const falling = score.evidence >= declineThresholds.supported;
    const spike = gradNorm.deviations >= spikeDeviations;
    if (rising || falling || spike) this.restlessAt = this.signs.clock;
    const lasting = Math.max(gradNorm.settledDuration, plateau.rose ? plateau.duration : 0);
    if (this.state === 'unstable' && !falling && lasting > patience) {
      gradNorm.adopt();
      plateau.calm();
      this.settle();
    } else if (this.state !== 'unstable' && (rising || falling)) {
      this.state = 'unstable';
      const onset = (rising ? this.signs.surge?.start : score.startedAt) ?? step;
      const advice = `No collapse yet: keep a checkpoint from before step ${onset}. Should it become one: ${remedies(this.options, this.signs, onset)}`;
      return [
        this.event(
          'unstable',
          step,
          onset,
          rising ? describeRise(this.signs) : `${describeFall(this.signs)} ${describeSupport(this.signs)}`,
          advice,
        ),
      ];
    } else if ((this.state === 'healthy' || this.state === 'recovered') && spike) {
      this.state = 'spike';
      return [
        this.event(
          'spike',
          step,
          step,
          describeSpike(this.signs),
          'Nothing to do: single spikes are common in healthy runs. Watch whether the next steps stay high or the score falls.',
        ),
      ];
    } else if ((this.state === 'spike' || this.state === 'unstable') && this.signs.clock - this.restlessAt >= quiet.unstable) this.settle();
    return this.watchPlateau(step);
  }

  /** A run that has always been logged after clipping is not unstable, but its user should know what it hides. */
  private watchPlateau(step: number): CollapseEvent[] {
    const { plateau } = this.signs;
    if (this.saidPlateau || !plateau.active || plateau.rose) return [];
    this.saidPlateau = true;
    return [
      this.event(
        'spike',
        step,
        plateau.startedAt,
        describePlateau(this.signs),
        'Log the gradient norm before clipping. Until then a collapse can only be told from the score.',
      ),
    ];
  }

  private settle(): void {
    this.state = this.hasRecovered ? 'recovered' : 'healthy';
  }

  /** The rule by which this is a collapse, in words; null while it is none. */
  private collapseRule(): string | null {
    const { score, gradNorm, plateau, surge, witness } = this.signs;
    if (this.signs.scoreIsNew) {
      const enough = surge !== null || witness !== null ? declineThresholds.supported : declineThresholds.alone;
      return score.evidence >= enough || score.halved ? `${describeFall(this.signs)} ${describeSupport(this.signs)}` : null;
    }
    if (this.signs.scoreIsFresh) return null;
    const duration = Math.max(gradNorm.severeDuration, plateau.rose ? plateau.duration : 0);
    if (duration >= persistence.witnessed && witness?.rise.active === true)
      return `${describeRise(this.signs)} The ${describeWitness(witness)}. There is no recent score.`;
    if (gradNorm.severeDuration >= persistence.lonely && gradNorm.deviations >= spikeDeviations)
      return `${describeRise(this.signs)} There is no recent score that could tell more.`;
    return null;
  }

  private collapse(step: number, type: 'collapse' | 'nan', rule: string, onset: number): CollapseEvent {
    this.state = 'collapsed';
    this.onsetStep = onset;
    this.detectedStep = step;
    this.restlessAt = this.signs.clock;
    return this.event(type, step, onset, rule, remedies(this.options, this.signs, onset));
  }

  /** Said once: a broken run logs NaN step after step. */
  private breakDown(step: number, what: string): CollapseEvent[] {
    this.restlessAt = this.signs.clock;
    if (this.isBroken) return [];
    this.isBroken = true;
    const rule = `The ${what} at step ${step}: the arithmetic has overflowed, and the weights may be lost.`;
    if (this.state !== 'collapsed') return [this.collapse(step, 'nan', rule, this.signs.surge?.start ?? step)];
    const onset = this.onsetStep ?? step;
    return [this.event('nan', step, onset, rule, remedies(this.options, this.signs, onset))];
  }

  private watchRecovery(step: number): CollapseEvent[] {
    const { score, gradNorm, clock } = this.signs;
    const scored = Number.isFinite(score.bestLevel);
    const scoreIsBack = !scored || (score.evidence === 0 && !score.halved && score.share >= recoveredShare);
    // Where a score says that all is well, a gradient norm at a new level is well too.
    if (scored && scoreIsBack && gradNorm.settledDuration > patience) gradNorm.adopt();
    // No gradient at all is a dead run, unless the score says that there is nothing left to learn.
    const dead = !scored && gradNorm.value <= 0;
    if (!scoreIsBack || this.signs.rising || dead) this.restlessAt = clock;
    if (clock - this.restlessAt < quiet.collapsed) return [];
    this.hasRecovered = true;
    this.isBroken = false;
    this.settle();
    this.signs.forget();
    return [
      this.event(
        'recovered',
        step,
        this.onsetStep ?? step,
        describeRecovery(this.signs, quiet.collapsed),
        'Keep a checkpoint from before the collapse: a run that collapsed once may do so again.',
      ),
    ];
  }

  /** The run was resumed at an earlier step, and what came after that did not happen. */
  private rewind(step: number): void {
    this.signs.forget();
    if (this.detectedStep !== null && this.detectedStep >= step) {
      this.onsetStep = null;
      this.detectedStep = null;
      this.isBroken = false;
      this.settle();
    } else if (this.state !== 'collapsed') this.settle();
  }

  private event(type: CollapseEvent['type'], step: number, onsetStep: number, message: string, advice: string): CollapseEvent {
    const { gradNorm, score } = this.signs;
    const numbers: Record<string, number> = {
      gradNorm: gradNorm.value,
      usualGradNorm: gradNorm.usual,
      gradNormEvidence: gradNorm.evidence,
      score: score.currentLevel,
      bestScore: score.bestLevel,
      scoreShare: score.share,
      scoreEvidence: score.evidence,
    };
    const data = Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)));
    return { type, step, onsetStep: Math.min(onsetStep, step), message, advice, data };
  }
}
