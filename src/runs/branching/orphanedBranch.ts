import path from 'node:path';
import type { LaunchRequest } from '../../core/records/run.ts';
import { readQueue } from '../launcher/queueFile.ts';
import { startQueue } from '../launcher/startQueue.ts';
import { isSameProcess } from '../process/processIdentity.ts';
import { branchDue } from './automaticBranch.ts';

/**
 * Starts the branch that is due after a run, where the process that started the run, and would do so, is gone. To be called by the run's own
 * process at its end. Never fails: a branch that cannot be started can be started by hand.
 *
 * @param otbEntry the command line, `dist/otb.mjs`
 */
export async function startOrphanedBranch({ runDir, launcher, threads, cacheDir, python }: LaunchRequest, otbEntry: string): Promise<void> {
  if (launcher === undefined || (await isSameProcess(launcher))) return;
  try {
    const branch = await branchDue(runDir);
    if (branch === undefined) return;
    const runsDir = path.dirname(runDir);
    // What waits in a queue that was lost with that process is not to begin along with the branch.
    const queue = await readQueue(runsDir, branch.group);
    const group = queue && { group: `${branch.group}.branch-${process.pid}` };
    const plan = {
      runs: [branch],
      runsDir,
      engine: 'auto',
      parallel: 1,
      threads,
      cacheDir,
      ...(python !== undefined && { python }),
      ...group,
    };
    await startQueue(plan, { otbEntry });
  } catch (error) {
    console.error(`The branch could not be started: ${(error as Error).message}`);
  }
}
