import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunWriteError } from '../directory/runDirectoryError.ts';

/**
 * Makes the `.otb` folder of a workspace, and keeps it out of git: runs are output. A `.gitignore` that is there stays as it is.
 * Throws a RunWriteError.
 */
export async function makeRunsFolder(workspaceFolder: string): Promise<void> {
  const folder = path.join(workspaceFolder, '.otb');
  const ignore = path.join(folder, '.gitignore');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(ignore, '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new RunWriteError(ignore, error);
  }
}
