import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runFiles } from '../../core/records/run.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { lastLines } from './lastLines.ts';
import { LaunchError } from './launchRun.ts';
import { takeLock } from './processLock.ts';
import { queueFile, queueLog, readQueue } from './queueFile.ts';
import { runDirectory } from './trainingPlan.ts';
import type { TrainingPlan } from './trainingPlan.ts';

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

/** A queue whose first run has begun. It outlives this process. */
export interface StartedQueue {
  readonly pid: number;
  /** File with what the process has to say. */
  readonly log: string;
}

/**
 * Leaves a plan to a process of its own, which starts the runs a few at once, and resolves when the first has begun. Throws a
 * LaunchError with the last words of that process where none does.
 */
export async function startQueue(plan: TrainingPlan, program: QueueProgram): Promise<StartedQueue> {
  const { otbEntry, nodePath = process.execPath, env, startLimitMs = 60_000 } = program;
  const log = queueLog(plan.runsDir, plan.runs[0]?.group ?? 'runs');
  const descriptor = openLog(log);
  // Its own process group: a Ctrl-C or a closed window ends what started the runs, not the runs.
  const child = spawn(nodePath, [otbEntry, 'queue'], {
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
  const begun = (): boolean => plan.runs.some((run) => existsSync(path.join(runDirectory(plan.runsDir, run), runFiles.run)));
  const deadline = Date.now() + startLimitMs;
  while (!begun()) {
    const failure = await Promise.race([failed, delay(50)]);
    // It may have finished all runs since the last look.
    if (typeof failure === 'string' && !begun()) throw new LaunchError(failure, tellingLog(plan, log));
    if (Date.now() > deadline) {
      // Asks it to cancel, so that nothing begins after all when nobody expects it any more.
      child.kill();
      throw new LaunchError(`No run began within ${startLimitMs / 1000} s, so they were cancelled.`, tellingLog(plan, log));
    }
  }
  child.unref();
  return { pid: child.pid ?? 0, log };
}

/** Starts what a lost queue has left. Throws like `startQueue`, and a RunDirectoryError where there is nothing to go on with. */
export async function continueQueue(runsDir: string, group: string, program: QueueProgram): Promise<StartedQueue> {
  const file = queueFile(runsDir, group);
  const release = await takeLock(`${file}.lock`);
  if (release === undefined) throw new RunDirectoryError(file, 'the runs that wait are being started by another window or command', 'Wait for it.');
  try {
    const queue = await readQueue(runsDir, group);
    if (queue?.state !== 'lost') {
      const problem = queue === undefined ? 'no run waits in this group' : 'the process that starts the waiting runs is there';
      throw new RunDirectoryError(file, problem, 'There is nothing to do.');
    }
    return await startQueue(queue.plan, program);
  } finally {
    release();
  }
}

function openLog(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, 'a');
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

/** What the first trainer said says most of why none began; where it was not even started, what the queue said. */
function tellingLog({ runsDir, runs }: TrainingPlan, log: string): string {
  const stderr = runs.map((run) => path.join(runDirectory(runsDir, run), runFiles.stderr));
  return stderr.find((file) => lastLines(file, 1) !== '') ?? log;
}
