import type { CollapseState, RunEvent } from '../../core/records/events.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { PlannedRun, ProcessState } from '../../core/records/run.ts';

/** Steps over which the shown score is averaged: one step's score is the mean of a few dozen responses, too noisy to read. */
const scoreWindow = 20;
/** Steps over which the speed is measured. */
const speedWindow = 30;

const collapseStates: Readonly<Partial<Record<RunEvent['type'], CollapseState>>> = {
  spike: 'spike',
  unstable: 'unstable',
  collapse: 'collapsed',
  nan: 'collapsed',
  recovered: 'recovered',
};

/** `waiting`: its turn has not come. `cancelled`: it will not come. */
export type FollowedState = ProcessState | 'waiting' | 'cancelled';

/** Where one run stands, put together from what its directory says. */
export class FollowedRun {
  process: FollowedState = 'waiting';
  /** Last finished step; 0 before the first. */
  step = 0;
  /** Latest gradient norm before clipping; NaN before the first. */
  gradNorm = Number.NaN;
  /** Share of the warm start that is done, while it is under way; NaN otherwise. */
  warmStart = Number.NaN;
  collapse: CollapseState = 'healthy';
  onsetStep: number | null = null;
  /** Why it ended before its last step, as a sentence; null where it did not. */
  ending: string | null = null;
  readonly estimator: string;
  readonly seed: number;
  /** Steps that the run is planned to take. */
  readonly steps: number;
  private scores: number[] = [];
  private times: number[] = [];

  constructor(
    readonly dir: string,
    { estimator, seed, config }: Pick<PlannedRun, 'estimator' | 'seed'> & { readonly config: Pick<PlannedRun['config'], 'steps'> },
  ) {
    this.estimator = estimator;
    this.seed = seed;
    this.steps = config.steps;
  }

  /** How the run is called in a line about it. */
  get name(): string {
    return `${this.estimator} seed ${this.seed}`;
  }

  /** Takes in the metrics of one step. */
  addMetrics({ step, time, data }: MetricsRecord): void {
    // A resumed run goes back to its checkpoint: what was averaged so far is of no use any more.
    if (step <= this.step) [this.scores, this.times] = [[], []];
    this.step = step;
    this.warmStart = Number.NaN;
    this.gradNorm = data[metricNames.gradNorm] ?? Number.NaN;
    const score = data[metricNames.score];
    if (score !== undefined) pushBounded(this.scores, score, scoreWindow);
    if (Number.isFinite(time)) pushBounded(this.times, time, speedWindow);
  }

  /** Takes in the last line that the process printed: before the first step it tells how far the warm start has come. */
  addOutput(line: string): void {
    const [, step, steps] = /^warm start: step (\d+) of (\d+)/.exec(line) ?? [];
    this.warmStart = Number(step) / Number(steps);
  }

  /** Takes in one event; only those about collapse change anything. */
  addEvent(event: RunEvent): void {
    this.collapse = collapseStates[event.type] ?? this.collapse;
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
