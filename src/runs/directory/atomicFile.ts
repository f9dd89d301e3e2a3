import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
