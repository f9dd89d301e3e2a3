import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { RunWriteError } from './runDirectoryError.ts';

/** What a run's process can be asked for: a file of that name in `control/` is the request. */
export type ControlRequest = 'stop' | 'checkpoint';

/** Asks the process of a run for something; it answers at its next step. Throws a RunWriteError. */
export function request(runDir: string, what: ControlRequest): void {
  const file = controlFile(runDir, what);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

export function isRequested(runDir: string, what: ControlRequest): boolean {
  return existsSync(controlFile(runDir, what));
}

/** Takes a request back, or notes that it has been met. */
export function clearRequest(runDir: string, what: ControlRequest): void {
  rmSync(controlFile(runDir, what), { force: true });
}

function controlFile(runDir: string, what: ControlRequest): string {
  return path.join(runDir, runFiles.control, what);
}
