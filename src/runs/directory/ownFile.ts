import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { UnusableFileError, kindOf } from './regularFile.ts';

/**
 * Writing into a directory that somebody else may have filled. A file that is written is a new one, or a regular one in that very
 * directory: a link in its place would let whoever put it there have any file of the user's changed. All functions throw an
 * UnusableFileError where something else is in the way, or the system's error.
 */

const appending =
  constants.O_RDWR |
  constants.O_APPEND |
  constants.O_CREAT |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOCTTY ?? 0);

/** Opens a file for reading and for writing at its end; makes it where it is not there. Returns the descriptor. */
export function openForAppending(file: string): number {
  return openOwn(file, appending);
}

/** The same for writing over what is in it. */
export function openForOverwriting(file: string): number {
  return openOwn(file, appending & ~constants.O_APPEND);
}

function openOwn(file: string, flags: number): number {
  // Looked at before, for the words, and after, because only that is certain.
  requireOwn(file, lstatSync(file, { throwIfNoEntry: false }));
  const descriptor = openSync(file, flags, 0o666);
  try {
    requireOwn(file, fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Makes an empty file, or sees that there is one, whatever is in it. */
export function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    requireOwn(file, lstatSync(file, { throwIfNoEntry: false }));
  }
}

/** Makes a folder, or sees that it is there and no link to another one. Not the folder that it is in: what was deleted stays so. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    requireFolder(folder);
  }
}

/** Sees that a folder, if it is there, is no link to another one. Returns it. */
export function requireFolder(folder: string): string {
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status && !status.isDirectory()) throw refusal(folder, status, 'folder');
  return folder;
}

/** Whether there is a regular file; what a link leads to does not count. */
export function hasFile(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

function requireOwn(file: string, status: Stats | undefined): void {
  if (status && !status.isFile()) throw refusal(file, status, 'file');
}

function refusal(file: string, status: Stats, expected: 'file' | 'folder'): UnusableFileError {
  const target = status.isSymbolicLink() ? ` to ${readlinkSync(file)}` : '';
  const problem = `this is ${kindOf(status) ?? 'a file'}${target} instead of a ${expected}, and nothing is written through it`;
  return new UnusableFileError(file, problem, 'Delete it, then try again.');
}
