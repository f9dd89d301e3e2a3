import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunRecord } from '../../core/records/run.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { defaultRunsDir } from './runsFolder.ts';

/**
 * The folder in which a run works: the one it was planned in or, where that was moved together with its runs, the one that has them now.
 * Throws a RunDirectoryError where there is neither.
 */
export function workingFolder(dir: string, { cwd }: Pick<RunRecord, 'cwd'>): string {
  if (existsSync(cwd)) return cwd;
  const workspace = path.resolve(dir, '..', '..', '..');
  if (defaultRunsDir(workspace) === path.dirname(dir)) return workspace;
  throw new RunDirectoryError(dir, `its working folder ${cwd} is gone`, 'Make a folder of that name, then resume the run.');
}
