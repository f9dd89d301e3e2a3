import { hasCollapsed, hasFailed } from '../core/records/runState.ts';
import type { RunPhase } from '../core/records/runState.ts';
import type { ComparedRun } from '../core/comparison/groups.ts';
import type { RunSummary } from '../core/comparison/runSummary.ts';
import type { BranchOrigin, ExitRecord } from '../core/records/run.ts';
import type { RunIdentity } from '../core/records/runIdentity.ts';
import { readSource } from '../runs/sources/readSource.ts';
import { runDirectory } from '../runs/sources/runPlace.ts';
import { comparedRun } from '../runs/inspection/comparedRun.ts';
import type { ExitCode } from './exit.ts';
import { exitCodes } from './exit.ts';
import type { FollowedRun } from './progress/followedRun.ts';

/** What became of one run: a row of `otb run --json`. */
export interface RunOutcome extends RunSummary {
  readonly dir: string;
  readonly process: RunPhase;
  /** Why it ended, and the same in a sentence; null where it did not say. */
  readonly reason: ExitRecord['reason'] | null;
  readonly message: string | null;
  /** The run that it is a branch of, and the step of the checkpoint; null: it is none. */
  readonly branchedFrom: BranchOrigin | null;
}

export interface Outcome {
  /** One for each run, in the order given, also for those that never began. */
  readonly runs: readonly RunOutcome[];
  /** Those that left something to compare. */
  readonly compared: readonly ComparedRun[];
  readonly identities: readonly RunIdentity[];
}

/** Reads what the runs left behind. */
export async function readOutcome(followed: readonly FollowedRun[]): Promise<Outcome> {
  const read = await Promise.all(followed.map(readOne));
  return {
    runs: read.map(({ outcome }) => outcome),
    compared: read.flatMap(({ compared }) => compared ?? []),
    identities: read.flatMap(({ identity }) => identity ?? []),
  };
}

/** 1 where a process failed or was lost, 3 where a run collapsed and that was to be told, else 0. */
export function exitCodeOf(runs: readonly RunOutcome[], failOnCollapse: boolean): ExitCode {
  if (runs.some((run) => hasFailed(run) || run.process === 'cancelled')) return exitCodes.failed;
  return failOnCollapse && runs.some(hasCollapsed) ? exitCodes.collapse : exitCodes.done;
}

async function readOne(run: FollowedRun): Promise<{ outcome: RunOutcome; compared?: ComparedRun; identity?: RunIdentity }> {
  const { dir, estimator, seed, process } = run;
  const contents = await readSource(runDirectory(dir)).catch(() => undefined);
  if (contents === undefined) {
    const nothing = {
      state: 'unknown',
      onsetStep: null,
      detectedStep: null,
      finalScore: null,
      bestScore: null,
      medianGradNorm: null,
      maxGradNorm: null,
    } as const;
    return { outcome: { dir, estimator, seed, steps: 0, ...nothing, process, reason: null, message: null, branchedFrom: null } };
  }
  const compared = comparedRun(contents);
  const { exit, identity } = contents;
  const branchedFrom = identity.branchedFrom ?? null;
  const outcome = { dir, ...compared.summary, process, reason: exit?.reason ?? null, message: exit?.message ?? null, branchedFrom };
  // A run that ended before its first step has no curve to compare.
  return contents.metrics.length === 0 ? { outcome } : { outcome, compared, identity };
}
