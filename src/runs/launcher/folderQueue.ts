import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PlannedRun } from '../../core/records/run.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { readRunRecord } from '../directory/runFile.ts';
import { queuedGroups, readQueue } from './queueFile.ts';
import { runDirectory } from './trainingPlan.ts';
import { waitReasons } from './turns.ts';
import type { Turns } from './turns.ts';
import { TurnsFile } from './turnsFile.ts';

/** A run in a list of a queue. */
export interface ListedRun {
  readonly id: string;
  readonly dir: string;
  /** What is known of it; undefined: nothing but its id. */
  readonly plan: Pick<PlannedRun, 'name' | 'group' | 'estimator' | 'seed'> | undefined;
}

/** The queue of a folder of runs, as people see it. */
export interface FolderQueue {
  readonly paused: boolean;
  /** Most runs at once on a machine; null: as each plan says. */
  readonly parallel: number | null;
  /** Runs that go on, or are about to begin. */
  readonly running: readonly ListedRun[];
  /** Runs that wait, in the order of their turns, and for what. */
  readonly waiting: readonly (ListedRun & { readonly waits: string })[];
  /** Runs that nothing will begin: the process that was to is gone. */
  readonly lost: readonly ListedRun[];
}

/** Reads the queue of a folder, and puts right what dead processes have left. Never fails: where nothing is, nothing waits. */
export async function readFolderQueue(runsDir: string): Promise<FolderQueue> {
  const turns = await current(runsDir);
  const plans = new Map<string, PlannedRun>();
  const lost: PlannedRun[] = [];
  for (const group of await queuedGroups(runsDir)) {
    const queue = await readQueue(runsDir, group);
    for (const run of queue?.plan.runs ?? []) plans.set(run.id, run);
    if (queue?.state === 'lost') lost.push(...queue.plan.runs);
  }
  const listed = async (id: string): Promise<ListedRun> => {
    const dir = runDirectory(runsDir, { id });
    return { id, dir, plan: plans.get(id) ?? (await readRunRecord(dir).catch(() => undefined)) };
  };
  const reasons = [...waitReasons(turns)];
  const order = new Map(turns.order.map(({ id }, index) => [id, index]));
  reasons.sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return {
    paused: turns.paused,
    parallel: turns.parallel,
    running: await Promise.all(turns.places.map(({ id }) => listed(id))),
    waiting: await Promise.all(reasons.map(async ([id, { text }]) => ({ ...(await listed(id)), waits: text }))),
    lost: await Promise.all(lost.filter(({ id }) => !order.has(id)).map(({ id }) => listed(id))),
  };
}

/** Changes the queue of a folder. Throws a RunDirectoryError where it cannot be changed. */
export async function changeFolderQueue(runsDir: string, work: (turns: Turns) => Turns): Promise<Turns> {
  if (!existsSync(runsDir)) throw new RunDirectoryError(runsDir, 'there is no such folder of runs', 'Start a run first, or name another.');
  return new TurnsFile(runsDir).change(work);
}

/** "grpo seed 3", as people see a run in the list; empty: nothing but its id is known. */
export function listedName({ plan }: Pick<ListedRun, 'plan'>): string {
  return plan === undefined ? '' : `${plan.estimator} seed ${plan.seed}`;
}

/**
 * The id of the waiting run that somebody means by its directory, its id, its name in the list, or a part of these that no other has.
 * Throws a RunDirectoryError that says why it is none.
 *
 * @param listed what is known of the runs of the folder
 */
export function waitingId(turns: Turns, given: string, runsDir: string, listed: readonly Pick<ListedRun, 'id' | 'plan'>[]): string {
  const names = new Map(listed.map((run) => [run.id, listedName(run)]));
  const isPartOf = (id: string): boolean => id.includes(given) || (names.get(id) ?? '').includes(given);
  const ids = turns.order.filter((turn) => turn.removed !== true).map(({ id }) => id);
  const name = path.basename(given);
  if (ids.includes(name)) return name;
  const called = ids.filter((id) => names.get(id) === given);
  const matching = called.length > 0 ? called : ids.filter(isPartOf);
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  if (matching.length > 1) {
    const some = matching.slice(0, 5).join(', ');
    const [problem, remedy] =
      called.length > 0
        ? [`${matching.length} waiting runs are called "${given}"`, 'Name one by its directory.']
        : [`"${given}" is in the names of ${matching.length} waiting runs`, 'Give more of the name.'];
    throw new RunDirectoryError(runsDir, `${problem}: ${some}${matching.length > 5 ? ', …' : ''}`, remedy);
  }
  const begun = turns.places.some(({ id }) => id === name || isPartOf(id));
  const problem = begun ? `"${given}" does not wait: it has begun` : `no run waits there whose name has "${given}" in it`;
  throw new RunDirectoryError(runsDir, problem, begun ? 'otb stop ends it.' : 'See what waits: otb queue.');
}

async function current(runsDir: string): Promise<Turns> {
  const file = new TurnsFile(runsDir);
  try {
    return await file.change((turns) => turns);
  } catch (error) {
    if (!(error instanceof RunWriteError)) throw error;
    return file.read().turns;
  }
}
