import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isLive } from '../../core/records/runState.ts';
import { isRunDirectory, readRunRecord } from '../directory/runFile.ts';
import { readRunStatus } from '../directory/runStatus.ts';

/** The directories of a group's runs, looked up on the disk: what somebody knew a moment ago may lack the run that began last. */
export async function membersOf(runsDir: string, group: string): Promise<readonly string[]> {
  const dirs = (await readdir(runsDir).catch(() => [])).map((name) => path.join(runsDir, name));
  return filtered(dirs, async (dir) => (await isRunDirectory(dir)) && (await readRunRecord(dir).catch(() => undefined))?.group === group);
}

/** Those of a group's runs that are going on. */
export async function liveMembersOf(runsDir: string, group: string): Promise<readonly string[]> {
  return goingOn(await membersOf(runsDir, group));
}

/** Those of some runs that are going on. */
export function goingOn(dirs: readonly string[]): Promise<readonly string[]> {
  return filtered(dirs, isGoingOn);
}

/** Whether a run's process is at work; not that of a run that is gone. */
async function isGoingOn(dir: string): Promise<boolean> {
  const state = (await readRunStatus(dir).catch(() => undefined))?.state;
  return state !== undefined && isLive({ process: state });
}

async function filtered<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<readonly T[]> {
  const held = await Promise.all(items.map(holds));
  return items.filter((_, index) => held[index]);
}
