import { existsSync, mkdirSync } from 'node:fs';
import type { LaunchRequest, ProcessState } from '../../core/records/run.ts';
import { branchDue } from '../branching/automaticBranch.ts';
import { DirectoryWatch } from '../directory/directoryWatch.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { ownIdentity } from '../process/processIdentity.ts';
import { processStartTime } from '../process/processStartTime.ts';
import { GpuAdmitter } from './gpuAdmitter.ts';
import type { Admitter } from './gpuAdmitter.ts';
import { launchRun, nextStart } from './launchRun.ts';
import type { LaunchedRun, LaunchOptions } from './launchRun.ts';
import { QueueFile, queueName } from './queueFile.ts';
import { stopRun } from './stopRun.ts';
import { runDirectory } from './trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from './trainingPlan.ts';
import type { WaitReason } from './turns.ts';
import { TurnTaker } from './turnTaker.ts';

/** Milliseconds between looks for requests, and at the queue of the folder, where the system reports no change; and between any two. */
const looks = { pollMs: 250, gatherMs: 20 } as const;

export interface QueueOptions extends TrainingPlan, Omit<LaunchOptions, 'request'> {
  /** Milliseconds that a cancelled run has before the next, harder request to stop. */
  readonly graceMs: number;
  readonly onChange: (change: QueueChange) => void;
  /** Is told what the next run waits for, whenever that changes. */
  readonly onWait?: (run: QueuedRun, reason: WaitReason) => void;
  /** Gives them what they need besides their turn; left out: the GPUs that their configs ask for. */
  readonly admitter?: Admitter;
}

export type QueueChange =
  /** A run that was not in the plan: a branch of one that has collapsed, whose config says so. */
  | { readonly type: 'added'; readonly run: QueuedRun; readonly dir: string }
  | { readonly type: 'started'; readonly run: QueuedRun; readonly dir: string; readonly pid: number }
  | { readonly type: 'ended'; readonly run: QueuedRun; readonly dir: string; readonly state: ProcessState }
  /** The run never began. */
  | { readonly type: 'failed-to-start'; readonly run: QueuedRun; readonly dir: string; readonly error: Error }
  /** The queue was cancelled, or the run taken out of it, before the run's turn came. */
  | { readonly type: 'cancelled'; readonly run: QueuedRun; readonly dir: string };

/**
 * Runs planned runs in processes of their own, all seeds of the first estimator, then of the next, as it is their turn in the queue that
 * all groups of the folder share: see `TurnTaker`. As long as some wait, a file beside the run directories says so, and another process
 * can cancel them or add some: see `readQueue`, `cancelQueue` and `resumeRuns`.
 */
export class RunQueue {
  private readonly options: QueueOptions;
  private readonly admitter: Admitter;
  private waiting: QueuedRun[];
  private readonly launching = new Set<QueuedRun>();
  private readonly active = new Set<string>();
  private readonly starts = new Map<string, Promise<(() => Promise<boolean>) | undefined>>();
  private readonly stops = new Map<string, Promise<unknown>>();
  private readonly ends: Promise<void>[] = [];
  private file: QueueFile | undefined;
  private turns: TurnTaker | undefined;
  private watch: DirectoryWatch | undefined;
  private reasons: ReadonlyMap<string, WaitReason> | undefined;
  private told = '';
  private cancelled = false;
  private onDone: () => void = () => undefined;

  constructor(options: QueueOptions) {
    this.options = options;
    this.admitter = options.admitter ?? new GpuAdmitter(options.runsDir, { ...process.env, ...options.env });
    this.waiting = seedsFirst(options.runs);
    this.noteStarts(options.runs);
  }

  /** Runs everything; settles when the last process has ended. Never rejects on account of a run: `onChange` tells. */
  async run(): Promise<void> {
    const { runsDir, runs, parallel, group = queueName(runs) } = this.options;
    const { admitter } = this;
    this.file = await QueueFile.of(this.options, group);
    this.publish();
    this.turns = await TurnTaker.of({ runsDir, group, parallel: Math.max(1, parallel), admitter });
    makeFolder(runsDir);
    await this.turns.countRunning();
    const done = new Promise<void>((resolve) => (this.onDone = resolve));
    // The processes do not keep this one alive, and neither does waiting for them; this does.
    this.watch = new DirectoryWatch(runsDir, () => this.look(), looks);
    await done;
    this.watch.close();
    await Promise.all(this.ends);
  }

  /** Starts nothing more and stops what runs; `run` settles when all have ended. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.drop(this.waiting);
    this.file?.forgetRequests();
    for (const dir of this.active) this.stop(dir);
    void this.watch?.lookNow();
  }

  private async look(): Promise<boolean> {
    const { turns } = this;
    const isThere = existsSync(this.options.runsDir);
    if (turns === undefined) return isThere;
    this.lookForRequests();
    const { granted, removed, refused } = await turns.take(this.waiting);
    this.drop(removed);
    for (const { run, error } of refused) this.refuse(run, error);
    // Whoever asked for the end and then stopped a run must not see the next one begin.
    this.lookForRequests();
    for (const { run, gpus } of granted) {
      if (await this.wasTaken(run)) this.drop([run]);
      if (this.waiting.includes(run)) this.ends.push(this.runOne(run, gpus, turns));
      else this.ends.push(this.leaves(run, turns));
    }
    this.tellNext(turns);
    if (this.waiting.length + this.launching.size + this.active.size === 0 && !turns.isBehind) this.onDone();
    return isThere;
  }

  /** Says what has not started. */
  private publish(): void {
    this.file?.write([...this.launching, ...this.waiting]);
  }

  /** A run that was to go on and that somebody else has gone on with meanwhile is not started once more when that ends. */
  private noteStarts(runs: readonly QueuedRun[]): void {
    for (const run of runs)
      if (run.resumes === true)
        this.starts.set(
          run.id,
          nextStart(this.dirOf(run)).catch(() => undefined),
        );
  }

  private async wasTaken(run: QueuedRun): Promise<boolean> {
    const hasStarted = await this.starts.get(run.id);
    return hasStarted !== undefined && (await hasStarted().catch(() => false));
  }

  private lookForRequests(): void {
    if (this.cancelled || this.launching.size + this.waiting.length === 0) return;
    if (this.file?.cancelRequested) this.cancel();
    if (this.waiting.length > 0) this.add(this.file?.takeAdded() ?? []);
  }

  private add(runs: readonly QueuedRun[]): void {
    const known = new Set([...this.waiting, ...this.launching].map(({ id }) => id));
    const fresh = runs.filter(({ id }) => !known.has(id));
    this.waiting.push(...fresh);
    this.noteStarts(fresh);
    if (fresh.length > 0) this.publish();
  }

  /** A run that has collapsed may have to be gone on with in another way. */
  private async addBranch(dir: string): Promise<void> {
    if (this.cancelled) return;
    const branch = await branchDue(dir).catch(() => undefined);
    if (branch === undefined || this.cancelled) return;
    this.options.onChange({ type: 'added', run: branch, dir: this.dirOf(branch) });
    this.add([branch]);
  }

  /** These runs do not begin. What is just being started is still said: whoever waits for the file to go away finds its directory then. */
  private drop(runs: readonly QueuedRun[]): void {
    if (runs.length === 0) return;
    const gone = new Set(runs);
    this.waiting = this.waiting.filter((run) => !gone.has(run));
    for (const run of gone) this.options.onChange({ type: 'cancelled', run, dir: this.dirOf(run) });
    this.publish();
  }

  /** It can never have what it needs. */
  private refuse(run: QueuedRun, error: Error): void {
    if (!this.waiting.includes(run)) return;
    this.waiting = this.waiting.filter((other) => other !== run);
    this.options.onChange({ type: 'failed-to-start', run, dir: this.dirOf(run), error });
    this.publish();
  }

  private tellNext(turns: TurnTaker): void {
    const { reasons } = turns;
    if (reasons === this.reasons) return;
    this.reasons = reasons;
    const ids = new Map(this.waiting.map((run) => [run.id, run]));
    const [next] = [...reasons].flatMap(([id, reason]) => {
      const run = ids.get(id);
      return run === undefined || reason.kind === 'now' ? [] : [{ run, reason }];
    });
    const words = next === undefined ? '' : `${next.run.id} ${next.reason.text}`;
    if (next !== undefined && words !== this.told) this.options.onWait?.(next.run, next.reason);
    this.told = words;
  }

  private async runOne(run: QueuedRun, gpus: readonly number[] | undefined, turns: TurnTaker): Promise<void> {
    const { onChange, engine, threads, cacheDir, python } = this.options;
    const dir = this.dirOf(run);
    this.waiting = this.waiting.filter((other) => other !== run);
    this.launching.add(run);
    const launcher = await ownIdentity();
    const common = { runDir: dir, threads, cacheDir, launcher, ...(python !== undefined && { python }), ...(gpus && { gpus }) };
    const request: LaunchRequest = run.resumes === true ? { kind: 'resume', ...common } : { kind: 'start', run, engine, ...common };
    let launched: LaunchedRun;
    try {
      launched = await launchRun({ ...this.options, request });
    } catch (error) {
      onChange({ type: 'failed-to-start', run, dir, error: error as Error });
      await this.leaves(run, turns);
      return;
    } finally {
      this.launching.delete(run);
      this.publish();
    }
    this.active.add(dir);
    onChange({ type: 'started', run, dir, pid: launched.pid });
    if (this.cancelled) this.stop(dir);
    turns.hold(run.id, { pid: launched.pid, processStartTime: await processStartTime(launched.pid) });
    void this.watch?.lookNow();
    const end = await launched.exited;
    // Whoever had to kill the process writes its exit.json.
    await this.stops.get(dir);
    const state = await finalState(dir, end.code);
    // Before the run leaves, so that the queue is not done yet.
    await this.addBranch(dir);
    this.active.delete(dir);
    onChange({ type: 'ended', run, dir, state });
    await this.leaves(run, turns);
  }

  /** There is room for the next. */
  private async leaves(run: QueuedRun, turns: TurnTaker): Promise<void> {
    await this.admitter.release(run);
    turns.release(run.id);
    void this.watch?.lookNow();
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

/** Where the folder cannot be made, the runs say it. */
function makeFolder(runsDir: string): void {
  try {
    mkdirSync(runsDir, { recursive: true });
  } catch {
    // They cannot be made in it either.
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
