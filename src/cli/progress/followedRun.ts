import type { PlannedRun, ProcessState } from '../../core/records/run.ts';
import { RunStanding } from '../../runs/catalog/runStanding.ts';

/** `waiting`: its turn has not come. `cancelled`: it will not come. */
export type FollowedState = ProcessState | 'waiting' | 'cancelled';

/** Where one of a command's runs stands. */
export class FollowedRun extends RunStanding {
  process: FollowedState = 'waiting';
  /** Why it ended before its last step, as a sentence; null where it did not. */
  ending: string | null = null;
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
    return this.process !== 'waiting' && this.process !== 'starting' && this.process !== 'running';
  }
}
