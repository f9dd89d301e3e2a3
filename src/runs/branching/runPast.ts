import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { changedValues } from '../../core/branching/branchConfig.ts';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseRunEvent, LifecycleEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { BranchOrigin, PlannedRun, RunRecord } from '../../core/records/run.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import { unixTime } from '../../core/records/unixTime.ts';
import { CollapseHistory } from '../catalog/collapseHistory.ts';
import { listCheckpoints } from '../directory/checkpoints.ts';
import { readRun } from '../directory/readRun.ts';
import { readBytesSync, sizeLimits } from '../directory/regularFile.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';

/** What a branch has from its run, whole by itself. */
export interface RunPast {
  /** Of the run. */
  readonly record: RunRecord;
  readonly origin: BranchOrigin;
  /** To the step of the branch, each once, in order. */
  readonly metrics: readonly MetricsRecord[];
  /** The same. */
  readonly table: MetricTable;
  /** What the collapse detector had said by then. */
  readonly events: readonly CollapseRunEvent[];
}

/** Reads what a branch has from its run. Throws a RunDirectoryError that says what is missing. */
export async function readPast(origin: BranchOrigin): Promise<RunPast> {
  const { dir, step } = origin;
  const { record, metrics, events } = await readRun(dir).catch((error: unknown) => {
    throw goneFrom(dir, error);
  });
  const history = new CollapseHistory();
  for (const event of events) if (isLifecycleEvent(event) || event.step <= step) history.add(event);
  const kept = [...metrics.records()].filter((each) => each.step <= step);
  const past = new RunHistory();
  past.takeAll(kept);
  return {
    record,
    origin,
    metrics: kept,
    table: past.table,
    events: history.events.filter((event) => event.step <= step),
  };
}

/** What a branch says of where it comes from, and in what it differs. */
export function branchedEvent(run: RunRecord, branch: PlannedRun, { id, dir, step }: BranchOrigin): LifecycleEvent {
  const data = { from: id, dir, step, ...changedValues(run.config, branch.config), estimator: branch.estimator };
  return { type: 'branched', step, time: unixTime(), data };
}

/** The files of a run's checkpoint, by name. Throws a RunDirectoryError that says what is missing. */
export function readCheckpoint({ dir, step }: BranchOrigin): Readonly<Record<string, Uint8Array>> {
  const checkpoint = listCheckpoints(dir).find((each) => each.step === step);
  if (checkpoint === undefined) throw goneCheckpoint({ dir, step });
  return Object.fromEntries(filesIn(checkpoint.dir).map((name) => [name, readFile(path.join(checkpoint.dir, name))]));
}

/** A link that leads nowhere is none. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile());
  } catch (error) {
    const problem = `the checkpoint cannot be read: ${(error as Error).message}`;
    throw new RunDirectoryError(folder, problem, 'Branch from another checkpoint of the run.', { cause: error });
  }
}

/** What there is to say where the checkpoint that a branch is to begin from was deleted meanwhile. */
export function goneCheckpoint({ dir, step }: Pick<BranchOrigin, 'dir' | 'step'>): RunDirectoryError {
  const remedy = 'Branch from another: otb run --branch names those there are.';
  return new RunDirectoryError(dir, `the checkpoint of step ${step} is gone`, remedy);
}

function readFile(file: string): Uint8Array {
  try {
    return readBytesSync(file, sizeLimits.tensors);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** It may have been deleted while the branch waited for its turn. */
function goneFrom(dir: string, error: unknown): unknown {
  if (!(error instanceof RunDirectoryError)) return error;
  return new RunDirectoryError(
    dir,
    `the run to branch from cannot be read any more: ${error.problem}`,
    'Put it back, or branch from another run.',
    { cause: error },
  );
}
