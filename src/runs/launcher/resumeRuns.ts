import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from '../../core/records/json.ts';
import type { RunRecord } from '../../core/records/run.ts';
import { writeAtomically } from '../directory/atomicFile.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { ProcessLock } from '../process/processLock.ts';
import { liveMembersOf } from './groupMembers.ts';
import { addRequest, queueFile, queueName, readQueue, stillWaiting } from './queueFile.ts';
import type { QueueStatus } from './queueFile.ts';
import { startQueue } from './startQueue.ts';
import type { QueueProgram } from './startQueue.ts';
import { atOnce, cacheFolder, runDirectory, shareOfCores, withProgramLimit } from './trainingPlan.ts';
import type { QueuedRun } from './trainingPlan.ts';
import { workingFolder } from './workingFolder.ts';

interface Launch {
  readonly runsDir: string;
  readonly group: string;
  /** What `${python}` stands for in commands; what a lost queue was told counts more. */
  readonly python?: string;
  /** What the user has said of runs and threads at once; what a lost queue was told counts more. */
  readonly limits: { readonly parallel?: number; readonly threads?: number };
}

/** Runs of a group that are to go on. */
export interface Resumption extends Launch {
  readonly runs: readonly { readonly dir: string; readonly record: RunRecord }[];
}

/** Runs that wait for their turn in a queue, or have had it. */
export interface Resumed {
  readonly count: number;
  /** Most of the group at once. */
  readonly parallel: number;
  /** The process of the queue. */
  readonly pid: number;
}

/**
 * Goes on with runs of a group from their last checkpoints, and starts what a lost queue of the group has left: a few at once together
 * with the group's other runs, in the process of the queue that is there, or else in one of their own. Throws like `startQueue`, and a
 * RunDirectoryError where there is nothing to go on with.
 */
export function resumeRuns(resumption: Resumption, program: QueueProgram): Promise<Resumed> {
  return launchInGroup({ ...resumption, runs: resumption.runs.map(queuedRun) }, program);
}

/** The same with runs of the group that may be new. */
export async function launchInGroup(launch: Launch & { readonly runs: readonly QueuedRun[] }, program: QueueProgram): Promise<Resumed> {
  const { runsDir, group, limits } = launch;
  const file = queueFile(runsDir, group);
  const attempt = await ProcessLock.take(() => runsDir, `${path.basename(file)}.lock`);
  if (attempt.kind === 'held')
    throw new RunDirectoryError(file, 'the runs that wait are being started by another window or command', 'Wait for it.');
  try {
    const asked = await stillWaiting(runsDir, launch.runs);
    const queue = await readQueue(runsDir, group);
    if (asked.length > 0 && queue?.state === 'live' && (await joins(asked, queue, runsDir, program.startLimitMs))) {
      return { count: asked.length, parallel: queue.plan.parallel, pid: queue.process.pid };
    }
    const lost = queue?.state === 'lost' ? queue.plan : undefined;
    const left = lost?.runs ?? [];
    const runs = [...left, ...asked.filter(({ id }) => !left.some((run) => run.id === id))];
    const [first] = runs;
    if (first === undefined) throw new RunDirectoryError(file, whyNone(launch, queue), 'There is nothing to do.');
    const others = (await liveMembersOf(runsDir, group)).length;
    const cacheDir = cacheFolder(workingFolder(runDirectory(runsDir, first), first), process.env);
    const share = shareOfCores(runs.length + others, withProgramLimit(runs, limits));
    const { python = launch.python, engine, parallel, threads } = lost ?? { engine: 'auto', ...share, python: undefined };
    const plan = { runs, runsDir, engine, parallel, threads, cacheDir, ...(python !== undefined && { python }) };
    const { pid } = await startQueue(plan, program);
    // Another queue has it now, by another name where it was that of a command.
    if (group !== queueName(runs)) rmSync(file, { force: true });
    return { count: runs.length, parallel: atOnce(plan), pid };
  } finally {
    attempt.lock.release();
  }
}

/** Whether the queue that is there has taken runs on. */
async function joins(
  runs: readonly QueuedRun[],
  { group, process: { pid } }: QueueStatus,
  runsDir: string,
  limitMs = 60_000,
): Promise<boolean> {
  const request = addRequest(runsDir, group);
  const deadline = Date.now() + limitMs;
  writeAtomically(request, stringify(runs));
  while (existsSync(request)) {
    const queue = await readQueue(runsDir, group);
    if (queue?.state !== 'live' || queue.process.pid !== pid) return !takesBack(request);
    if (Date.now() > deadline && takesBack(request)) {
      const problem = `process ${pid}, which starts the runs of this group, does not answer`;
      throw new RunDirectoryError(queueFile(runsDir, group), problem, 'If it is gone, delete this file and resume again.');
    }
    await delay(50);
  }
  return true;
}

/** Whether nobody has met the request, and nobody will. */
function takesBack(request: string): boolean {
  try {
    rmSync(request);
    return true;
  } catch {
    return false;
  }
}

/** A run as a queue takes it to go on. */
export function queuedRun({ dir, record }: Resumption['runs'][number]): QueuedRun {
  const { name, group, estimator, seed, config, configFile, configLines, cwd, git } = record;
  return { id: path.basename(dir), name, group, estimator, seed, config, configFile, configLines, cwd, git, resumes: true };
}

function whyNone({ runs }: { readonly runs: readonly unknown[] }, queue: QueueStatus | undefined): string {
  if (runs.length > 0) return 'these runs are active, or have taken all their steps';
  return queue === undefined ? 'no run waits in this group' : 'the process that starts the waiting runs is there';
}
