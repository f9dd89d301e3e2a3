import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, RunRecord } from '../../core/records/run.ts';
import { parseExitRecord, parseRunRecord } from '../../core/records/runRecord.ts';
import { ignoreMissing, isMissing } from './missing.ts';
import { openRegular, readText, sizeLimits } from './regularFile.ts';
import { RunDirectoryError, unreadable } from './runDirectoryError.ts';

/** Whether `dir` is the directory of a run. */
export async function isRunDirectory(dir: string): Promise<boolean> {
  return (await stat(path.join(dir, runFiles.run)).catch(() => undefined))?.isFile() ?? false;
}

/** What the system says about a file or a directory; undefined: it is not there. Throws a RunDirectoryError where that cannot be told. */
export async function statusOf(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, error);
  }
}

/** Sees that the metrics of a run can be read, if they are there. Throws a RunDirectoryError. */
export async function requireReadableMetrics(dir: string): Promise<void> {
  const file = path.join(dir, runFiles.metrics);
  try {
    await (await openRegular(file).catch(ignoreMissing))?.close();
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * Files of a run that cannot be read or used, by path, where the metrics are shown all the same. Functions that are given one put the
 * problem there instead of throwing it, and take it out when the file can be read again.
 */
export type UnreadFiles = Map<string, RunDirectoryError>;

/** Reads `run.json`. Throws a RunDirectoryError that says why `dir` is no run, or why it cannot be read. */
export async function readRunRecord(dir: string): Promise<RunRecord> {
  const file = path.join(dir, runFiles.run);
  let text: string;
  try {
    text = await readText(file, sizeLimits.runRecord);
  } catch (error) {
    throw await explain(dir, error as NodeJS.ErrnoException);
  }
  const record = parseRunRecord(text);
  if (typeof record === 'string') {
    throw new RunDirectoryError(
      file,
      `cannot be used: ${record}`,
      `If the run wrote metrics, inspect ${path.join(dir, runFiles.metrics)} itself; else delete the directory and start the run again.`,
    );
  }
  return record;
}

/**
 * Reads `exit.json`; null where the run has not ended in an orderly way, or not yet. Throws a RunDirectoryError where that cannot be
 * told, unless `unread` takes it.
 */
export async function readExitRecord(dir: string, unread?: UnreadFiles): Promise<ExitRecord | null> {
  const file = path.join(dir, runFiles.exit);
  unread?.delete(file);
  try {
    const text = await readText(file, sizeLimits.exitRecord).catch(ignoreMissing);
    if (text === undefined) return null;
    const exit = parseExitRecord(text);
    if (!exit) unread?.set(file, new RunDirectoryError(file, 'cannot be used: it does not say how the run ended', 'Put it elsewhere.'));
    return exit ?? null;
  } catch (error) {
    const problem = unreadable(file, error);
    if (!unread) throw problem;
    unread.set(file, problem);
    return null;
  }
}

async function explain(dir: string, error: NodeJS.ErrnoException): Promise<RunDirectoryError> {
  const file = path.join(dir, runFiles.run);
  const options = { cause: error };
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new RunDirectoryError(file, 'no permission to read it', 'Change its permissions.', options);
  if (!isMissing(error)) return unreadable(file, error);
  const status = await stat(dir).catch(() => undefined);
  if (!status)
    return new RunDirectoryError(dir, 'there is no such directory', 'Give the directory of a run, one with a run.json in it.', options);
  if (!status.isDirectory())
    return new RunDirectoryError(dir, 'this is a file, not the directory of a run', 'Give a directory with a run.json in it.', options);
  const log = path.join(dir, runFiles.stderr);
  if (await stat(log).catch(() => undefined))
    return new RunDirectoryError(dir, 'the run has not started yet, or failed to start', `Look at ${log}.`, options);
  return new RunDirectoryError(
    dir,
    'this is not the directory of a run: it has no run.json',
    'Give a directory with a run.json in it.',
    options,
  );
}
