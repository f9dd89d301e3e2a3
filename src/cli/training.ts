import path from 'node:path';
import type { QueueChange } from '../runs/launcher/runQueue.ts';
import { RunQueue } from '../runs/launcher/runQueue.ts';
import { runDirectory, stopGraceMs } from '../runs/launcher/trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from '../runs/launcher/trainingPlan.ts';
import type { WaitReason } from '../runs/launcher/turns.ts';
import { Board } from './progress/board.ts';
import { FollowedRun } from './progress/followedRun.ts';
import type { ProgressView } from './progress/progressView.ts';

/** The program of a run's process. */
export function trainerEntry(root: string): string {
  return path.join(root, 'dist', 'trainer.mjs');
}

/** Trains the runs of plans, each in a process of its own, and follows them into a view. */
export class Training {
  private readonly queues: readonly RunQueue[];
  private readonly board: Board;
  private readonly ended: Promise<void>[] = [];
  private active = 0;
  /** A run that goes on has had its say before. */
  private readonly since = Date.now() / 1000;
  private readonly byDir: Map<string, FollowedRun>;

  /** `plans`: each of another folder. `runs`: those of the plans; what is started besides is added to them. */
  constructor(
    plans: readonly TrainingPlan[],
    private readonly runs: FollowedRun[],
    private readonly view: ProgressView,
    root: string,
  ) {
    this.board = new Board(view);
    this.byDir = new Map(runs.map((run) => [run.dir, run]));
    this.queues = plans.map(
      (plan) =>
        new RunQueue({
          ...plan,
          trainerEntry: trainerEntry(root),
          graceMs: stopGraceMs,
          onChange: (change) => this.take(change),
          onWait: (run, reason) => this.standBy(this.byDir.get(runDirectory(plan.runsDir, run)), reason),
        }),
    );
  }

  /** Settles when every process has ended and everything that they wrote has been taken in. */
  async run(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.run()));
    await Promise.all(this.ended);
    this.board.close();
  }

  /** Starts nothing more and stops what runs; `run` settles soon after. */
  cancel(): void {
    this.view.announce('Stopping the runs; Ctrl-C again does not wait for them.');
    for (const queue of this.queues) queue.cancel();
  }

  private take(change: QueueChange): void {
    if (change.type === 'added') this.add(change.run, change.dir);
    const run = this.byDir.get(change.dir);
    if (run === undefined) return;
    this.active += change.type === 'started' ? 1 : change.type === 'ended' ? -1 : 0;
    if (change.type === 'started') this.view.standBy(null);
    if (change.type === 'started') this.ended.push(this.board.follow(run, this.since));
    if (change.type === 'cancelled') run.process = 'cancelled';
    if (change.type === 'failed-to-start') {
      run.process = 'failed';
      run.failedToStart = true;
      this.view.say(`${run.name}: ${change.error.message}`);
    }
    this.view.update(run);
  }

  private add(planned: QueuedRun, dir: string): void {
    const run = new FollowedRun(dir, planned);
    this.byDir.set(dir, run);
    this.runs.push(run);
    this.view.say(`${run.name}: a branch of a run that has collapsed`);
  }

  /** That a run waits for others of its own plan to end is seen from those. */
  private standBy(run: FollowedRun | undefined, { kind, text }: WaitReason): void {
    if (run !== undefined) this.view.standBy(kind === 'turn' && this.active > 0 ? null : `${run.name}: ${text}`);
  }
}

/** The runs of a plan as they will be followed. */
export function plannedRuns({ runs, runsDir }: TrainingPlan): FollowedRun[] {
  return runs.map((run) => new FollowedRun(runDirectory(runsDir, run), run));
}
