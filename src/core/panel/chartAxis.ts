import { exactText } from '../notation.ts';
import { shortNames } from './shortNames.ts';

/** Characters of what was typed, in a sentence about it. */
const longestQuote = 40;

/** The vertical axis of one chart, as somebody has chosen it. */
export interface ChartAxis {
  /** `usual`: as the panel draws this metric. */
  readonly scale: 'usual' | 'linear' | 'log';
  /** Ends of the axis; null: wherever the values end. */
  readonly low: number | null;
  readonly high: number | null;
}

export const usualAxis: ChartAxis = { scale: 'usual', low: null, high: null };

export function isUsual({ scale, low, high }: ChartAxis): boolean {
  return scale === 'usual' && low === null && high === null;
}

/** A range in the space of its axis, with the ends that were chosen. On a log axis an end that is not above 0 has no place. */
export function limitedRange(
  range: readonly [low: number, high: number],
  { low, high }: Pick<ChartAxis, 'low' | 'high'>,
  log: boolean,
): readonly [low: number, high: number] {
  const onAxis = (value: number | null): number | null => (value === null || !log ? value : value > 0 ? Math.log10(value) : null);
  const [chosenLow, chosenHigh] = [onAxis(low), onAxis(high)];
  const from = chosenLow ?? range[0];
  const to = chosenHigh ?? range[1];
  if (from < to) return drawableRange(from, to);
  // One end lies beyond all values.
  const width = log ? 1 : Math.abs(chosenLow ?? to) || 1;
  return chosenLow === null ? drawableRange(to - width, to) : drawableRange(from, from + width);
}

/** Numbers beyond which the arithmetic of an axis would overflow, either way. */
const largest = 2e307;
const narrowest = 1e-290;

/** A value that a linear axis can reach. */
export function onLinearAxis(value: number): number {
  return Math.min(largest, Math.max(-largest, value));
}

/** The range, as wide as an axis can be and as narrow as one can be. */
export function drawableRange(low: number, high: number): readonly [low: number, high: number] {
  const width = high - low;
  if (width >= narrowest && width <= 4 * largest) return [low, high];
  if (width < narrowest) return [low - narrowest, high + narrowest];
  const [from, to] = [onLinearAxis(low), onLinearAxis(high)];
  return from < to ? [from, to] : [-largest, largest];
}

export interface TypedLimits {
  readonly low: number | null;
  readonly high: number | null;
}

/** What was typed as the ends of an axis; empty is null. A string says what is wrong with it. */
export function parseLimits(typedLow: string, typedHigh: string, log: boolean): TypedLimits | string {
  const [low, high] = [typedLow, typedHigh].map(parseLimit) as [number | null | string, number | null | string];
  if (typeof low === 'string') return low;
  if (typeof high === 'string') return high;
  if (low !== null && high !== null && low >= high) return `${exactText(low)} is not below ${exactText(high)}.`;
  for (const limit of [low, high])
    if (log && limit !== null && limit <= 0) return `A log scale needs limits above 0, not ${exactText(limit)}.`;
  return { low, high };
}

function parseLimit(typed: string): number | null | string {
  const text = typed.trim();
  if (text === '') return null;
  const value = Number(text.replace('−', '-'));
  return Number.isFinite(value) ? value : `“${shortNames([text], longestQuote)[0]}” is not a number.`;
}

/** A limit as it is typed: "0.5", "1e-7". */
export function limitText(limit: number | null): string {
  return limit === null ? '' : String(limit);
}
