import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunWriteError } from '../directory/runDirectoryError.ts';

/** Where run directories lie unless the user says otherwise. */
export function defaultRunsDir(cwd: string): string {
  return path.join(cwd, '.otb', 'runs');
}

/**
 * Makes the `.otb` folder of a workspace, and keeps it out of git: runs are output. A `.gitignore` that is there stays as it is.
 * Throws a RunWriteError.
 */
export async function makeRunsFolder(workspaceFolder: string): Promise<void> {
  const folder = path.join(workspaceFolder, '.otb');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || syscall !== 'open') throw new RunWriteError(folder, error);
  }
}
