import process from 'node:process';
import { createLogUpdate } from 'log-update';
import type { PanelGpu } from '../../core/gpus/panelGpu.ts';
import { isLive } from '../../core/records/runState.ts';
import { GpuWatch } from '../../runs/gpus/gpuWatch.ts';
import { terminalText } from '../output.ts';
import type { Output } from '../output.ts';
import type { FollowedRun } from './followedRun.ts';
import { renderLiveTable } from './liveTable.ts';
import { wrap } from '../wrap.ts';
import { endLine } from './progressLog.ts';
import type { ProgressView } from './progressView.ts';

/** Milliseconds between two drawings: 10 a second are as many as anybody can read. */
const interval = 100;

/** A table on the terminal that is redrawn in place. */
export class LiveView implements ProgressView {
  private readonly log = createLogUpdate(process.stderr);
  private readonly told = new Set<FollowedRun>();
  private timer: NodeJS.Timeout | undefined;
  private standby: string | null = null;
  private readonly watch = new GpuWatch();
  /** Ends the look at the GPUs; undefined: nobody looks. */
  private stopLooking: (() => void) | undefined;
  private gpus: readonly PanelGpu[] = [];

  constructor(
    private readonly runs: readonly FollowedRun[],
    private readonly parallel: number,
    private footer: string,
    private readonly output: Output,
  ) {}

  update(run: FollowedRun): void {
    if (run.ending !== null && !this.told.has(run)) {
      this.told.add(run);
      this.say(endLine(run));
    }
    this.lookAtGpus(this.runs.some((each) => each.mayUseGpus && isLive(each)));
    this.schedule();
  }

  say(line: string): void {
    this.log.persist(terminalText(wrap(line, this.output.noteSize.columns)));
    this.schedule();
  }

  announce(text: string): void {
    this.footer = text;
    this.schedule();
  }

  standBy(text: string | null): void {
    this.standby = text;
    this.schedule();
  }

  close(): void {
    this.lookAtGpus(false);
    this.standby = null;
    this.footer = '';
    this.draw();
    this.log.done();
  }

  private lookAtGpus(isWanted: boolean): void {
    if (isWanted === (this.stopLooking !== undefined)) return;
    this.stopLooking?.();
    this.gpus = [];
    this.stopLooking = !isWanted
      ? undefined
      : this.watch.look((gpus) => {
          this.gpus = gpus;
          this.schedule();
        });
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => this.draw(), interval);
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { noteSize, paintNote: paint } = this.output;
    const { parallel, standby, gpus, footer } = this;
    this.log(terminalText(renderLiveTable(this.runs, { ...noteSize, paint, parallel, standby, gpus, footer })));
  }
}
