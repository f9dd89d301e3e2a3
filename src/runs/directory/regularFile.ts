import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { bytesText } from '../../core/notation.ts';

/**
 * The most bytes of a file that is read as a whole, by what it is. Far above anything that we write; a file beyond it is not what its
 * name says, and would only fill the memory.
 */
export const sizeLimits = {
  runRecord: 4 << 20,
  exitRecord: 1 << 20,
  lock: 4 << 10,
  queue: 16 << 20,
  turns: 16 << 20,
  labels: 16 << 20,
  /** Of weights; more does not fit into one array of bytes. */
  tensors: 2 ** 31 - 1,
} as const;

/** A file that must not be read: no regular file, or one too big for what it is. The message is a part of a sentence. */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
  readonly code = 'EUNUSABLE';

  constructor(
    readonly path: string,
    problem: string,
    readonly remedy: string,
  ) {
    super(problem);
  }
}

/** Not blocking: to open a pipe would wait for somebody to write into it. Systems that have no such flags have no such files. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Opens a regular file for reading, also through links. Whoever reads a file of a folder that somebody else filled opens it here: a
 * pipe, a device, a socket or a directory is an UnusableFileError at once. Throws the system's error where there is no file.
 */
export async function openRegular(file: string): Promise<FileHandle> {
  return (await openSeen(file, await stat(file))).handle;
}

/**
 * The same for a file that was looked at a moment ago, with what it is now.
 *
 * @param seen looked at before as well, because to open a device may already do something to it
 */
export async function openSeen(file: string, seen: Stats): Promise<{ readonly handle: FileHandle; readonly status: Stats }> {
  requireRegular(file, seen);
  const handle = await open(file, readOnly);
  try {
    const status = await handle.stat();
    requireRegular(file, status);
    return { handle, status };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The same at once; returns the descriptor. */
export function openRegularSync(file: string): number {
  return openSeenSync(file, statSync(file)).descriptor;
}

/** The same for a file that was looked at a moment ago, with what it is now. */
export function openSeenSync(file: string, seen: Stats): { readonly descriptor: number; readonly status: Stats } {
  requireRegular(file, seen);
  const descriptor = openSync(file, readOnly);
  try {
    const status = fstatSync(descriptor);
    requireRegular(file, status);
    return { descriptor, status };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The text of a regular file of at most `limit` bytes. Throws an UnusableFileError, or the system's error. */
export async function readText(file: string, limit: number): Promise<string> {
  const handle = await openRegular(file);
  try {
    const bytes = roomFor(file, (await handle.stat()).size, limit);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    return bytes.toString('utf8', 0, length);
  } finally {
    await handle.close();
  }
}

/** The same at once. */
export function readTextSync(file: string, limit: number): string {
  return readBytesSync(file, limit).toString('utf8');
}

/** The bytes of a regular file of at most `limit` bytes. Throws an UnusableFileError, or the system's error. */
export function readBytesSync(file: string, limit: number): Buffer {
  const descriptor = openRegularSync(file);
  try {
    const bytes = roomFor(file, fstatSync(descriptor).size, limit);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, length);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The last bytes of a regular file, at most `count`, as text; empty where there is none, or none that can be read. `from`: the byte
 * before which nothing counts.
 */
export function readEndSync(file: string, count: number, from = 0): string {
  try {
    const descriptor = openRegularSync(file);
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(Math.max(0, size - from), count));
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, size - bytes.length));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** What is in the place of a file, as words; undefined: a regular file. */
export function kindOf(status: Stats): string | undefined {
  if (status.isFile()) return undefined;
  if (status.isDirectory()) return 'a directory';
  if (status.isSymbolicLink()) return 'a symbolic link';
  if (status.isFIFO()) return 'a named pipe';
  if (status.isSocket()) return 'a socket';
  return 'a device';
}

function requireRegular(file: string, status: Stats): void {
  const kind = kindOf(status);
  if (kind !== undefined) throw new UnusableFileError(file, `this is ${kind}, not a regular file`, 'Delete it, or put it elsewhere.');
}

/** Memory for a file of that size; what is appended to it while it is read is left for the next time. */
function roomFor(file: string, size: number, limit: number): Buffer {
  if (size <= limit) return Buffer.allocUnsafe(size);
  const problem = `it has ${bytesText(size)}, and such a file has at most ${bytesText(limit)}`;
  throw new UnusableFileError(file, problem, 'See what wrote it, then delete it or put it elsewhere.');
}
