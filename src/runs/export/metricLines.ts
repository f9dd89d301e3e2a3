import type { MetricTable } from '../../core/records/metricTable.ts';
import type { StepNote } from '../../core/records/stepNotes.ts';
import { formatMetrics } from '../../core/records/metrics.ts';

/** A header and a row for each step; a metric that a step lacks is an empty cell. Lines come without their newlines. */
export function* csvLines(metrics: MetricTable): Generator<string> {
  yield ['step', 'time', ...metrics.keys].map(csvCell).join(',');
  yield* csvRows(metrics, metrics.keys);
}

/**
 * `step,time,METRIC…` of each step, for the metrics named, which the table need not have. Numbers have all their digits; what is none
 * is spelled NaN, Infinity and -Infinity; a time that is not known is an empty cell.
 */
export function* csvRows(metrics: MetricTable, keys: readonly string[]): Generator<string> {
  const { steps, times } = metrics;
  const columns = keys.map((key) => metrics.column(key));
  for (let row = 0; row < steps.length; row++) {
    const time = times[row] as number;
    const cells = columns.map((column) => (column === undefined || column.present?.[row] === 0 ? '' : digits(column.values[row])));
    yield [digits(steps[row]), Number.isNaN(time) ? '' : digits(time), ...cells].join(',');
  }
}

/** All digits of a number; the sign of a zero as well, which String drops. */
function digits(value: number | undefined): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The records as `metrics.jsonl` has them, without their newlines; one of a step that has a note carries it as `note`. */
export function* jsonLines(metrics: MetricTable, notes: readonly StepNote[] = []): Generator<string> {
  const texts = new Map(notes.map(({ step, text }) => [step, text]));
  for (const record of metrics.records()) {
    const note = texts.get(record.step);
    yield formatMetrics(note === undefined ? record : { ...record, note });
  }
}

/**
 * A text as a cell of a CSV file: quoted where it has to be (RFC 4180). A text that a spreadsheet would take for a formula gets an
 * apostrophe in front, which makes it text.
 */
export function csvCell(text: string): string {
  const isFormula = /^\s*[=+\-@＝＋－＠\t\r]/.test(text) && Number.isNaN(Number(text));
  const harmless = isFormula ? `'${text}` : text;
  // Some spreadsheets split cells at a semicolon or a tab as well.
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
