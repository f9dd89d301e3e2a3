import type { MetricTable } from '../../core/records/metricTable.ts';
import { formatMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';

/** A header and a row for each step; a metric that a step lacks is an empty cell. Lines come without their newlines. */
export function* csvLines(metrics: MetricTable): Generator<string> {
  const { keys } = metrics;
  yield ['step', 'time', ...keys].map(csvCell).join(',');
  for (const { step, time, data } of metrics.records()) yield [step, Number.isNaN(time) ? '' : time, ...cells(data, keys)].join(',');
}

/** The records as `metrics.jsonl` has them, without their newlines. */
export function* jsonLines(metrics: MetricTable): Generator<string> {
  for (const record of metrics.records()) yield formatMetrics(record);
}

/** A cell of a CSV file: quoted where it has to be (RFC 4180). */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The values of these metrics, empty where a step lacks one. */
export function cells(data: MetricsRecord['data'], keys: readonly string[]): readonly (number | '')[] {
  return keys.map((key) => (Object.hasOwn(data, key) ? (data[key] as number) : ''));
}
