import type { Curve } from './curve.ts';
import type { XWindow } from './decimation.ts';
import type { RunSeries } from './runSeries.ts';
import { lowerBound } from './search.ts';
import type { Smoothing } from './view.ts';

/** So many windows back, a value has less than 0.04 % of the weight: an average that begins there is that of all. */
const memory = 8;

/** Stretches of a window that are taken as one value each on the way to what is drawn. */
const stretches = 16;

/** Steps over which a run is averaged where it is drawn: at least those of a pixel; 0: it is not smoothed. */
export function smoothingSteps(smoothing: Smoothing, series: RunSeries, { from, to, columns }: XWindow): number {
  if ((smoothing.by === 'steps' ? smoothing.steps : smoothing.share) === 0) return 0;
  const inSight = (to - from) / meanStride(series);
  return Math.max(1, inSight / columns, smoothing.by === 'steps' ? smoothing.steps : smoothing.share * inSight);
}

/** Distance on the axis that a step covers. */
export function meanStride({ x, steps }: RunSeries): number {
  if (x === steps) return 1;
  const last = x.length - 1;
  const covered = (x[last] as number) - (x[0] as number);
  const stride = covered / ((steps[last] as number) - (steps[0] as number));
  return stride > 0 && stride < Infinity ? stride : 1;
}

/**
 * Exponential moving average without the bias of its start, as TensorBoard draws it (`resmoothDataset` of
 * tensorboard/components/vz_line_chart2/line-chart.ts): what the average has seen so far is weighted as if it were everything, so that
 * it begins at the first value and not near 0. A value weighs by the steps that it stands for, however many were logged.
 */
export class MovingAverage {
  readonly #weight: number;
  /** The average as it would be had it begun at 0. */
  #biased = 0;
  /** Share of `biased` that does not come from that 0. */
  #seen = 0;
  #distance = Number.NaN;
  #decay = 0;

  /** `steps`: the past has the share 1 − 1/`steps` of what a step changes; 1 or less: none. */
  constructor(steps: number) {
    this.#weight = 1 - 1 / Math.max(1, steps);
  }

  /** NaN: there is none yet. */
  get value(): number {
    return this.#biased / this.#seen;
  }

  /** Takes in a finite value that stands for so many steps. */
  take(value: number, distance: number): void {
    if (distance !== this.#distance) {
      this.#distance = distance;
      this.#decay = this.#weight === 0 ? 0 : this.#weight ** distance;
    }
    this.#biased = this.#decay * this.#biased + (1 - this.#decay) * value;
    this.#seen = this.#decay * this.#seen + (1 - this.#decay);
  }
}

/**
 * The moving average of a curve, at the few of its points that are drawn. A stretch of points counts as one, with their mean, which the
 * curve's pyramid knows: so a million of them can be averaged over any number of steps in every frame of a zoom, and nothing is kept.
 * Points that are not finite are left out, and of the zeros of a log axis only their share is followed.
 */
export class SmoothedWalk {
  readonly #curve: Curve;
  readonly #steps: Float64Array;
  readonly #values: Float64Array;
  readonly #zeros: Uint32Array;
  /** Null: the number of a point is that of its row. */
  readonly #rows: Uint32Array | null;
  readonly #window: number;
  readonly #gap: number;
  #average: MovingAverage;
  /** Of zeros in what was logged; over twice the window, since it decides between two things. */
  #zeroShare: MovingAverage;
  /** First point, and first zero, that are not taken in. */
  #next = 0;
  #nextZero = 0;
  #lastStep = Number.NaN;

  /** `window`: in steps. */
  constructor({ steps }: RunSeries, curve: Curve, window: number) {
    this.#curve = curve;
    this.#steps = steps;
    [this.#values, this.#zeros, this.#rows] = [curve.values, curve.zeros, curve.isComplete ? null : curve.rows];
    this.#window = window;
    this.#gap = curve.usualGap(steps);
    this.#average = new MovingAverage(window);
    this.#zeroShare = new MovingAverage(2 * window);
  }

  /** Whether at least half of what was logged lately is zero, and has no place on a log axis. */
  get isMostlyZero(): boolean {
    return this.#zeroShare.value >= 0.5;
  }

  /** Goes to where all points before `point` are taken in. */
  seek(point: number): void {
    this.#average = new MovingAverage(this.#window);
    this.#zeroShare = new MovingAverage(2 * this.#window);
    this.#lastStep = Number.NaN;
    this.#next = 0;
    this.#nextZero = 0;
    if (point === 0) return;
    const first = this.#stepOf(point - 1) - memory * this.#window;
    this.#next = Math.min(point - 1, this.#curve.pointAt(this.#steps, first, point - 1));
    this.#nextZero = this.#zerosBefore(this.#next);
    const stride = Math.max(1, Math.floor(this.#window / stretches / this.#gap));
    while (this.#next < point) this.take(Math.min(point, this.#next + stride));
  }

  /** The average at a point. */
  at(point: number): number {
    this.seek(point);
    return this.take(point + 1);
  }

  /**
   * The average at the last point before `end`, with the points up to it taken in; NaN: none of them is finite. `zeroEnd`: first zero that
   * is not to be taken in; left out: the first one after those points.
   */
  take(end: number, zeroEnd = this.#zerosBefore(end)): number {
    const start = this.#next;
    const zeros = zeroEnd - this.#nextZero;
    const logged = end - start + zeros;
    if (this.#zeros.length > 0 && logged > 0) this.#zeroShare.take(zeros / logged, logged * this.#gap);
    this.#nextZero = zeroEnd;
    if (end > start) {
      const mean = end === start + 1 ? (this.#values[start] as number) : this.#meanOf(start, end);
      if (Number.isFinite(mean)) {
        const step = this.#stepOf(end - 1);
        const before = Number.isNaN(this.#lastStep) ? this.#stepOf(start) - this.#gap : this.#lastStep;
        this.#average.take(mean, step - before);
        this.#lastStep = step;
      }
      this.#next = end;
    }
    return this.#average.value;
  }

  /** Of the finite ones among some points; NaN: there are none. */
  #meanOf(start: number, end: number): number {
    const { pyramid, infinite } = this.#curve;
    const lost = infinite.length === 0 ? 0 : lowerBound(infinite, end) - lowerBound(infinite, start);
    return pyramid.sum(start, end) / (end - start - lost);
  }

  /** Zeros up to the point before `end`. */
  #zerosBefore(end: number): number {
    return this.#zeros.length === 0 || end === 0 ? 0 : lowerBound(this.#zeros, this.#rows?.[end - 1] ?? end - 1);
  }

  #stepOf(point: number): number {
    return this.#steps[this.#rows === null ? point : (this.#rows[point] as number)] as number;
  }
}
