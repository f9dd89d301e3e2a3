import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runFiles } from '../../core/records/run.ts';
import { openForAppending } from '../directory/ownFile.ts';
import { isRunDirectory } from '../directory/runFile.ts';
import { RunWriteError } from '../directory/runDirectoryError.ts';
import { lastLines } from '../directory/lastLines.ts';
import { LaunchError } from './launchError.ts';
import { nextStart } from './launchRun.ts';
import { queueLog, queueName } from './queueFile.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from './trainingPlan.ts';
import { waitReasons } from './turns.ts';
import type { Turns } from './turns.ts';
import { TurnsFile } from './turnsFile.ts';

export interface QueueProgram {
  /** The command line, `dist/otb.mjs`. */
  readonly otbEntry: string;
  /** The Node that runs it, and the trainers; default this one. */
  readonly nodePath?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the first run has to have begun; default a minute. */
  readonly startLimitMs?: number;
}

/** A queue whose first run has begun, or waits for its turn. It outlives this process. */
export interface StartedQueue {
  readonly pid: number;
  /** What its first run waits for, as `waitReasons` says it; null: it has begun. */
  readonly waits: string | null;
  /** File with what the process has to say. */
  readonly log: string;
}

/**
 * Leaves a plan to a process of its own, which starts the runs a few at once, and resolves when the first has begun, or has to wait in
 * the queue of the folder. Throws a LaunchError with the last words of that process where none begins.
 */
export async function startQueue(plan: TrainingPlan, program: QueueProgram): Promise<StartedQueue> {
  const { otbEntry, nodePath = process.execPath, env, startLimitMs = 60_000 } = program;
  const { group = queueName(plan.runs) } = plan;
  const starts = await Promise.all(plan.runs.map((run) => startOf(runDirectory(plan.runsDir, run), run)));
  const log = queueLog(plan.runsDir, group);
  const descriptor = openLog(log);
  const { size } = fstatSync(descriptor);
  // Its own process group: a Ctrl-C or a closed window ends what started the runs, not the runs.
  const child = spawn(nodePath, [otbEntry, 'queue', 'serve'], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['pipe', descriptor, descriptor],
    windowsHide: true,
  });
  closeSync(descriptor);
  const failed = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${nodePath} cannot be started: ${error.message}.`));
    child.once('exit', () => resolve('No run began.'));
  });
  // A process that dies early closes the pipe; that it died is seen below.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(plan));
  const begun = async (): Promise<boolean> => (await Promise.all(starts.map((hasBegun) => hasBegun()))).includes(true);
  const file = new TurnsFile(plan.runsDir);
  const deadline = Date.now() + startLimitMs;
  let waits: string | null = null;
  while (!(await begun()) && (waits = firstWait(plan, child.pid, file.read().turns)) === null) {
    const failure = await Promise.race([failed, delay(50)]);
    // It may have finished all runs since the last look.
    if (typeof failure === 'string' && !(await begun())) throw new LaunchError(failure, ...tellingLog(plan, log, size));
    if (Date.now() > deadline) {
      // Asks it to cancel, so that nothing begins after all when nobody expects it any more.
      child.kill();
      throw new LaunchError(`No run began within ${startLimitMs / 1000} s, so they were cancelled.`, ...tellingLog(plan, log, size));
    }
  }
  child.unref();
  return { pid: child.pid ?? 0, waits, log };
}

/** What the first run of a plan waits for in its queue; null: it is not there, or is about to begin. */
function firstWait({ runs }: TrainingPlan, pid: number | undefined, turns: Turns): string | null {
  const ids = new Set(runs.map(({ id }) => id));
  if (turns.places.some(({ id }) => ids.has(id)) || !turns.queues.some((queue) => queue.pid === pid)) return null;
  const reasons = [...waitReasons(turns)].filter(([id]) => ids.has(id)).map(([, reason]) => reason);
  return reasons.some(({ kind }) => kind === 'now') ? null : (reasons[0]?.text ?? null);
}

function openLog(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openForAppending(file);
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

/** Tells whether a run has begun, or gone on, since now. */
function startOf(dir: string, { resumes }: QueuedRun): Promise<() => Promise<boolean>> {
  return resumes === true ? nextStart(dir) : Promise.resolve(() => isRunDirectory(dir));
}

/**
 * What the first trainer said says most of why none began; where it was not even started, what the queue said, from the byte `size`. So
 * does a run that was to go on, after what it had said before.
 */
function tellingLog({ runsDir, runs }: TrainingPlan, log: string, size: number): [log: string, from: number] {
  const stderr = runs.filter(({ resumes }) => resumes !== true).map((run) => path.join(runDirectory(runsDir, run), runFiles.stderr));
  const telling = stderr.find((file) => lastLines(file, 1) !== '');
  return telling === undefined ? [log, size] : [telling, 0];
}
