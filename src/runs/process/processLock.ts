import { closeSync, fstatSync, futimesSync, lstatSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isObject, parse, stringify } from '../../core/records/json.ts';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';
import { RunWriteError } from '../directory/runDirectoryError.ts';
import { isSameProcess, ownIdentity } from './processIdentity.ts';

/** Milliseconds between signs of life, for machines that cannot ask about this process. */
const signMs = 60_000;
/** Milliseconds without a sign of life after which the lock of another machine counts as left behind. */
const patienceMs = 600_000;
/** The same for a lock that does not say whose it is: to write it takes no time. */
const writingMs = 10_000;

/** A process that has a lock. */
export interface LockHolder extends ProcessIdentity {
  readonly host: string;
}

/** `held`: by another process; `by` is undefined where it has not yet said who it is. */
export type LockAttempt =
  { readonly kind: 'taken'; readonly lock: ProcessLock } | { readonly kind: 'held'; readonly by: LockHolder | undefined };

/**
 * A lock that at most one process has, of all machines that see the folder: the files `NAME.1`, `NAME.2`, … in it, each made by a
 * process that found all earlier ones dead. A file is made or not, so one process wins; a dead lock is never removed before there is a
 * newer one, so nobody can remove a lock that was taken a moment ago. It ends with the process, however that ends.
 */
export class ProcessLock {
  private readonly signs: NodeJS.Timeout;
  private readonly onExit = (): void => this.release();
  private released = false;

  private constructor(
    /** The folder, which may get another name meanwhile. */
    private readonly folder: () => string,
    private readonly name: string,
    private readonly descriptor: number,
  ) {
    this.signs = setInterval(() => this.showLife(), signMs).unref();
    process.once('exit', this.onExit);
  }

  /**
   * Tries to take a lock. `folder` tells where it is, now and when the lock is given back. Throws a RunWriteError where the lock cannot
   * be written.
   */
  static async take(folder: () => string, name: string): Promise<LockAttempt> {
    const own: LockHolder = { ...(await ownIdentity()), host: os.hostname() };
    const dir = folder();
    const found = locksIn(dir, name);
    const stamps = new Map(found.map((file) => [file, stampOf(path.join(dir, file))]));
    const isAsFound = (file: string): boolean => stamps.get(file) === stampOf(path.join(dir, file));
    const newest = found.at(-1);
    if (newest !== undefined) {
      const holder = readHolder(path.join(dir, newest));
      if (await isHeld(path.join(dir, newest), holder)) return { kind: 'held', by: holder };
    }
    const next = `${name}.${numberOf(newest) + 1}`;
    const descriptor = create(path.join(dir, next), stringify(own));
    if (descriptor === undefined) return { kind: 'held', by: readHolder(path.join(dir, next)) };
    const lock = new ProcessLock(folder, next, descriptor);
    // A process that was quicker by a whole life of its lock made another one that the first look did not show, maybe of a dead one's name.
    const other = locksIn(dir, name).find((file) => file !== next && !isAsFound(file));
    if (other !== undefined) {
      lock.release();
      return { kind: 'held', by: readHolder(path.join(dir, other)) };
    }
    for (const dead of found) if (isAsFound(dead)) rmSync(path.join(dir, dead), { force: true });
    return { kind: 'taken', lock };
  }

  /** The living process that has a lock, as far as can be told; undefined: none. Never fails. */
  static async holder(folder: string, name: string): Promise<LockHolder | undefined> {
    const newest = present(folder, name).at(-1);
    if (newest === undefined) return undefined;
    const holder = readHolder(path.join(folder, newest));
    return holder && (await isHeld(path.join(folder, newest), holder)) ? holder : undefined;
  }

  /** Gives the lock back. Never fails: a lock that cannot be removed is dead when this process is. */
  release(): void {
    if (this.released) return;
    this.released = true;
    clearInterval(this.signs);
    process.off('exit', this.onExit);
    try {
      const file = path.join(this.folder(), this.name);
      // Somebody may have removed the lock by hand, and another process may have made its own.
      if (lstatSync(file, { bigint: true }).ino === fstatSync(this.descriptor, { bigint: true }).ino) rmSync(file);
    } catch {
      // The folder is gone, or cannot be written.
    }
    closeSync(this.descriptor);
  }

  private showLife(): void {
    try {
      const now = new Date();
      futimesSync(this.descriptor, now, now);
    } catch {
      // The disk does not answer; the next sign may get through.
    }
  }
}

/** The same where a folder that is gone, or cannot be read, has none. */
function present(folder: string, name: string): readonly string[] {
  try {
    return locksIn(folder, name);
  } catch {
    return [];
  }
}

/** The files of a lock, oldest first. Throws a RunWriteError. */
function locksIn(folder: string, name: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new RunWriteError(path.join(folder, name), error);
  }
  return names
    .filter((file) => file.startsWith(`${name}.`) && /^\d{1,9}$/.test(file.slice(name.length + 1)))
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(file: string | undefined): number {
  return file === undefined ? 0 : Number(path.extname(file).slice(1));
}

async function isHeld(file: string, holder: LockHolder | undefined): Promise<boolean> {
  if (holder === undefined) return ageMs(file) < writingMs;
  if (holder.host !== os.hostname()) return ageMs(file) < patienceMs;
  return isSameProcess(holder);
}

/** Undefined where it is not there any more, or does not say whose it is, or not yet. */
function readHolder(file: string): LockHolder | undefined {
  let value: unknown;
  try {
    value = parse(readTextSync(file, sizeLimits.lock));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { pid, processStartTime, host } = value;
  if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
  return { pid, processStartTime: typeof processStartTime === 'string' ? processStartTime : null, host };
}

/** The descriptor of a file that was not there before; undefined: it was. */
function create(file: string, text: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw new RunWriteError(file, error);
  }
  try {
    writeSync(descriptor, text);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    rmSync(file, { force: true });
    throw new RunWriteError(file, error);
  }
}

/** Tells a file from another one of the same name. */
function stampOf(file: string): string {
  const status = lstatSync(file, { throwIfNoEntry: false, bigint: true });
  return status === undefined ? 'gone' : `${status.ino} ${status.mtimeNs}`;
}

function ageMs(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
