import type { CollapseState } from '../records/events.ts';

/** Something that a collapse is told from, and that a run does not have. */
export interface Gap {
  /** `steps`: the run has none yet. */
  readonly of: 'steps' | 'gradNorm' | 'score';
  /** Step at which it was a number last; null: never. */
  readonly since: number | null;
  /** Whether it was logged after that, though not as a number. */
  readonly isNoNumber: boolean;
}

/** Logged steps without a value after which a metric counts as gone: as long as it is not known how often it comes, and at least. */
const mostStepsWithout = { atFirst: 100, atLeast: 10 } as const;
/** How much longer than ever before the next value may take. */
const lateness = 3;

/** Whether a run logs what a collapse is told from. A metric that comes late or rarely is there from its first value on. */
export class Sight {
  private readonly gradNorm = new Presence();
  private readonly score = new Presence();
  /** Logged steps so far. */
  private clock = 0;
  private step = Number.NaN;

  /** Takes in what was logged at a step; one step may come in several parts. */
  look(step: number, gradNorm: number | undefined, score: number | undefined): void {
    if (step !== this.step) this.clock += 1;
    this.step = step;
    this.gradNorm.take(this.clock, step, gradNorm);
    this.score.take(this.clock, step, score);
  }

  /** Takes in what was logged at a step before the first that was looked at: that is here and there, so nothing is known to be gone. */
  lookBack(step: number, gradNorm: number | undefined, score: number | undefined): void {
    this.gradNorm.takeEarlier(this.clock, step, gradNorm);
    this.score.takeEarlier(this.clock, step, score);
  }

  /** Step at which the gradient norm was a number last; null: never. */
  get gradNormStep(): number | null {
    return this.gradNorm.lastStep;
  }

  /** Step at which the score was a number last; null: never. */
  get scoreStep(): number | null {
    return this.score.lastStep;
  }

  /** The run goes on from an earlier step. */
  rewind(step: number): void {
    this.gradNorm.rewind(step);
    this.score.rewind(step);
  }

  /** What the run lacks, most important first; empty: nothing. */
  get gaps(): readonly Gap[] {
    if (this.clock === 0) return [{ of: 'steps', since: null, isNoNumber: false }];
    return (['gradNorm', 'score'] as const).flatMap((of): Gap[] => {
      const { lastStep, isNoNumber } = this[of];
      return this[of].isGone(this.clock) ? [{ of, since: lastStep, isNoNumber }] : [];
    });
  }
}

/** When a metric was there. */
class Presence {
  /** Step of the last finite value; null: there was none. */
  lastStep: number | null = null;
  /** Whether a value since then was no finite number. */
  isNoNumber = false;
  private lastClock = 0;
  /** Logged steps between two values; 0: there were no two yet. */
  private longestGap = 0;

  take(clock: number, step: number, value: number | undefined): void {
    if (value === undefined) return;
    this.isNoNumber = !Number.isFinite(value);
    if (this.isNoNumber) return;
    if (this.lastStep !== null) this.longestGap = Math.max(this.longestGap, clock - this.lastClock);
    [this.lastStep, this.lastClock] = [step, clock];
  }

  takeEarlier(clock: number, step: number, value: number | undefined): void {
    if (this.lastStep !== null && this.lastStep > step) return;
    this.take(clock, step, value);
    if (this.lastStep === step) this.longestGap = Infinity;
  }

  rewind(step: number): void {
    if (this.lastStep !== null) this.lastStep = Math.min(this.lastStep, step);
  }

  isGone(clock: number): boolean {
    const { atFirst, atLeast } = mostStepsWithout;
    const most = this.longestGap === 0 ? atFirst : Math.max(atLeast, lateness * this.longestGap);
    return this.lastStep === null || clock - this.lastClock > most;
  }
}

/** The state of a run that shows no trouble and lacks this: without a gradient norm, or a step, there is nothing to judge it by. */
export function judged(state: CollapseState, gaps: readonly Gap[]): CollapseState {
  const isBlind = gaps.some(({ of, since }) => of === 'steps' || (of === 'gradNorm' && since === null));
  return state === 'healthy' && isBlind ? 'unknown' : state;
}
