// A thread that reads runs that have ended for a catalog.
import { parentPort, workerData } from 'node:worker_threads';
import { readEndedRun } from './endedRun.ts';
import type { DirectoryToRead, EndedRunsRead } from './endedRuns.ts';

/** Directories after which the thread tells what it has. */
const toldAtOnce = 32;

const directories = workerData as readonly DirectoryToRead[];
for (let from = 0; from < directories.length; from += toldAtOnce) {
  const read: EndedRunsRead = directories.slice(from, from + toldAtOnce).map(({ dir, assigned }) => readEndedRun(dir, assigned));
  parentPort?.postMessage(read);
}
