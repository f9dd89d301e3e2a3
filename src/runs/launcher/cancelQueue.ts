import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createFile } from '../directory/ownFile.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { checkProcess } from '../process/processIdentity.ts';
import { cancelRequest, queueFile, readQueue } from './queueFile.ts';
import type { QueueStatus } from './queueFile.ts';

export interface CancelOptions {
  /** Milliseconds that the process of the queue has to answer before it is killed; it looks four times a second. */
  readonly graceMs: number;
}

/** `none`: nothing waited. `cancelled`: the queue did it. `killed`: it did not answer. `cleared`: it was lost. `requested`: it is on another machine. */
export type CancelOutcome = 'none' | 'cancelled' | 'killed' | 'cleared' | 'requested';

/**
 * Makes sure that what waits in a group is never started: all that was just being started has begun, or failed to. A queue that
 * answers also stops the runs that it has started, in its own time. Signals go only to a process that is verified to be the queue's.
 * Throws a RunDirectoryError where the queue goes on.
 */
export async function cancelQueue(runsDir: string, group: string, { graceMs }: CancelOptions): Promise<CancelOutcome> {
  const queue = await readQueue(runsDir, group);
  if (queue === undefined) return 'none';
  if (queue.state === 'lost') {
    clear(runsDir, group);
    return 'cleared';
  }
  request(runsDir, group);
  if (!queue.here) return 'requested';
  const deadline = Date.now() + graceMs;
  while (existsSync(queueFile(runsDir, group))) {
    const gone = (await checkProcess(queue.process)) === 'gone';
    if (gone || Date.now() >= deadline) {
      if (!gone) await kill(queue, runsDir);
      clear(runsDir, group);
      return gone ? 'cleared' : 'killed';
    }
    await delay(50);
  }
  // Its last run may have begun before it looked.
  rmSync(cancelRequest(runsDir, group), { force: true });
  return 'cancelled';
}

/** It holds nothing but what waits, and its runs do not depend on it. */
async function kill({ process: { pid, processStartTime }, group }: QueueStatus, runsDir: string): Promise<void> {
  const check = await checkProcess({ pid, processStartTime });
  if (check === 'gone') return;
  if (check === 'unknown') {
    const problem = `process ${pid} does not answer, and it cannot be verified that it is this queue's, so it was not killed`;
    throw new RunDirectoryError(queueFile(runsDir, group), problem, 'End it yourself.');
  }
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone in this very moment, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function request(runsDir: string, group: string): void {
  const file = cancelRequest(runsDir, group);
  try {
    createFile(file);
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

function clear(runsDir: string, group: string): void {
  rmSync(queueFile(runsDir, group), { force: true });
  rmSync(cancelRequest(runsDir, group), { force: true });
}
