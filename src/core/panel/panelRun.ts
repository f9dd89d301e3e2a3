import type { CollapseEvent, CollapseState } from '../records/events.ts';
import type { MetricKeys } from '../records/metricRoles.ts';
import type { StepNote } from '../records/stepNotes.ts';
import type { RunProgress } from '../records/progress.ts';
import type { RunColor } from '../records/runLabel.ts';
import type { RunIdentity } from '../records/runIdentity.ts';
import type { RunPhase } from '../records/runState.ts';

/** What a panel knows of a run besides its metrics. All of it is small: it is sent again whenever any of it changes. */
export interface PanelRun {
  /** Path of its directory or file; identifies the run in every message. */
  readonly id: string;
  /** "dr_grpo seed 2". */
  readonly label: string;
  /** Name in the config. */
  readonly name: string;
  /** What the group that it was started in is called, where the panel shows several; no two of them are called the same. */
  readonly group?: string;
  /** What somebody called it, which its label then is; left out: nobody did. */
  readonly givenName?: string;
  /** What somebody tagged it with; left out: nothing. */
  readonly tags?: readonly string[];
  /** What somebody wants it drawn in; left out: the colour of its estimator. */
  readonly color?: RunColor;
  /** Whose run it is; left out: the built-in trainer's. */
  readonly identity?: {
    readonly kind: RunIdentity['kind'];
    /** Of one started by command: whether its program can go on with it. */
    readonly canResume?: boolean;
    /** Of another program's: what its files are, e.g. "console log of verl". */
    readonly title?: string;
  };
  /** Which of its metrics are the gradient norm, the score …; left out: verl's names. */
  readonly metricKeys?: MetricKeys;
  /** Which of those somebody decided on; left out: none. */
  readonly chosenKeys?: MetricKeys;
  /** Where it is not known, what the run is called. */
  readonly estimator: string;
  /** Null: not known. */
  readonly seed: number | null;
  /** Runs of one series differ in nothing but their seed; a chart draws one mean and band for them. */
  readonly series: string;
  /** The config values that differ among the runs of the panel, by path. */
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>;
  /** Id of the run of the same config and seed that counts in means and bands instead of it; null: it counts itself. */
  readonly repeatOf?: string | null;
  /** Of a branch, where it comes from; left out: it is none. */
  readonly branchedFrom?: PanelBranch;
  readonly process: RunPhase;
  /** Its directory is gone: nothing can be done with it. */
  readonly isDeleted?: boolean;
  /** Why it ended, or what is wrong with its directory, as a sentence; null where there is nothing to say. */
  readonly note: string | null;
  /** What its charts do not show of its file, in sentences; left out: they show everything. */
  readonly notShown?: readonly string[];
  readonly collapse: CollapseState;
  /** What cannot be judged of it and why, as a sentence; empty: everything can, or there is no step yet. */
  readonly notJudged: string;
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  /** What the detector said so far, in order of step. */
  readonly marks: readonly CollapseEvent[];
  /** What people noted about its steps, ascending; left out: nothing. */
  readonly stepNotes?: readonly StepNote[];
  /** Steps that the run is to take; null: not known. */
  readonly plannedSteps: number | null;
  /** Share of the warm start that is done, while it is under way; null, or left out: it is not. */
  readonly warmStart?: number | null;
  /** Seconds from the start of its process to its first step; null, or left out: not known. */
  readonly startupSeconds?: number | null;
  /** Metrics that the run logs, in order of appearance. */
  readonly metrics: readonly string[];
  readonly numbers: RunNumbers;
  /** ISO 8601, UTC; empty: it has not begun, or does not say. */
  readonly createdAt: string;
}

/** Where a branch comes from. */
export interface PanelBranch {
  /** Id of its run among the runs of the panel; null: it is not one of them. */
  readonly run: string | null;
  /** What that is called. */
  readonly name: string;
  /** The last step that both have in common. */
  readonly step: number;
}

/** Whether there is anything of a run on disk: not of one that was deleted, or has not started. */
export function hasFiles({ isDeleted = false, process, numbers }: PanelRun): boolean {
  return !isDeleted && (numbers.step !== null || (process !== 'waiting' && process !== 'cancelled'));
}

/** How far a run is, and how fast. */
export function panelProgress({ process, plannedSteps, numbers, warmStart, startupSeconds }: PanelRun): RunProgress {
  return {
    process,
    step: numbers.step ?? 0,
    steps: plannedSteps ?? Number.NaN,
    stepsPerSecond: numbers.stepsPerSecond ?? Number.NaN,
    warmStart: warmStart ?? Number.NaN,
    startupSeconds: startupSeconds ?? Number.NaN,
  };
}

/** The numbers of a run table; null: not logged. Messages are JSON, which has no infinity: what overflowed is Number.MAX_VALUE. */
export interface RunNumbers {
  readonly step: number | null;
  readonly gradNorm: number | null;
  readonly medianGradNorm: number | null;
  readonly maxGradNorm: number | null;
  /** Where it is now: mean over the last 20 steps. */
  readonly score: number | null;
  readonly bestScore: number | null;
  /** Mean over the last 50 steps, once the run has ended. */
  readonly finalScore?: number | null;
  readonly stepsPerSecond: number | null;
}
