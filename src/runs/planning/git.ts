import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunRecord } from '../../core/records/run.ts';

const execute = promisify(execFile);

/** Commit and dirty flag of the repository that `cwd` is in; null where there is none, or no git. Never fails. */
export async function readGit(cwd: string): Promise<RunRecord['git']> {
  const git = async (...args: string[]): Promise<string> =>
    (await execute('git', args, { cwd, timeout: 5000, windowsHide: true, maxBuffer: 64 << 20 })).stdout;
  try {
    const commit = (await git('rev-parse', 'HEAD')).trim();
    // Optional locks off: a look at the state must not get in the way of a git command of the user.
    const changes = await git('--no-optional-locks', 'status', '--porcelain', '--untracked-files=no');
    return { commit, dirty: changes.trim() !== '' };
  } catch {
    return null;
  }
}
