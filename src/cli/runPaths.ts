import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRunDirectory } from '../runs/directory/runFile.ts';
import { badInput } from './exit.ts';

/**
 * The run directories that the arguments name: a run directory itself, or a folder of them, such as `.otb/runs`, oldest first.
 * Anything else is bad input.
 */
export async function findRunDirectories(paths: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const given of paths) found.push(...(await runDirectoriesAt(path.resolve(cwd, given), given)));
  return [...new Set(found)];
}

async function runDirectoriesAt(folder: string, given: string): Promise<string[]> {
  const status = await stat(folder).catch(() => undefined);
  if (status === undefined)
    throw badInput(`${given}: there is no such file or directory. Give the directory of a run, or a folder of them.`);
  // A file, or a folder that has a run's files but no run.json yet, is left to the reader of runs, which knows what is wrong.
  if (!status.isDirectory() || (await isRunDirectory(folder))) return [folder];
  const names = (await readdir(folder)).sort();
  const inside = await Promise.all(
    names.map(async (name) => ((await isRunDirectory(path.join(folder, name))) ? [path.join(folder, name)] : [])),
  );
  return inside.some((dirs) => dirs.length > 0) ? inside.flat() : [folder];
}
