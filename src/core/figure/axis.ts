import { scaleLinear, scaleLog } from 'd3-scale';
import { powerOfTen } from '../comparison/notation.ts';

export type ScaleKind = 'linear' | 'log';

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
  const scale = (kind === 'log' ? scaleLog() : scaleLinear()).domain([low, high]).range([start, end]);
  const position = (value: number): number => scale(Math.min(high, Math.max(low, value)));
  const labelled =
    typeof ticks !== 'number'
      ? ticks.filter((value) => value >= low && value <= high).map((value) => ({ value, label: plainNumber(value) }))
      : kind === 'log'
        ? logTicks(low, high, ticks)
        : scale.ticks(ticks).map((value) => ({ value, label: plainNumber(value) }));
  return { kind, domain: [low, high], position, ticks: labelled.map(({ value, label }) => ({ at: position(value), label })) };
}

/** Powers of ten, every second or third of them on a long axis; 1, 2 and 5 of each on an axis too short to hold three powers. */
export function logTicks(low: number, high: number, count: number): { value: number; label: string }[] {
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
  return values.filter((value) => value >= low && value <= high).map((value) => ({ value, label: plainNumber(value) }));
}

/** "0.25", "600", "12k", "1.5M": short enough for a tick. */
export function plainNumber(value: number): string {
  const size = Math.abs(value);
  const [scaled, unit] = size >= 1e6 ? [value / 1e6, 'M'] : size >= 1e4 ? [value / 1e3, 'k'] : [value, ''];
  if (size !== 0 && size < 1e-4) return value.toExponential(0).replace('-', '−');
  return `${Number(scaled.toPrecision(6))}${unit}`.replace('-', '−');
}
