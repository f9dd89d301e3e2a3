import { ticks as roundTicks } from 'd3-array';
import { integerText, powerOfTen, tickText } from '../notation.ts';

/** `step`: linear, with whole ticks. */
export type ScaleKind = 'linear' | 'log' | 'step';

export interface LabelledTick {
  readonly value: number;
  readonly label: string;
}

export interface Axis {
  readonly kind: ScaleKind;
  readonly domain: readonly [low: number, high: number];
  /** Pixel of a value; values beyond the domain, infinite or not positive on a log axis, lie on its edge. */
  position(value: number): number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

/** An axis from pixel `start` (low end) to pixel `end`. `ticks`: about how many; or the exact values. */
export function axis(
  kind: ScaleKind,
  domain: readonly [number, number],
  [start, end]: readonly [number, number],
  ticks: number | readonly number[] = 6,
): Axis {
  const [low, high] = domain[0] < domain[1] ? domain : [domain[0] - 0.5, domain[1] + 0.5];
  const scaled = kind === 'log' ? Math.log : Number;
  const position = (value: number): number => {
    const share = (scaled(Math.min(high, Math.max(low, value))) - scaled(low)) / (scaled(high) - scaled(low));
    return start * (1 - share) + end * share;
  };
  const labelled =
    typeof ticks === 'number'
      ? chosenTicks(kind, [low, high], ticks)
      : ticks.filter((value) => value >= low && value <= high).map(labelledTick);
  return { kind, domain: [low, high], position, ticks: labelled.map(({ value, label }) => ({ at: position(value), label })) };
}

function chosenTicks(kind: ScaleKind, [low, high]: readonly [number, number], count: number): LabelledTick[] {
  if (kind === 'log') return logTicks(low, high, count);
  const values = roundTicks(low, high, count);
  return kind === 'step'
    ? values.filter(Number.isInteger).map((value) => ({ value, label: integerText(value) }))
    : values.map(labelledTick);
}

function labelledTick(value: number): LabelledTick {
  return { value, label: tickText(value) };
}

/** Powers of ten, every second or third of them on a long axis; 1, 2 and 5 of each on an axis too short to hold three powers. */
export function logTicks(low: number, high: number, count: number): LabelledTick[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first >= 2) {
    const stride = Math.ceil((last - first + 1) / count);
    const start = Math.ceil(first / stride) * stride;
    return Array.from({ length: Math.floor((last - start) / stride) + 1 }, (_, index) => {
      const exponent = start + index * stride;
      return { value: 10 ** exponent, label: powerOfTen(exponent) };
    });
  }
  const values = [];
  for (let exponent = first - 1; exponent <= last + 1; exponent++) {
    for (const digit of [1, 2, 5]) values.push(Number(`${digit}e${exponent}`));
  }
  return values.filter((value) => value >= low && value <= high).map(labelledTick);
}
