import { accessSync, constants, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';

/**
 * The file that the system would start: what the path leads to, or the first of that name in the folders of PATH; one that may not be
 * executed where there is no other. Undefined: there is none.
 */
export function findProgram(program: string, cwd: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (isPath(program)) {
    const file = path.resolve(cwd, program);
    return statusOf(file) === undefined ? undefined : file;
  }
  const files = (env['PATH'] ?? '').split(path.delimiter).map((folder) => path.resolve(cwd, folder, program));
  const found = files.filter((file) => statusOf(file)?.isFile() === true);
  return found.find(mayExecute) ?? found[0];
}

/** Whether a program is named by its path, so that PATH does not matter. */
export function isPath(program: string): boolean {
  return program.includes('/') || program.includes(path.sep);
}

/** Whether a file is a program that the user may start. */
export function isProgramFile(file: string): boolean {
  return statusOf(file)?.isFile() === true && mayExecute(file);
}

/** Whether the user may start a file, or enter a folder. */
export function mayExecute(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined: it is not there, or nobody can tell. */
export function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch {
    return undefined;
  }
}
