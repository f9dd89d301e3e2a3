import type { Curve } from './curve.ts';
import type { XWindow } from './decimation.ts';
import type { Polyline } from './polyline.ts';
import type { RunSeries } from './runSeries.ts';

/** Share of a chart's height that a lane takes. */
const laneShare = 0.08;

/** Lanes at the edges of a chart, for values that have no place on its axis; each is there only where such values are in sight. */
export interface Lanes {
  /** Whether there are zeros on a log axis. */
  readonly zeros: boolean;
  /** Whether there are values that are not finite. */
  readonly lost: boolean;
}

/** A vertical axis with its lanes, in the space of the axis. */
export interface LanedRange {
  /** All of it. */
  readonly y: readonly [low: number, high: number];
  /** Where finite values stand. */
  readonly values: readonly [low: number, high: number];
  /** Middle of the lane of zeros, at the bottom; null: there is none. */
  readonly zeros: number | null;
  /** Middle of the lane at the top, of what is not finite; null: there is none. */
  readonly lost: number | null;
}

/** Makes room for lanes beside a range. */
export function lanedRange(values: readonly [low: number, high: number], { zeros, lost }: Lanes): LanedRange {
  const [low, high] = values;
  const lane = ((high - low) * laneShare) / (1 - laneShare * (Number(zeros) + Number(lost)));
  return {
    y: [zeros ? low - lane : low, lost ? high + lane : high],
    values,
    zeros: zeros ? low - lane / 2 : null,
    lost: lost ? high + lane / 2 : null,
  };
}

/** The zeros of a curve that are in sight, as stretches of a line at −∞. */
export function zeroLine(series: RunSeries, curve: Curve, window: XWindow, line: Polyline): void {
  const { zeros } = curve;
  laneLine(series, window, line, { length: zeros.length, rowAt: (index) => zeros[index] as number, valueAt: () => -Infinity });
}

/** What of a curve is in sight and is not finite, as stretches of a line at ∞ or −∞. */
export function lostLine(series: RunSeries, curve: Curve, window: XWindow, line: Polyline): void {
  const { infinite, rows, values } = curve;
  laneLine(series, window, line, {
    length: infinite.length,
    rowAt: (index) => rows[infinite[index] as number] as number,
    valueAt: (index) => values[infinite[index] as number] as number,
  });
}

interface LaneValues {
  readonly length: number;
  /** Ascending. */
  rowAt(index: number): number;
  valueAt(index: number): number;
}

/** Values of neighbouring rows, or within a pixel, are one stretch where they are the same. */
function laneLine({ x }: RunSeries, { from, to, columns }: XWindow, line: Polyline, { length, rowAt, valueAt }: LaneValues): void {
  line.clear();
  const xAt = (index: number): number => x[rowAt(index)] as number;
  const pixel = (to - from) / columns;
  let first = 0;
  for (let end = length; first < end;) {
    const middle = (first + end) >>> 1;
    if (xAt(middle) < from) first = middle + 1;
    else end = middle;
  }
  let isOpen = false;
  for (let index = first; index < length && xAt(index) <= to; index++) {
    const isNext = index > first && (rowAt(index) === rowAt(index - 1) + 1 || xAt(index) - xAt(index - 1) <= pixel);
    if (isNext && valueAt(index) === valueAt(index - 1)) isOpen = true;
    else {
      if (isOpen) line.add(xAt(index - 1), valueAt(index - 1));
      line.break();
      line.add(xAt(index), valueAt(index));
      isOpen = false;
    }
    if (isOpen && (index + 1 === length || xAt(index + 1) > to)) line.add(xAt(index), valueAt(index));
  }
}
