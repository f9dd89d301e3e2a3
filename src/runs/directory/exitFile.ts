import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { stringify } from '../../core/records/json.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord } from '../../core/records/run.ts';
import { writeAtomically, writeNew } from './atomicFile.ts';

/** Far more than an exit record takes. */
const reservedBytes = 16 << 10;

/**
 * Takes the room on the disk that exit.json will need, so that a run can say how it ended also where the disk is full, which is a
 * reason for its end. Throws the system's error.
 */
export function reserveExit(runDir: string): void {
  const file = reserveOf(runDir);
  rmSync(file, { force: true });
  // Real bytes: a file that is only said to be long takes no room.
  writeNew(file, Buffer.alloc(reservedBytes, ' '));
}

/** Gives back the room that was not needed. */
export function forgetReserve(runDir: string): void {
  rmSync(reserveOf(runDir), { force: true });
}

/** Says how a run ended; all of it is there or nothing. Throws a RunWriteError. */
export function writeExit(runDir: string, exit: ExitRecord): void {
  const file = path.join(runDir, runFiles.exit);
  const content = Buffer.from(`${stringify(exit, 2)}\n`);
  if (!useReserve(reserveOf(runDir), file, content)) writeAtomically(file, content);
}

/** Writes into the room that was kept, which takes no more of the disk, and gives it its name. Returns whether that went well. */
function useReserve(reserve: string, file: string, content: Uint8Array): boolean {
  try {
    const descriptor = openSync(reserve, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile() || status.size < content.length) return false;
      writeSync(descriptor, content, 0, content.length, 0);
      ftruncateSync(descriptor, content.length);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(reserve, file);
    return true;
  } catch {
    return false;
  }
}

function reserveOf(runDir: string): string {
  return path.join(runDir, `${runFiles.exit}.reserve`);
}
