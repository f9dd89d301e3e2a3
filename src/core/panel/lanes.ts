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

/** The zeros of a curve that are in sight, as stretches of a line at −∞; those of neighbouring rows, or within a pixel, are one stretch. */
export function zeroLine({ x }: RunSeries, curve: Curve, { from, to, columns }: XWindow, line: Polyline): void {
  line.clear();
  const { zeros } = curve;
  const pixel = (to - from) / columns;
  let before = -2;
  let isOpen = false;
  const close = (): void => {
    if (isOpen) line.add(x[before] as number, -Infinity);
    isOpen = false;
  };
  for (let index = curve.zeroAt(x, from); index < zeros.length; index++) {
    const row = zeros[index] as number;
    const at = x[row] as number;
    if (at > to) break;
    if (before >= 0 && (row === before + 1 || at - (x[before] as number) <= pixel)) isOpen = true;
    else {
      close();
      line.break();
      line.add(at, -Infinity);
    }
    before = row;
  }
  close();
}
