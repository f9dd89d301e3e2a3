import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { BenchRow } from './row.ts';

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
  /** What is no comparison with a peer. */
  readonly tables?: readonly BenchTable[];
}

export interface BenchTable {
  readonly title: string;
  readonly about: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface BenchReport extends BenchResult {
  readonly command: string;
  readonly machine: string;
  readonly node: string;
  /** Mean number of busy processes in the minute before; much above 0 means that something else was running. */
  readonly load: number;
  /** ISO 8601 */
  readonly date: string;
}

export function createReport(results: readonly BenchResult[], load: number, command: string): BenchReport {
  const [cpu] = cpus();
  return {
    command,
    machine: [
      cpu?.model.trim() ?? 'unknown processor',
      `${availableParallelism()} cores`,
      `${Math.round(totalmem() / 2 ** 30)} GiB`,
      `${type()} ${release()}`,
    ].join(', '),
    node: process.version,
    load,
    date: new Date().toISOString(),
    rows: results.flatMap(({ rows }) => rows),
    notes: [...new Set(results.flatMap(({ notes }) => notes))],
    tables: results.flatMap(({ tables }) => tables ?? []),
  };
}

const header = ['measured', 'ours', 'peer', 'theirs', 'ours / theirs', 'unit'];
const isNumber = (column: number): boolean => column === 1 || column === 3 || column === 4;

function cells({ name, ours, peer, theirs, ratio, unit }: BenchRow): string[] {
  return [name, quantity(ours), peer, quantity(theirs), quantity(ratio), unit];
}

/** Three digits, as far as the number has no more before the point. */
function quantity(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** For a terminal. */
export function formatText({ rows, notes, tables = [], machine, node, load }: BenchReport): string {
  return [
    `${machine}, load ${load.toFixed(1)} before, Node ${node}`,
    ...(rows.length === 0 ? [] : ['', ...columns([header, ...rows.map(cells)], isNumber)]),
    ...notes.map((note) => `\n${note}`),
    ...tables.flatMap(({ title, about, header: names, rows: lines }) => ['', title, about, '', ...columns([names, ...lines], isMeasured)]),
    '',
  ].join('\n');
}

/** In a table that is no comparison, two columns name what the others measure. */
function isMeasured(column: number): boolean {
  return column > 1;
}

function columns(table: readonly (readonly string[])[], isRight: (column: number) => boolean): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  const align = (cell: string, column: number): string => (isRight(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!));
  return table.map((line) => line.map(align).join('  ').trimEnd());
}

/** For docs/BENCH.md. */
export function formatMarkdown(report: BenchReport): string {
  return formatTable(
    'Benchmarks',
    [
      '- Medians of repeats that alternate between the two; the same number of threads where a contender has threads.',
      '- Before the clock starts, loss and gradient norm of one batch under the same parameters must agree to 1e-4.',
      '- The step is a reinforcement-learning step of a small transformer (width 64, 2 layers, 2 heads, vocabulary 48): 128 responses',
      '  of 64 tokens sampled with a key-value cache, then one policy-gradient update with Adam. Our own update reuses the activations',
      '  of the rollout; on given tokens everybody does forward, backward and Adam.',
    ],
    report,
  );
}

/** A document of its own: what was measured and how, the machine, and the table. `about`: lines of Markdown. */
export function formatTable(
  title: string,
  about: readonly string[],
  { rows, notes, tables = [], machine, node, load, command, date }: BenchReport,
): string {
  return [
    `# ${title}`,
    '',
    `Made by \`${command}\` on ${date.slice(0, 10)}; it writes this file.`,
    '',
    `- Machine: ${machine}; load ${load.toFixed(1)} before the start`,
    `- Node ${node}`,
    ...about,
    '',
    ...markdownTable([header, ...rows.map(cells)], isNumber),
    ...notes.flatMap((note) => [`Note: ${note}`, '']),
    ...tables.flatMap((table) => [`## ${table.title}`, '', table.about, '', ...markdownTable([table.header, ...table.rows], isMeasured)]),
  ].join('\n');
}

function markdownTable([names = [], ...rows]: readonly (readonly string[])[], isRight: (column: number) => boolean): string[] {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  return [line(names), line(names.map((_, column) => (isRight(column) ? '---:' : '---'))), ...rows.map(line), ''];
}
