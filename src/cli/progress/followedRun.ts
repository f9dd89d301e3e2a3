import type { CollapseState, RunEvent } from '../../core/records/events.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { ProcessState } from '../../core/records/run.ts';

/** Steps over which the shown score is averaged: one step's score is the mean of a few dozen responses, too noisy to read. */
const scoreWindow = 20;
/** Steps over which the speed is measured. */
const speedWindow = 30;

const stateAfter: Readonly<Record<string, CollapseState>> = {
  spike: 'spike',
  unstable: 'unstable',
  collapse: 'collapsed',
  nan: 'collapsed',
  recovered: 'recovered',
};

/** Where one run stands, put together from what its directory says. */
export class FollowedRun {
  process: ProcessState | 'waiting' = 'waiting';
  /** Last finished step; 0 before the first. */
  step = 0;
  /** Latest gradient norm before clipping; NaN before the first. */
  gradNorm = Number.NaN;
  collapse: CollapseState = 'healthy';
  onsetStep: number | null = null;
  private readonly scores: number[] = [];
  private readonly times: number[] = [];

  constructor(
    readonly dir: string,
    readonly estimator: string,
    readonly seed: number,
    /** Steps that the run is planned to take. */
    readonly steps: number,
  ) {}

  /** Takes in the metrics of one step. */
  addMetrics({ step, time, data }: MetricsRecord): void {
    this.step = step;
    this.gradNorm = data[metricNames.gradNorm] ?? Number.NaN;
    const score = data[metricNames.score];
    if (score !== undefined) pushBounded(this.scores, score, scoreWindow);
    if (Number.isFinite(time)) pushBounded(this.times, time, speedWindow);
  }

  /** Takes in one event; only those about collapse change anything. */
  addEvent(event: RunEvent): void {
    this.collapse = stateAfter[event.type] ?? this.collapse;
    if (event.type === 'collapse' || event.type === 'nan') this.onsetStep ??= event.onsetStep;
  }

  /** Mean score over the last steps; NaN before the first. */
  get score(): number {
    return this.scores.reduce((sum, score) => sum + score, 0) / this.scores.length;
  }

  /** Steps per second over the last steps; NaN before the second. */
  get stepsPerSecond(): number {
    const [first = Number.NaN] = this.times;
    return (this.times.length - 1) / ((this.times.at(-1) ?? Number.NaN) - first);
  }

  /** Seconds until the last step at the present speed; NaN where that is not known. */
  get secondsLeft(): number {
    return (this.steps - this.step) / this.stepsPerSecond;
  }

  get isDone(): boolean {
    return this.process !== 'waiting' && this.process !== 'starting' && this.process !== 'running';
  }
}

function pushBounded(values: number[], value: number, limit: number): void {
  values.push(value);
  if (values.length > limit) values.shift();
}
