import { isProgramTrainer } from '../../core/config/programConfig.ts';
import { secondsLeft } from '../../core/records/progress.ts';
import type { BranchOrigin } from '../../core/records/run.ts';
import { branchWords } from '../../core/records/runIdentity.ts';
import { hasEnded } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import type { RunAssignment } from '../../runs/sources/foreignIdentity.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { runDirectory } from '../../runs/sources/runPlace.ts';
import { RunStanding } from '../../runs/catalog/runStanding.ts';

/** What is known of a run before it is followed. */
interface DescribedRun {
  readonly estimator: string;
  readonly seed: number | null;
  readonly config: { readonly steps: number | null; readonly trainer?: string };
  readonly branchedFrom?: BranchOrigin;
}

/** Where one of a command's runs stands. */
export class FollowedRun extends RunStanding {
  process: RunPhase = 'waiting';
  /** Why it ended before its last step, as a sentence; null where it did not. */
  ending: string | null = null;
  /** Whether its process could not be started; why has been said. */
  failedToStart = false;
  /** Its process has ended, but not all that it wrote has been taken in. */
  isEnding = false;
  readonly estimator: string;
  /** Null: not known. */
  readonly seed: number | null;
  /** Steps that the run is planned to take; NaN: not known. */
  readonly steps: number;
  /** The step from which a branch goes on; 0: the run is none. */
  readonly branchStep: number;
  private readonly branch: string;
  /** Whether it is a program that was started by command on this machine. */
  readonly mayUseGpus: boolean;

  constructor(
    readonly dir: string,
    { estimator, seed, config, branchedFrom }: DescribedRun,
    readonly place: RunPlace = runDirectory(dir),
    readonly assigned?: RunAssignment,
  ) {
    super();
    this.estimator = estimator;
    this.seed = seed;
    this.branchStep = branchedFrom?.step ?? 0;
    this.branch = branchWords(branchedFrom === undefined ? {} : { branchedFrom });
    this.steps = config.steps ?? Number.NaN;
    this.mayUseGpus = isProgramTrainer(config.trainer) && config.trainer !== 'ray';
  }

  /** How the run is called in a line about it. */
  get name(): string {
    return `${this.estimator}${this.seed === null ? '' : ` seed ${this.seed}`}${this.branch}`;
  }

  /** Seconds until the last step at the present speed; NaN where that is not known, and for a run that takes no more steps. */
  get secondsLeft(): number {
    return secondsLeft(this);
  }

  /** Whether it has shown that it is at work, or has been. */
  get hasBegun(): boolean {
    return this.step > 0 || (this.process !== 'waiting' && this.process !== 'cancelled');
  }

  /** "12 of 600", as far as that is known. */
  get progress(): string {
    return Number.isNaN(this.steps) ? String(this.step) : `${this.step} of ${this.steps}`;
  }

  get isDone(): boolean {
    return hasEnded(this);
  }
}
