import { wilsonInterval } from '../../src/core/statistics/wilson.ts';
import type { Interval } from '../../src/core/statistics/wilson.ts';
import type { Proportion } from '../../src/core/statistics/fisherExact.ts';
import { poissonInterval } from './poissonInterval.ts';

/** A table of text cells, under its header. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What is in a column of a table of these. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
}

export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Table {
  return { header: columns.map(({ title }) => title), rows: rows.map((row) => columns.map(({ cell }) => cell(row))) };
}

/** For a terminal. */
export function textTable({ header, rows }: Table): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable({ header, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** "85 of 89, 96 % (89 … 98)", with the 95 % interval after Wilson; a dash of none. */
export function shareText(share: Proportion): string {
  if (share.of === 0) return '–';
  const percent = (value: number): string => `${Math.round(100 * value)}`;
  const { low, high } = wilsonInterval(share);
  return `${share.count} of ${share.of}, ${percent(share.count / share.of)} % (${percent(low)} … ${percent(high)})`;
}

/** "85 of 89"; a dash of none. */
export function countText({ count, of }: Proportion): string {
  return of === 0 ? '–' : `${count} of ${of}`;
}

/** "0.06 (0.02 … 0.13)": so many in a thousand, with the exact 95 % interval of a Poisson rate. */
export function rateText(count: number, steps: number): string {
  if (steps === 0) return '–';
  const rate = (value: number): string => shortText((1000 * value) / steps);
  const { low, high }: Interval = poissonInterval(count);
  return `${rate(count)} (${rate(low)} … ${rate(high)})`;
}

/** Two digits, or as many as there are before the point. */
export function shortText(value: number): string {
  return value.toLocaleString('en-US', value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 2 });
}

/** "−3 (−6 … 1)": median and quartiles of steps; a dash of none. */
export function quartilesText([low, middle, high]: readonly [number, number, number]): string {
  if (Number.isNaN(middle)) return '–';
  const steps = (value: number): string => `${Math.round(value)}`.replace('-', '−');
  return `${steps(middle)} (${steps(low)} … ${steps(high)})`;
}
