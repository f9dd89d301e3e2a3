import { closeSync, createWriteStream, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RunWriteError } from './runDirectoryError.ts';

/**
 * Writes a file such that readers find either nothing (or what was there before) or all of it, even after a power cut: under
 * another name first, flushed, then renamed. Throws a RunWriteError and leaves nothing behind.
 */
export function writeAtomically(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFlushed(temporary, content);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new RunWriteError(file, error);
  }
}

/** Writes a file and waits until it is on the disk. Throws the system's error. */
export function writeFlushed(file: string, content: string | Uint8Array): void {
  const descriptor = openSync(file, 'w');
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The same for a file of many lines, which are terminated here and never in memory all at once. A link keeps pointing at its file; what is
 * no file (a pipe, a terminal) is written as it is. Throws the system's error and leaves nothing behind.
 */
export async function writeLinesAtomically(file: string, lines: Iterable<string>): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const isFile = await stat(target).then(
    (found) => found.isFile(),
    () => true,
  );
  if (!isFile) return pipeline(Readable.from(terminated(lines)), createWriteStream(target));
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    await pipeline(Readable.from(terminated(lines)), createWriteStream(temporary, { flush: true }));
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
