import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import os from 'node:os';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';
import { RunWriteError } from '../directory/runDirectoryError.ts';
import { isSameProcess, ownIdentity } from '../process/processIdentity.ts';

/** Milliseconds after which a lock that nobody can be asked about counts as left behind. */
const patienceMs = 600_000;

interface Holder extends ProcessIdentity {
  readonly host: string;
}

/** Gives the lock back. */
export type Release = () => void;

/**
 * Takes a lock that at most one process on all machines that see the file holds; undefined: another one has it. The lock of a
 * process that is gone is taken over. Throws a RunWriteError where the file cannot be written.
 */
export async function takeLock(file: string): Promise<Release | undefined> {
  const own: Holder = { ...(await ownIdentity()), host: os.hostname() };
  const text = stringify(own);
  if (!create(file, text)) {
    const dead = read(file);
    if (dead !== undefined && (await isHeld(file, dead))) return undefined;
    if (dead !== undefined && !removeDead(file, dead)) return undefined;
    if (!create(file, text)) return undefined;
  }
  return () => rmSync(file, { force: true });
}

/**
 * Removes the lock of a process that is gone. Between the look at it and its removal another process may have done the same and
 * taken the lock itself; so only one process at a time may remove, and it looks again.
 */
function removeDead(file: string, dead: string): boolean {
  const guard = `${file}.removing`;
  if (!create(guard, '')) {
    // Held for three system calls; an old one was left by a process that was killed between them.
    if (ageMs(guard) > patienceMs) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (read(file) !== dead) return false;
    rmSync(file, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}

async function isHeld(file: string, text: string): Promise<boolean> {
  const holder = parse(text);
  // Created this moment and not yet written, or on a machine that cannot be asked.
  if (!isHolder(holder) || holder.host !== os.hostname()) return ageMs(file) < patienceMs;
  return isSameProcess(holder);
}

function isHolder(value: unknown): value is Holder {
  if (!isObject(value)) return false;
  const { pid, processStartTime, host } = value;
  return typeof pid === 'number' && (typeof processStartTime === 'string' || processStartTime === null) && typeof host === 'string';
}

/** Whether the file was not there before. */
function create(file: string, text: string): boolean {
  try {
    const descriptor = openSync(file, 'wx');
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new RunWriteError(file, error);
  }
}

/** Undefined where it is not there any more. */
function read(file: string): string | undefined {
  try {
    return readTextSync(file, sizeLimits.lock);
  } catch {
    return undefined;
  }
}

function ageMs(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
