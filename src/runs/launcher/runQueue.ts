import { setTimeout as delay } from 'node:timers/promises';
import type { LaunchRequest, ProcessState } from '../../core/records/run.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { isGoingOn, liveMembersOf } from './groupMembers.ts';
import { launchRun } from './launchRun.ts';
import type { LaunchedRun, LaunchOptions } from './launchRun.ts';
import { QueueFile } from './queueFile.ts';
import { stopRun } from './stopRun.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from './trainingPlan.ts';

/** Milliseconds between looks for requests, and at the runs that others have started. */
const lookMs = 250;

export interface QueueOptions extends TrainingPlan, Omit<LaunchOptions, 'request'> {
  /** Milliseconds that a cancelled run has before the next, harder request to stop. */
  readonly graceMs: number;
  readonly onChange: (change: QueueChange) => void;
}

export type QueueChange =
  | { readonly type: 'started'; readonly run: QueuedRun; readonly dir: string; readonly pid: number }
  | { readonly type: 'ended'; readonly run: QueuedRun; readonly dir: string; readonly state: ProcessState }
  /** The run never began. */
  | { readonly type: 'failed-to-start'; readonly run: QueuedRun; readonly dir: string; readonly error: Error }
  /** The queue was cancelled before the run's turn came. */
  | { readonly type: 'cancelled'; readonly run: QueuedRun; readonly dir: string };

/**
 * Runs planned runs in processes of their own, a few at once: all seeds of the first estimator, then of the next. Runs of their
 * group that are going on already take up places too. As long as some wait, a file beside the run directories says so, and another
 * process can cancel them or add some: see `readQueue`, `cancelQueue` and `resumeRuns`.
 */
export class RunQueue {
  private readonly options: QueueOptions;
  private readonly waiting: QueuedRun[];
  private readonly launching = new Set<QueuedRun>();
  private readonly active = new Set<string>();
  private readonly stops = new Map<string, Promise<unknown>>();
  private file: QueueFile | undefined;
  private cancelled = false;

  constructor(options: QueueOptions) {
    this.options = options;
    this.waiting = seedsFirst(options.runs);
  }

  /** Runs everything; settles when the last process has ended. Never rejects on account of a run: `onChange` tells. */
  async run(): Promise<void> {
    this.file = await QueueFile.of(this.options);
    this.publish();
    // The processes do not keep this one alive, and neither does waiting for them; this does.
    const timer = setInterval(() => this.lookForRequests(), lookMs);
    try {
      const others = await this.others();
      await Promise.all(Array.from({ length: Math.max(1, this.options.parallel) }, (_, place) => this.work(others[place])));
    } finally {
      clearInterval(timer);
    }
  }

  /** Starts nothing more and stops what runs; `run` settles when all have ended. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const run of this.waiting.splice(0)) this.options.onChange({ type: 'cancelled', run, dir: this.dirOf(run) });
    // What is just being started is still said: whoever waits for the file to go away finds its directory then.
    this.publish();
    this.file?.forgetRequests();
    for (const dir of this.active) this.stop(dir);
  }

  /** @param other a run that has the place until it ends. */
  private async work(other: string | undefined): Promise<void> {
    while (other !== undefined && this.waiting.length > 0 && (await isGoingOn(other))) await delay(lookMs);
    for (let run = this.next(); run; run = this.next()) await this.runOne(run);
  }

  /** The runs of the group that are going on. */
  private async others(): Promise<readonly string[]> {
    const { runsDir, runs } = this.options;
    return runs[0] ? liveMembersOf(runsDir, runs[0].group) : [];
  }

  private next(): QueuedRun | undefined {
    // Right before a start: whoever asked for the end and then stopped a run must not see the next one begin.
    this.lookForRequests();
    const run = this.waiting.shift();
    if (run) this.launching.add(run);
    return run;
  }

  /** Says what has not started. */
  private publish(): void {
    this.file?.write([...this.launching, ...this.waiting]);
  }

  private lookForRequests(): void {
    if (this.cancelled || this.launching.size + this.waiting.length === 0) return;
    if (this.file?.cancelRequested) this.cancel();
    // While some wait, all places are taken, so there is somebody to work on what comes in addition.
    if (this.waiting.length > 0) this.add(this.file?.takeAdded() ?? []);
  }

  private add(runs: readonly QueuedRun[]): void {
    const known = new Set([...this.waiting, ...this.launching].map(({ id }) => id));
    const fresh = runs.filter(({ id }) => !known.has(id));
    this.waiting.push(...fresh);
    if (fresh.length > 0) this.publish();
  }

  private async runOne(run: QueuedRun): Promise<void> {
    const { onChange, engine, threads, cacheDir } = this.options;
    const dir = this.dirOf(run);
    const common = { runDir: dir, threads, cacheDir };
    const request: LaunchRequest = run.resumes === true ? { kind: 'resume', ...common } : { kind: 'start', run, engine, ...common };
    let launched: LaunchedRun;
    try {
      launched = await launchRun({ ...this.options, request });
    } catch (error) {
      onChange({ type: 'failed-to-start', run, dir, error: error as Error });
      return;
    } finally {
      this.launching.delete(run);
      this.publish();
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
    this.stops.set(
      dir,
      stopRun(dir, this.options).catch(() => undefined),
    );
  }

  private dirOf(run: QueuedRun): string {
    return runDirectory(this.options.runsDir, run);
  }
}

/**
 * All seeds of the first estimator, then all of the next: runs of one seed share a cached warm start, so the first round makes
 * them all. With fewer seeds than processes two may make the same one, which costs no time: one of them would have waited.
 */
export function seedsFirst<Run extends Pick<QueuedRun, 'estimator'>>(runs: readonly Run[]): Run[] {
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
