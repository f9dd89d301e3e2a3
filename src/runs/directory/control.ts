import { rmSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { createFile, hasFile, makeFolder, requireFolder } from './ownFile.ts';
import { RunWriteError } from './runDirectoryError.ts';

/** What a run's process can be asked for: a file of that name in `control/` is the request. */
export type ControlRequest = 'stop' | 'checkpoint';

/** Asks the process of a run for something; it answers at its next step. Throws a RunWriteError. */
export function request(runDir: string, what: ControlRequest): void {
  const file = controlFile(runDir, what);
  try {
    makeFolder(path.dirname(file));
    createFile(file);
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

/** What a link leads to is no request: nobody could take it back. */
export function isRequested(runDir: string, what: ControlRequest): boolean {
  return hasFile(controlFile(runDir, what));
}

/** Takes a request back, or notes that it has been met. Throws a RunWriteError. */
export function clearRequest(runDir: string, what: ControlRequest): void {
  const file = controlFile(runDir, what);
  try {
    requireFolder(path.dirname(file));
    rmSync(file, { force: true });
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

function controlFile(runDir: string, what: ControlRequest): string {
  return path.join(runDir, runFiles.control, what);
}
