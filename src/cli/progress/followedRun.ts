import type { PlannedRun } from '../../core/records/run.ts';
import { hasEnded } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import { RunStanding } from '../../runs/catalog/runStanding.ts';

/** Where one of a command's runs stands. */
export class FollowedRun extends RunStanding {
  process: RunPhase = 'waiting';
  /** Why it ended before its last step, as a sentence; null where it did not. */
  ending: string | null = null;
  /** Whether its process could not be started; why has been said. */
  failedToStart = false;
  readonly estimator: string;
  readonly seed: number;
  /** Steps that the run is planned to take. */
  readonly steps: number;

  constructor(
    readonly dir: string,
    { estimator, seed, config }: Pick<PlannedRun, 'estimator' | 'seed'> & { readonly config: Pick<PlannedRun['config'], 'steps'> },
  ) {
    super();
    this.estimator = estimator;
    this.seed = seed;
    this.steps = config.steps;
  }

  /** How the run is called in a line about it. */
  get name(): string {
    return `${this.estimator} seed ${this.seed}`;
  }

  /** Seconds until the last step at the present speed; NaN where that is not known. */
  get secondsLeft(): number {
    return (this.steps - this.step) / this.stepsPerSecond;
  }

  get isDone(): boolean {
    return hasEnded(this);
  }
}
