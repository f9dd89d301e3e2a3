import { currentScoreSteps } from '../../core/comparison/runSummary.ts';
import { gapsSentence } from '../../core/collapse/sentences.ts';
import { Sight, judged } from '../../core/collapse/sight.ts';
import type { Gap } from '../../core/collapse/sight.ts';
import type { CollapseState, RunEvent } from '../../core/records/events.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import { StepNotes } from '../../core/records/stepNotes.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import { isFarBeyond } from '../../core/records/strays.ts';
import { CollapseHistory } from './collapseHistory.ts';

/** Steps over which the speed is measured. */
const speedWindow = 30;

/** Where a run stands, put together from the metrics and events of its directory as they come. */
export class RunStanding {
  /** Which metrics are the gradient norm and the score. */
  keys: MetricKeys = { gradNorm: metricNames.gradNorm, score: metricNames.score };
  /** Last finished step; 0 before the first. */
  step = 0;
  /** Latest gradient norm before clipping; NaN before the first. */
  gradNorm = Number.NaN;
  /** Share of the warm start that is done, while it is under way; NaN otherwise. */
  warmStart = Number.NaN;
  /** Seconds from the latest start of its process to the first step after it; NaN: not known. */
  startupSeconds = Number.NaN;
  /** The start whose first step has not come yet. */
  private started: Pick<RunEvent, 'step' | 'time'> | undefined;
  /** What there is to know while the run goes on, as a sentence; empty: nothing. */
  notice = '';
  readonly history = new CollapseHistory();
  /** What people have noted about its steps. */
  readonly notes = new StepNotes();
  /** Whether only the end of the metrics has been read: what is not there may have been logged before. */
  isPartial = false;
  /** The metrics of the last step. */
  private latest: MetricsRecord['data'] = {};
  private sight = new Sight();
  private scores: number[] = [];
  private times: number[] = [];
  /** The steps that the run has come to one after the other. */
  private seen = noSteps;
  /** A step far beyond them; NaN: there was none. */
  private stray = Number.NaN;

  /**
   * Takes in the next metrics of a step. Returns whether the run is at that step now: a line that adds to an earlier step, and one step
   * far beyond all others, leave it where it is.
   */
  addMetrics({ step, time, data }: MetricsRecord): boolean {
    const [gradNorm, score] = this.pick(data);
    if (step < this.step && ((gradNorm === undefined && score === undefined) || this.isAddition(data))) return false;
    if (this.isStray(step)) return false;
    if (step < this.step) {
      // A resumed run goes back to its checkpoint: what was averaged so far is of no use any more.
      [this.scores, this.times] = [[], []];
      this.sight.rewind(step);
      this.seen = { first: step, last: step, count: 0 };
    }
    // A step may come in several lines, each with other metrics.
    const isNew = step !== this.step || this.seen.count === 0;
    const { first, count } = this.seen;
    if (isNew) this.seen = { first: count === 0 ? step : first, last: step, count: count + 1 };
    if (isNew) this.latest = data;
    this.step = step;
    this.warmStart = Number.NaN;
    this.time(step, time);
    if (isNew || gradNorm !== undefined) this.gradNorm = gradNorm ?? Number.NaN;
    this.sight.look(step, gradNorm, score);
    if (score !== undefined) pushBounded(this.scores, score, currentScoreSteps);
    if (isNew && Number.isFinite(time)) pushBounded(this.times, time, speedWindow);
    return true;
  }

  /** Takes in some of the steps from before the first that was read. */
  addEarlier({ step, data }: MetricsRecord): void {
    this.sight.lookBack(step, ...this.pick(data));
  }

  /** NaN: not logged at that step. */
  gradNormOf({ data }: MetricsRecord): number {
    return this.pick(data)[0] ?? Number.NaN;
  }

  /** The metrics began anew. */
  clearMetrics(): void {
    this.sight = new Sight();
    this.isPartial = false;
    this.step = 0;
    this.gradNorm = Number.NaN;
    [this.scores, this.times] = [[], []];
    [this.seen, this.stray] = [noSteps, Number.NaN];
  }

  /** Takes in the last line that the process printed: before the first step it tells how far the warm start has come. */
  addOutput(line: string): void {
    if (this.step > 0) return;
    const [, step, steps] = /^warm start: step (\d+) of (\d+)/.exec(line) ?? [];
    this.warmStart = Number(step) / Number(steps);
  }

  /** Takes in one event; only those about collapse, starts and notes change anything. */
  addEvent(event: RunEvent): void {
    if (event.type === 'started') [this.started, this.notice] = [event, ''];
    if (event.type === 'notice') this.notice = String(event.data['message'] ?? '');
    this.notes.add(event);
    this.history.add(event);
  }

  /** The events began anew. */
  clearEvents(): void {
    this.notes.clear();
    this.history.clear();
  }

  get collapse(): CollapseState {
    return judged(this.history.stateAt(this.step), this.gaps);
  }

  /** What cannot be judged of a run that has steps, and why, as a sentence; empty: everything can. */
  get notJudged(): string {
    return this.step === 0 ? '' : gapsSentence(this.gaps, this.keys);
  }

  /** Whether metrics are few beside those of a whole step: they add to one that was there before, and the run does not go back to it. */
  private isAddition(data: MetricsRecord['data']): boolean {
    return 2 * Object.keys(data).length < Object.keys(this.latest).length;
  }

  /** Whether a step is far beyond the others, and not the next after one that was so as well: then the run goes on there. */
  private isStray(step: number): boolean {
    if (!isFarBeyond(step, this.seen)) return false;
    const goesOn = step > this.stray;
    this.stray = step;
    return !goesOn;
  }

  /** Only the first step after a start tells how long that took; later ones, where not all steps are read, do not. */
  private time(step: number, time: number): void {
    if (this.started?.step === step - 1 && time >= this.started.time) this.startupSeconds = time - this.started.time;
    this.started = undefined;
  }

  private pick(data: MetricsRecord['data']): readonly [gradNorm: number | undefined, score: number | undefined] {
    const { gradNorm, score } = this.keys;
    return [gradNorm === undefined ? undefined : data[gradNorm], score === undefined ? undefined : data[score]];
  }

  private get gaps(): readonly Gap[] {
    return this.sight.gaps.filter(({ of, since }) => of === 'steps' || since !== null || !this.isPartial);
  }

  get onsetStep(): number | null {
    return this.history.onsetStep;
  }

  /** Mean score over the last steps; NaN before the first. */
  get score(): number {
    return this.scores.reduce((sum, score) => sum + score, 0) / this.scores.length;
  }

  /** Steps per second over the last steps; NaN before the second. */
  get stepsPerSecond(): number {
    const [first = Number.NaN] = this.times;
    const seconds = (this.times.at(-1) ?? Number.NaN) - first;
    // Steps of one and the same time were not timed.
    return seconds > 0 ? (this.times.length - 1) / seconds : Number.NaN;
  }
}

const noSteps = { first: 0, last: 0, count: 0 };

/** Why a run ended before its last step, as a sentence; null where it has not ended, or took its steps. */
export function endingNote(state: ProcessState, exit: ExitRecord | null): string | null {
  if (state === 'lost') return 'The process is gone and did not say why.';
  return exit === null || (exit.reason === 'completed' && exit.lastStep > 0) ? null : exit.message;
}

function pushBounded(values: number[], value: number, limit: number): void {
  values.push(value);
  if (values.length > limit) values.shift();
}
