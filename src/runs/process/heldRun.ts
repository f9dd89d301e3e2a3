import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import type { LaunchRequest } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { HeldDirectory } from '../directory/heldDirectory.ts';
import { hasFile } from '../directory/ownFile.ts';
import { readRun } from '../directory/readRun.ts';
import type { RunContents } from '../directory/readRun.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { takeRunLock } from './runLock.ts';

/** A run that is to begin, or to go on. */
type HeldRun = Pick<LaunchRequest, 'kind' | 'runDir'>;

/**
 * Does the work of a run's process while nobody else works on the run. Throws a RunDirectoryError where another process does, or where
 * nothing can be written.
 */
export async function holdRun<T>(request: HeldRun, work: () => Promise<T>): Promise<T> {
  const place = holdDirectory(request);
  // First of all: until this process has said that it has started, nobody else can know of it.
  const lock = await takeRunLock(
    () => place.path,
    () => request.kind === 'resume' && hasFile(path.join(place.path, runFiles.exit)),
  );
  try {
    return await work();
  } finally {
    lock.release();
    place.close();
  }
}

/** A run that is to go on. Throws a RunDirectoryError where it still runs. */
export async function readResumed(dir: string): Promise<RunContents> {
  const resumed = await readRun(dir);
  // A process of a version that took no lock, or one on a machine whose lock does not show life.
  if (isLive({ process: resumed.state })) throw new RunDirectoryError(dir, 'the run is still running', 'Stop it first.');
  return resumed;
}

function holdDirectory({ kind, runDir }: HeldRun): HeldDirectory {
  try {
    if (kind === 'start') mkdirSync(runDir, { recursive: true });
    return new HeldDirectory(runDir);
  } catch (error) {
    throw new RunWriteError(runDir, error);
  }
}
