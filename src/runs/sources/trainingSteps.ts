import type { ProgressBar } from './progressBar.ts';

/** What a dict of a trainer is: of a step; of an evaluation, or something else that was logged at some step; of the training as a whole. */
export type DictKind = 'step' | 'addition' | 'summary';

/** A bar that begins here goes on where an earlier process had stopped: no step is so short that the first ten are drawn as one. */
const leastResumed = 10;

/**
 * Of which steps the dicts of one training are, by the progress bar around them.
 *
 * A trainer that writes a dict takes its bar away and draws it again behind the dict, where it tells the step of the dict exactly. Not
 * so where the output went to a file: then a dozen dicts are held back and come at once, behind bars of later steps. Such dicts, and
 * those of a program without a bar, are counted, and the bar or the summary at the end tells how many steps lie between two of them.
 */
export class TrainingSteps {
  hasEnded = false;
  private mode: 'undecided' | 'bars' | 'counted' = 'undecided';
  /** Steps of the whole training, as its bar says. */
  private total: number | undefined;
  /** The last bar of this training, and how many dicts of steps had come before it. */
  private bar: { readonly done: number; readonly dicts: number } | undefined;
  /** The first bar behind the dicts that came last. */
  private firstBehind: { readonly done: number; readonly dicts: number } | undefined;
  /** Steps that an earlier process had taken. */
  private base: number | undefined;
  /** The last bar of whatever it is, while nothing tells which one is the training's. */
  private candidate: ProgressBar | undefined;
  /** The first bar behind the dict that is waiting: of this training, and of another total. */
  private behind: ProgressBar | undefined;
  private behindOther: ProgressBar | undefined;
  /** Whether a bar of another total has begun since the last dict. */
  private hasOtherBegun = false;
  private dicts = 0;
  /** Step of the last dict, its epoch, and how many steps after the one before it it came. */
  private last = 0;
  private lastEpoch = Number.NaN;
  private lastStride = 1;
  private summary: { readonly steps: number; readonly epoch: number } | undefined;

  constructor(
    /** Steps between two counted dicts, as found at an earlier look. */
    private readonly known = 1,
  ) {}

  /** Whether bars may tell of which step a dict is, so that it is to wait for the one behind it. */
  get isFollowingBars(): boolean {
    return this.mode !== 'counted';
  }

  /** Steps of the whole training, as far as the bar tells. */
  get planned(): number | undefined {
    return this.total;
  }

  /** Steps between two dicts that are counted; 1 where nothing is counted, or nothing tells. */
  get stride(): number {
    const { bar, firstBehind, dicts, total, summary, base = 0 } = this;
    if (this.mode !== 'counted' || dicts === 0) return 1;
    if (total !== undefined && bar && bar.done >= total) return this.strideOf(total - base, true);
    if (summary) return this.strideOf(summary.steps, false);
    return firstBehind ? strideBefore(firstBehind.done - base, firstBehind.dicts) : 1;
  }

  /** Takes in the next bar. Returns whether another training has begun. */
  takeBar(bar: ProgressBar): boolean {
    const { done, total } = bar;
    if (done > total) return false;
    if (done === 0 && total === this.total && this.last > 0) return true;
    if (this.total === undefined) {
      if (this.candidate?.done === 0 && done >= leastResumed && this.candidate.total === total) this.base = done - 1;
      else if (done === 0) this.base = undefined;
      this.candidate = bar;
      this.behind ??= bar;
    } else if (total === this.total) {
      this.bar = { done, dicts: this.dicts };
      if (this.firstBehind?.dicts !== this.dicts && this.mode === 'counted') this.firstBehind = this.bar;
      this.behind ??= bar;
    } else {
      this.behindOther ??= bar;
      this.hasOtherBegun ||= done === 0;
    }
    return false;
  }

  /** Whether the next dict, of this epoch, cannot be of this training. */
  isOver(epoch: number | undefined): boolean {
    return this.hasEnded || (this.mode === 'counted' && this.hasOtherBegun && epoch !== undefined && epoch < this.lastEpoch);
  }

  /** A dict has come; the bars behind it may tell its step. */
  expectBar(): void {
    this.behind = this.behindOther = undefined;
    this.hasOtherBegun = false;
  }

  /** A dict gave its step itself. */
  takeOwn(step: number): void {
    this.last = step;
  }

  /** Step of the dict that came last, by all that has come behind it. */
  stepOf(kind: DictKind, data: Readonly<Record<string, number>>): number {
    const epoch = data['epoch'] ?? Number.NaN;
    const step = kind === 'step' ? this.nextStep() : kind === 'addition' ? this.stepOfAddition(epoch) : this.stepOfSummary(data);
    if (kind === 'step') {
      this.lastStride = step > this.last ? step - this.last : this.lastStride;
      this.lastEpoch = epoch;
    }
    this.last = step;
    return step;
  }

  private nextStep(): number {
    if (this.mode !== 'counted') {
      const other = this.behindOther !== undefined && this.behindOther.done > 0 ? this.behindOther : undefined;
      const bar = this.behind ?? other;
      if (bar && bar.done > 0) {
        this.mode = 'bars';
        this.total = bar.total;
        this.bar = { done: bar.done, dicts: 0 };
        return bar.done;
      }
      if (this.mode === 'bars') return this.last + this.lastStride;
      this.mode = 'counted';
      this.total = this.candidate?.total;
    }
    this.dicts++;
    return (this.base ?? 0) + this.dicts * this.known;
  }

  private stepOfAddition(epoch: number): number {
    if (this.mode === 'bars') return Math.max(this.last, this.behind?.done ?? this.bar?.done ?? 0);
    if (this.mode === 'counted') {
      const step = Math.round((epoch * this.last) / this.lastEpoch);
      return step > this.last ? Math.min(step, this.last + this.known - 1) : this.last;
    }
    if (!(epoch > 0)) return this.last;
    const bars = [this.behind, this.candidate].filter((bar) => bar !== undefined).toSorted((a, b) => b.total - a.total);
    return Math.max(this.last, bars[0]?.done ?? 0);
  }

  private stepOfSummary(data: Readonly<Record<string, number>>): number {
    const { train_runtime: seconds = Number.NaN, train_steps_per_second: speed = Number.NaN, epoch = Number.NaN } = data;
    const steps = Math.round(seconds * speed);
    if (steps > 0) this.summary = { steps: this.total ?? steps, epoch };
    this.hasEnded = true;
    return Math.max(this.last, this.mode === 'bars' ? (this.behind?.done ?? this.bar?.done ?? 0) : 0);
  }

  /** Steps between two dicts, of so many steps in all; the last dict may have come before the last step. */
  private strideOf(steps: number, isExact: boolean): number {
    const { dicts, lastEpoch, summary } = this;
    const share = summary && summary.epoch > 0 && lastEpoch > 0 ? Math.min(1, lastEpoch / summary.epoch) : 1;
    const stride = Math.round((steps * share) / dicts);
    if (!isExact) return Math.max(1, stride);
    const [least, most] = [Math.floor(steps / (dicts + 1)) + 1, Math.floor(steps / dicts)];
    return Math.max(1, Math.min(most, Math.max(least, stride)));
  }
}

/** Steps between two of so many dicts that had been held back and came when a bar had reached this step: that of the last one, or of one more. */
function strideBefore(done: number, dicts: number): number {
  const exact = [dicts, dicts + 1].find((count) => done % count === 0);
  return Math.max(1, Math.round(done / (exact ?? dicts + 0.5)));
}
