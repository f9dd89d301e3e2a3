import type { XAxisKind } from '../src/core/panel/view.ts';
import type { Readout } from './chart/chartModel.ts';
import { markedValue } from './chart/readouts.ts';

/** Lines of a readout that fit, and how many do not. */
export interface ShownLines {
  readonly lines: readonly Readout[];
  readonly left: number;
}

/** Highest first; under what several runs are together each of them. */
export function orderedLines(readouts: readonly Readout[]): readonly Readout[] {
  const together = new Map(readouts.filter(({ run }) => run === null).map((line) => [line.series, line]));
  const byValue = (a: Readout, b: Readout): number => {
    const [first, second] = [markedValue(a), markedValue(b)];
    // Two infinite values differ by NaN.
    return first === second ? 0 : second - first;
  };
  const tops = readouts.filter((line) => line.run === null || !together.has(line.series)).toSorted(byValue);
  return tops.flatMap((line) =>
    line.run === null ? [line, ...readouts.filter(({ run, series }) => run !== null && series === line.series).toSorted(byValue)] : [line],
  );
}

/**
 * The lines that fit into `room`: all, or else those around the one that lies nearest to the pointer. Single runs of other series
 * make place first for what these are together. `pointer`: its height; null: the highest lines. `heightOf`: in the unit of `room`.
 */
export function fittingLines(
  lines: readonly Readout[],
  room: number,
  pointer: number | null,
  heightOf: (line: Readout) => number,
): ShownLines {
  const sum = (some: readonly Readout[]): number => some.reduce((total, line) => total + heightOf(line), 0);
  if (sum(lines) <= room) return { lines, left: 0 };
  const nearest = pointer === null ? undefined : nearestLine(lines, pointer);
  const together = new Set(lines.filter(({ run }) => run === null).map(({ series }) => series));
  const first = lines.filter(({ run, series }) => run === null || !together.has(series) || series === nearest?.series);
  let start = nearest === undefined ? 0 : first.indexOf(nearest);
  let end = start;
  // Turn by turn, so that the nearest stands in the middle.
  for (let isBelow = true, used = 0; ; isBelow = !isBelow) {
    const takesBelow = end < first.length && (isBelow || start === 0);
    const next = takesBelow ? first[end] : first[start - 1];
    if (next === undefined || used + heightOf(next) > room) break;
    used += heightOf(next);
    if (takesBelow) end++;
    else start--;
  }
  return { lines: first.slice(start, end), left: lines.length - (end - start) };
}

function nearestLine(lines: readonly Readout[], pointer: number): Readout | undefined {
  const distance = ({ top }: Readout): number => Math.abs(top - pointer);
  return lines.reduce<Readout | undefined>(
    (best, line) => (best === undefined || distance(line) < distance(best) ? line : best),
    undefined,
  );
}

/** The label of a run or a series; of a run without the series' name where that stands above it. */
export function lineName({ label, series, run }: Readout, isUnderSeries: boolean): string {
  return isUnderSeries && run !== null && label.startsWith(`${series} `) ? label.slice(series.length + 1) : label;
}

/** Where the crosshair stands: at the values' own place where that is the same for all runs. */
export function readingPlace(x: number, readouts: readonly Readout[]): number {
  const places = new Set(readouts.filter(({ run }) => run !== null).map((line) => line.x));
  const [only] = places;
  return places.size === 1 && only !== undefined ? only : x;
}

const placeHeadings: Readonly<Record<XAxisKind, string>> = { step: 'Step', tokens: 'Tokens', time: 'Seconds' };

/** All lines as a table to paste: values between tabs, with all their digits. */
export function copiedText(x: XAxisKind, metric: string, lines: readonly Readout[]): string {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '' : value === Infinity ? 'NaN or ∞' : String(value);
  const headings = ['Run', placeHeadings[x], `${metric}, raw`, `${metric}, smoothed`, 'Minimum', 'Maximum', 'n'];
  const rows = lines.map((line) => {
    const { value, smoothed, spread } = line;
    const numbers = [line.x, value, smoothed, spread?.low, spread?.high, spread?.count].map(number);
    const name = spread === null ? line.label : `${line.label}, ${spread.centre}`;
    // A name may hold anything.
    return [name.replaceAll(/\s+/g, ' '), ...numbers];
  });
  return [headings, ...rows].map((cells) => `${cells.join('\t')}\n`).join('');
}
