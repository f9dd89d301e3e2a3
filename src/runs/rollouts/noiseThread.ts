import { Worker } from 'node:worker_threads';
import { noiseReport } from '../../core/lens/noise.ts';
import type { NoiseReport } from '../../core/lens/noise.ts';
import type { Trajectory } from '../../core/records/trajectory.ts';
import type { RolloutPlace } from './rolloutSource.ts';
import { handlesZeroTail, stepSignal } from './stepSignal.ts';

export interface NoiseThreadStart {
  readonly kind: 'noise';
  readonly place: RolloutPlace;
  readonly step: number;
  readonly trajectories: readonly Trajectory[];
}

/** What such a thread says. */
export async function noiseOf({ place, step, trajectories }: NoiseThreadStart): Promise<NoiseReport | string> {
  const isRun = place.format === 'run';
  return noiseReport(trajectories, {
    inUse: place.estimator ?? null,
    signal: isRun ? await stepSignal(place.path, step) : null,
    handleZeroTail: !isRun || (await handlesZeroTail(place.path)),
  });
}

/** Says how noisy steps are, one at a time: the thread of the step before is ended. */
export class NoiseThreads {
  private last: Worker | undefined;

  constructor(
    private readonly place: RolloutPlace,
    private readonly workerFile: URL,
  ) {}

  /** Never settles where another step is asked for, or `stop` is called, before it is known. */
  report(step: number, trajectories: readonly Trajectory[]): Promise<NoiseReport | string> {
    this.stop();
    // Without what it does not look at.
    const light = trajectories.map((each): Trajectory => ({
      ...each,
      prompt: [],
      response: [],
      tokenEnergy: null,
      accumulatedEnergy: null,
      advantages: {},
      baselines: {},
    }));
    const start: NoiseThreadStart = { kind: 'noise', place: this.place, step, trajectories: light };
    const worker = new Worker(this.workerFile, { workerData: start });
    this.last = worker;
    return new Promise((resolve) => {
      worker.on('message', (report: NoiseReport | string) => resolve(report));
      worker.on('error', (error) => resolve(`The noise under other baselines could not be computed: ${error.message}`));
    });
  }

  stop(): void {
    void this.last?.terminate();
    this.last = undefined;
  }
}
