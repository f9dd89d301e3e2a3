import { Worker } from 'node:worker_threads';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import type { EndedRun } from './endedRun.ts';

/** A run directory to be read, and what somebody decided about the run. */
export interface DirectoryToRead {
  readonly dir: string;
  readonly assigned: RunAssignment | undefined;
}

/** What a thread has read, in the order of what it was given; undefined: the run has to be followed. */
export type EndedRunsRead = readonly (EndedRun | undefined)[];

/** So many directories are worth a thread of their own. */
const worthThread = 48;

/** Reads the runs of a catalog that have ended, where there are many: in another thread, which need not wait for others between two files. */
export class EndedRuns {
  private readonly threads = new Set<Worker>();

  /** `workerFile`: the built worker; undefined: there is none. */
  constructor(private readonly workerFile: string | undefined) {}

  isWorth(directories: number): boolean {
    return this.workerFile !== undefined && directories >= worthThread;
  }

  /** Tells each directory once; undefined: its run is not known to have ended, and has to be followed. */
  async read(directories: readonly DirectoryToRead[], tell: (index: number, run: EndedRun | undefined) => void): Promise<void> {
    let next = 0;
    try {
      const thread = new Worker(this.workerFile as string, { workerData: directories });
      this.threads.add(thread);
      await new Promise<void>((resolve) => {
        thread.on('message', (runs: EndedRunsRead) => {
          for (const run of runs) tell(next++, run);
        });
        thread.on('error', () => resolve());
        thread.on('exit', () => {
          this.threads.delete(thread);
          resolve();
        });
      });
    } finally {
      while (next < directories.length) tell(next++, undefined);
    }
  }

  close(): void {
    for (const thread of this.threads) void thread.terminate();
  }
}
