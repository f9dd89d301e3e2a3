import { closeSync, createWriteStream, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RunWriteError } from './runDirectoryError.ts';

/**
 * Writes a file such that readers find either nothing (or what was there before) or all of it, even after a power cut: under
 * another name first, flushed, then renamed. A link in its place is replaced, never followed. Throws a RunWriteError and leaves
 * nothing behind.
 */
export function writeAtomically(file: string, content: string | Uint8Array | Iterable<string>): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    // Left by a process that had the same pid, or put there by somebody: either way nothing to write into.
    rmSync(temporary, { force: true });
    writeNew(temporary, content);
    renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw new RunWriteError(file, error);
  }
}

/**
 * Writes a file that must not be there, in pieces where it comes so, and waits until it is on the disk. Throws the system's error and
 * leaves nothing behind.
 */
export function writeNew(file: string, content: string | Uint8Array | Iterable<string>): void {
  const descriptor = openSync(file, 'wx');
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(descriptor, content);
    else for (const piece of content) writeFileSync(descriptor, piece);
    fsyncSync(descriptor);
  } catch (error) {
    removeQuietly(file);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a file or a folder that nobody reads. Never fails: it would only take room, and must not hide why it is to go. */
export function removeQuietly(file: string): void {
  try {
    rmSync(file, { recursive: true, force: true });
  } catch {
    // It stays.
  }
}

/** Removes what dead writers have left of files that they did not finish. Never fails. */
export function removeUnfinished(folder: string, isLeft: (file: string) => boolean = () => true): void {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const file = path.join(folder, name);
    if (!/\.\d+\.tmp$/.test(name)) continue;
    if (isLeft(file)) removeQuietly(file);
  }
}

/**
 * The same for a file of many lines, which are terminated here and never in memory all at once. A link keeps pointing at its file; what is
 * no file (a pipe, a terminal) is written as it is. Throws the system's error and leaves nothing behind.
 */
export function writeLinesAtomically(file: string, lines: Iterable<string>): Promise<void> {
  return writePiecesAtomically(file, terminated(lines));
}

/** The same for a file in pieces of some kilobytes. */
export async function writePiecesAtomically(file: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const isFile = await stat(target).then(
    (found) => found.isFile(),
    () => true,
  );
  if (!isFile) return pipeline(Readable.from(pieces), createWriteStream(target));
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await rm(temporary, { force: true });
    await pipeline(Readable.from(pieces), createWriteStream(temporary, { flags: 'wx', flush: true }));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Lines in pieces of some kilobytes: a stream takes about as long for a line as for a thousand. */
function* terminated(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
