import type { RunConfig } from '../core/config/config.ts';
import type { AdvantageBatch } from '../core/estimators/estimator.ts';
import type { CollapseEvent, LifecycleEvent } from '../core/records/events.ts';
import { unixTime } from '../core/records/unixTime.ts';
import type { RunWriter } from '../runs/directory/runWriter.ts';
import { checkpointFiles } from './checkpoint.ts';
import type { Engine, Rollout } from './engines/engine.ts';
import type { TrainingJournal } from './training.ts';
import { trajectories } from './trajectories.ts';

/** Writes a training into its run directory, and takes requests from there and from signals. */
export class RunJournal implements TrainingJournal {
  /** The last step whose metrics this process has logged; undefined: none yet. */
  lastStep: number | undefined;
  private signal: NodeJS.Signals | null = null;
  private dir: string;

  constructor(
    private readonly writer: RunWriter,
    private readonly engine: Engine,
    private readonly config: RunConfig,
    private readonly vocabulary: readonly string[],
  ) {
    this.dir = writer.dir;
  }

  /** From now on these signals are requests to stop after the current step. */
  listen(...signals: readonly NodeJS.Signals[]): void {
    for (const name of signals) process.once(name, () => (this.signal = name));
  }

  lifecycle(type: LifecycleEvent['type'], step: number, data: LifecycleEvent['data'] = {}): void {
    this.writer.appendEvent({ type, step, time: unixTime(), data });
  }

  metrics(step: number, data: Readonly<Record<string, number>>): void {
    this.writer.appendMetrics({ step, time: unixTime(), data });
    this.lastStep = step;
  }

  collapse(event: CollapseEvent): void {
    console.log(`step ${event.step}: ${event.type}: ${event.message}`);
    this.writer.appendEvent({ ...event, time: unixTime() });
  }

  trajectories(step: number, rollout: Rollout, batch: AdvantageBatch): void {
    this.writer.writeRollouts(step, trajectories(rollout, batch, this.vocabulary));
  }

  checkpoint(step: number): void {
    this.writer.writeCheckpoint(step, checkpointFiles(this.engine, this.config, step));
    this.lifecycle('checkpoint', step);
  }

  stopRequested(step: number): boolean {
    this.noteMove();
    const by = this.signal ?? (this.writer.stopRequested() ? 'control/stop' : null);
    if (by === null) return false;
    this.lifecycle('stop-requested', step, { by });
    return true;
  }

  checkpointRequested(): boolean {
    return this.writer.takeCheckpointRequest();
  }

  private noteMove(): void {
    const { dir } = this.writer;
    if (dir !== this.dir) console.log(`The run directory was moved or renamed: the run goes on in ${dir}.`);
    this.dir = dir;
  }
}
