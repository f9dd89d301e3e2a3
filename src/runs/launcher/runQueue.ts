import path from 'node:path';
import type { LaunchRequest, PlannedRun, ProcessState } from '../../core/records/run.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { launchRun } from './launchRun.ts';
import type { LaunchedRun, LaunchOptions } from './launchRun.ts';
import { stopRun } from './stopRun.ts';

export interface QueueOptions extends Omit<LaunchOptions, 'request'>, Pick<LaunchRequest, 'threads' | 'cacheDir'> {
  readonly runs: readonly PlannedRun[];
  /** Folder under which each run gets a directory with its id as name. */
  readonly runsDir: string;
  readonly engine: string;
  /** Most processes at once. */
  readonly parallel: number;
  /** Milliseconds that a cancelled run has before the next, harder request to stop. */
  readonly graceMs: number;
  readonly onChange: (change: QueueChange) => void;
}

export type QueueChange =
  | { readonly type: 'started'; readonly run: PlannedRun; readonly dir: string; readonly pid: number }
  | { readonly type: 'ended'; readonly run: PlannedRun; readonly dir: string; readonly state: ProcessState }
  /** The run never began. */
  | { readonly type: 'failed-to-start'; readonly run: PlannedRun; readonly dir: string; readonly error: Error }
  /** The queue was cancelled before the run's turn came. */
  | { readonly type: 'cancelled'; readonly run: PlannedRun; readonly dir: string };

/** Runs planned runs in processes of their own, a few at once: all seeds of the first estimator, then of the next. */
export class RunQueue {
  private readonly options: QueueOptions;
  private readonly waiting: PlannedRun[];
  private readonly active = new Set<string>();
  private readonly stops = new Map<string, Promise<unknown>>();
  private cancelled = false;

  constructor(options: QueueOptions) {
    this.options = options;
    this.waiting = seedsFirst(options.runs);
  }

  /** Runs everything; settles when the last process has ended. Never rejects on account of a run: `onChange` tells. */
  async run(): Promise<void> {
    // The processes do not keep this one alive, and neither does waiting for them.
    const alive = setInterval(() => undefined, 1 << 30);
    try {
      await Promise.all(Array.from({ length: Math.max(1, this.options.parallel) }, () => this.work()));
    } finally {
      clearInterval(alive);
    }
  }

  /** Starts nothing more and stops what runs; `run` settles when all have ended. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const run of this.waiting.splice(0)) this.options.onChange({ type: 'cancelled', run, dir: this.dirOf(run) });
    for (const dir of this.active) this.stop(dir);
  }

  private async work(): Promise<void> {
    for (let run = this.waiting.shift(); run; run = this.waiting.shift()) await this.runOne(run);
  }

  private async runOne(run: PlannedRun): Promise<void> {
    const { onChange, engine, threads, cacheDir } = this.options;
    const dir = this.dirOf(run);
    let launched: LaunchedRun;
    try {
      launched = await launchRun({ ...this.options, request: { kind: 'start', runDir: dir, run, engine, threads, cacheDir } });
    } catch (error) {
      onChange({ type: 'failed-to-start', run, dir, error: error as Error });
      return;
    }
    this.active.add(dir);
    onChange({ type: 'started', run, dir, pid: launched.pid });
    if (this.cancelled) this.stop(dir);
    const end = await launched.exited;
    this.active.delete(dir);
    // Whoever had to kill the process writes its exit.json.
    await this.stops.get(dir);
    onChange({ type: 'ended', run, dir, state: await finalState(dir, end.code) });
  }

  private stop(dir: string): void {
    // A run that cannot be stopped is seen to go on; there is nobody here to tell.
    this.stops.set(dir, stopRun(dir, this.options).catch(() => undefined));
  }

  private dirOf(run: PlannedRun): string {
    return path.join(this.options.runsDir, run.id);
  }
}

/**
 * All seeds of the first estimator, then all of the next: runs of one seed share a cached warm start, so the first round makes
 * them all. With fewer seeds than processes two may make the same one, which costs no time: one of them would have waited.
 */
export function seedsFirst(runs: readonly PlannedRun[]): PlannedRun[] {
  const estimators = [...new Set(runs.map(({ estimator }) => estimator))];
  return runs.toSorted((a, b) => estimators.indexOf(a.estimator) - estimators.indexOf(b.estimator));
}

async function finalState(dir: string, code: number | null): Promise<ProcessState> {
  try {
    return (await readRunStatus(dir)).state;
  } catch {
    // The directory was deleted under the run; how the process ended is all there is.
    return code === 0 ? 'finished' : 'failed';
  }
}
