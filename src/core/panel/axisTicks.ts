import { ticks } from 'd3-array';
import { integerText, tickText } from '../notation.ts';
import { logTicks } from '../figure/axis.ts';
import type { XAxisKind } from './view.ts';

export interface AxisTick {
  /** In the space of the axis. */
  readonly value: number;
  readonly label: string;
}

const minute = 60;
const hour = 60 * minute;
/** Distances of ticks on a time axis, in seconds. */
const timeStrides = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * hour),
];

/** About `count` ticks of a horizontal axis. */
export function xTicks(kind: XAxisKind, [from, to]: readonly [number, number], count: number): AxisTick[] {
  if (kind === 'time') return timeTicks(from, to, count);
  const values = ticks(from, to, count);
  // There is no half step, nor half a token.
  return values.filter(Number.isInteger).map((value) => ({ value, label: kind === 'step' ? integerText(value) : tickText(value) }));
}

/** About `count` ticks of a vertical axis; on a log axis values are decimal logarithms. */
export function yTicks(log: boolean, [low, high]: readonly [number, number], count: number): AxisTick[] {
  if (log) {
    // A margin beyond what a number can hold would have no end of ticks.
    const powers = logTicks(Math.max(10 ** low, Number.MIN_VALUE), Math.min(10 ** high, Number.MAX_VALUE), count);
    return powers.map(({ value, label }) => ({ value: Math.log10(value), label }));
  }
  return ticks(low, high, count).map((value) => ({ value, label: tickText(value) }));
}

/** Ticks at round times: "45 s", "12 min", "1.5 h". */
function timeTicks(from: number, to: number, count: number): AxisTick[] {
  const wanted = (to - from) / count;
  const stride = timeStrides.find((candidate) => candidate >= 0.7 * wanted) ?? Math.ceil(wanted / (24 * hour)) * 24 * hour;
  const first = Math.ceil(from / stride);
  const last = Math.floor(to / stride);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const value = (first + index) * stride;
    return { value, label: timeText(value, stride, to) };
  });
}

function timeText(seconds: number, stride: number, longest: number): string {
  const [size, unit] = stride < minute ? [1, 's'] : longest < 2 * hour ? [minute, 'min'] : [hour, 'h'];
  // Five minutes are 0.0833… hours; strides of seconds may be milliseconds.
  const thousandths = size === 1 ? 1000 : 100;
  return `${tickText(Math.round((seconds / size) * thousandths) / thousandths)} ${unit}`;
}
