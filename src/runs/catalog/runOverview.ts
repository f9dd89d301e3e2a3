import type { ToldRun } from '../../core/records/collapseWords.ts';
import type { CollapseRunEvent, CollapseState } from '../../core/records/events.ts';
import type { StepNote } from '../../core/records/stepNotes.ts';
import type { RunProgress } from '../../core/records/progress.ts';
import type { ExitRecord, PlannedRun, ProcessState } from '../../core/records/run.ts';
import { estimatorAndSeed, plannedIdentity, tellingName } from '../../core/records/runIdentity.ts';
import type { OwnIdentity, PlannedIdentity, RunIdentity } from '../../core/records/runIdentity.ts';
import { isArchived } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import type { GroupTitle } from './groupTitles.ts';

/** What there is to say about a run in a line, without its metrics. Never changes: news makes a new one. */
export interface RunOverview<Identity extends RunIdentity = RunIdentity> {
  /** Absolute path of the run directory, or of the file or folder of another program; identifies the run. */
  readonly dir: string;
  readonly identity: Identity;
  readonly process: ProcessState;
  readonly exit: ExitRecord | null;
  readonly collapse: CollapseState;
  /** What cannot be judged of it and why, as a sentence; empty: everything can, or there is no step yet. */
  readonly notJudged: string;
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  /** What the collapse detector said, in order of step. */
  readonly collapseEvents: readonly CollapseRunEvent[];
  /** What people noted about its steps, ascending. */
  readonly stepNotes: readonly StepNote[];
  /** Last finished step; 0 before the first. */
  readonly step: number;
  /** Latest gradient norm; NaN: none yet. */
  readonly gradNorm: number;
  /** Mean score over the last 20 steps; NaN: none yet. */
  readonly score: number;
  /** NaN: not known. */
  readonly stepsPerSecond: number;
  /** Share of the warm start that is done while it is under way; else NaN. */
  readonly warmStart: number;
  /** Seconds from the start of its process to its first step; NaN, or left out: not known. */
  readonly startupSeconds?: number;
  /** Gradient norms over the whole run, at most 24: the highest of each stretch (of a few steps of it, in a long run), oldest first. */
  readonly sparkline: readonly number[];
  /** Why it ended before its last step, or what is wrong with the directory, as a sentence; null: nothing to say. */
  readonly note: string | null;
  /** What its group is called; left out: its id. */
  readonly group?: GroupTitle;
  /** Its directory is gone; whoever has it open still shows it. */
  readonly isDeleted?: true;
}

/** What is new in a catalog; several changes within a moment are told at once. */
export interface CatalogChange {
  readonly added: readonly RunOverview[];
  readonly changed: readonly RunOverview[];
  /** As they were last. */
  readonly removed: readonly RunOverview[];
}

/** A run as its group has it: one that there is, or one whose turn has not come, or will not. */
export interface GroupRun extends Omit<RunOverview, 'process' | 'identity'> {
  readonly process: RunPhase;
  readonly identity: RunIdentity | PlannedIdentity;
}

/** A run that has nothing but its plan. */
export function comingRun(dir: string, plan: PlannedRun, process: 'waiting' | 'cancelled'): GroupRun {
  return {
    dir,
    identity: plannedIdentity(plan),
    process,
    exit: null,
    collapse: 'unknown',
    notJudged: '',
    onsetStep: null,
    detectedStep: null,
    collapseEvents: [],
    stepNotes: [],
    step: 0,
    gradNorm: Number.NaN,
    score: Number.NaN,
    stepsPerSecond: Number.NaN,
    warmStart: Number.NaN,
    sparkline: [],
    note: null,
  };
}

/** Whether there is anything of a run besides its plan. */
export function isThere(run: GroupRun): run is RunOverview {
  return run.identity.kind === 'foreign' || 'record' in run.identity;
}

/** How far a run is, and how fast. */
export function progressOf(run: GroupRun): RunProgress {
  const { process, exit, step, stepsPerSecond, warmStart, startupSeconds = Number.NaN } = run;
  return { process, exit, step, steps: run.identity.plannedSteps ?? Number.NaN, stepsPerSecond, warmStart, startupSeconds };
}

/** A run that was started from here. */
export type OwnRun = RunOverview<OwnIdentity>;

export function isOwn(run: RunOverview): run is OwnRun {
  return run.identity.kind !== 'foreign';
}

/** "dr_grpo seed 2 of ledger"; without the name where that says nothing more, and with the time where several groups have that name. */
export function runTitle(run: Pick<RunOverview, 'identity' | 'group'>): string {
  const name = tellingTitle(run);
  return name === null ? runName(run) : `${runName(run)} of ${name}`;
}

/** What tells a run apart besides estimator and seed: its name, or what its group is called instead; null: nothing. */
export function tellingTitle({ identity, group }: Pick<GroupRun, 'identity' | 'group'>): string | null {
  return group?.isOfRuns === true && group.title !== identity.name ? group.title : tellingName(identity);
}

/** How a run is called in a sentence: "dr_grpo seed 2". */
export function runName({ identity }: Pick<RunOverview, 'identity'>): string {
  return estimatorAndSeed(identity);
}

/** What the detector has said of a run, for words about it. */
export function toldOf({ collapse, collapseEvents }: RunOverview): ToldRun {
  return { collapse, events: collapseEvents };
}

/** What a list says of a run behind its name, to be read and to be searched: "ledger · running at step 12 of 600 · #paper". */
export function runWords(run: RunOverview): string {
  const { name, plannedSteps, label } = run.identity;
  const state = `${run.process} at step ${run.step}${plannedSteps === null ? '' : ` of ${plannedSteps}`}`;
  const collapse = run.collapse === 'collapsed' || run.collapse === 'silent' ? [run.collapse] : [];
  return [name, ...collapse, state, ...(isArchived(run) ? ['archived'] : []), ...(label?.tags ?? []).map((tag) => `#${tag}`)].join(' · ');
}
