import os from 'node:os';
import { runFiles } from '../../core/records/run.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { ProcessLock } from './processLock.ts';
import type { LockHolder } from './processLock.ts';

/** Milliseconds that a process has to end after it has said how its run ended. */
const endingMs = 5000;
const lookMs = 20;

/**
 * The lock of a run, which its process holds for its whole life: while it does, no other process writes into the run directory. Waits
 * for a process that has nothing left to do but to end. Throws a RunDirectoryError where another process works on the run.
 *
 * @param hasEnded whether the run says how it ended.
 */
export async function takeRunLock(folder: () => string, hasEnded: () => boolean): Promise<ProcessLock> {
  for (const deadline = Date.now() + endingMs; ;) {
    const attempt = await ProcessLock.take(folder, runFiles.lock);
    if (attempt.kind === 'taken') return attempt.lock;
    if (!hasEnded() || Date.now() > deadline) throw runIsTaken(folder(), attempt.by);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** That another process works on a run. */
export function runIsTaken(dir: string, by: LockHolder | undefined): RunDirectoryError {
  if (by === undefined) return new RunDirectoryError(dir, 'another process is just beginning to work on this run', 'Wait for it.');
  const where = by.host === os.hostname() ? '' : ` on ${by.host}`;
  return new RunDirectoryError(dir, `the run is still running, in process ${by.pid}${where}`, 'Stop it first, or wait for its end.');
}
