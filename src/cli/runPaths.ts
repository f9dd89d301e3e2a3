import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunDirectoryError } from '../runs/directory/runDirectoryError.ts';
import { isRunDirectory } from '../runs/directory/runFile.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit.ts';
import { badInput, exitCodes } from './exit.ts';

/**
 * The run directories that the arguments name: a run directory itself, or a folder of them, such as `.otb/runs`, oldest first.
 * Anything else is bad input.
 */
export async function findRunDirectories(paths: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const given of paths) found.push(...(await runDirectoriesAt(path.resolve(cwd, given), given)));
  return [...new Set(found)];
}

/** A run that could not be read, and why: an entry of `errors` in the `--json` result of commands that take several runs. */
interface UnreadRun {
  readonly source: string;
  /** Names the file, the key where there is one, and what to do. */
  readonly message: string;
}

/** What could be read of several runs. */
export interface ReadRuns<T> {
  readonly runs: readonly T[];
  readonly errors: readonly UnreadRun[];
}

/** Reads runs one after another. One that cannot be read does not keep the others from being shown: it is named on standard error. */
export async function readRuns<T>(
  sources: readonly string[],
  read: (source: string) => Promise<T>,
  { output }: Pick<CommandContext, 'output'>,
): Promise<ReadRuns<T>> {
  const runs: T[] = [];
  const errors: UnreadRun[] = [];
  for (const source of sources) {
    try {
      runs.push(await read(source));
    } catch (error) {
      if (!(error instanceof RunDirectoryError)) throw error;
      errors.push({ source, message: error.message });
      output.note(`otb: ${error.message}`);
    }
  }
  return { runs, errors };
}

/** The exit code that runs which could not be read ask for: 1 beside others, 2 where there was nothing else; undefined: all were read. */
export function exitCodeOfUnread({ runs, errors }: ReadRuns<unknown>): ExitCode | undefined {
  if (errors.length === 0) return undefined;
  return runs.length > 0 ? exitCodes.failed : exitCodes.badInput;
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
