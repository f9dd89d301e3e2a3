import { readSync } from 'node:fs';
import { MetricTable } from '../../core/records/metricTable.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';

/** Places of a file that are looked at first, and at most: about as many as a chart is wide. */
const places = { fewest: 64, most: 1024 } as const;
/** Enough for a line of two hundred metrics. */
const windowBytes = 8192;
/** Milliseconds after which no more places are looked at: on a disk that has to search for each, they take long. */
const patience = 100;
const newline = 0x0a;

/**
 * Some steps from all over an open metrics.jsonl of `size` bytes, one from each of many places: what a first picture needs, long before
 * the file has been read. Throws the system's error.
 */
export function sampledTable(file: number, size: number): MetricTable {
  const found: { readonly offset: number; readonly record: MetricsRecord }[] = [];
  const window = Buffer.allocUnsafe(windowBytes);
  const last = Math.max(0, size - windowBytes);
  const look = (offset: number): void => {
    const bytes = window.subarray(0, readSync(file, window, 0, window.length, offset));
    const begin = offset === 0 ? 0 : bytes.indexOf(newline) + 1;
    const end = bytes.indexOf(newline, begin);
    const record = end < 0 || (begin === 0 && offset > 0) ? undefined : parseMetrics(bytes.toString('utf8', begin, end));
    if (record) found.push({ offset, record });
  };
  const start = performance.now();
  look(last);
  // Each time the places between those before.
  for (let count: number = places.fewest; count <= places.most && performance.now() - start < patience; count *= 2)
    for (let place = 0; place < count; place++) if (count === places.fewest || place % 2 === 1) look(Math.floor((last * place) / count));
  const table = new MetricTable();
  found.sort((a, b) => a.offset - b.offset);
  for (const { record } of found) {
    // A run that was resumed at an earlier step has not done what the file says before that of later steps.
    if (record.step <= (table.lastStep ?? -Infinity)) table.truncate(table.rowsBefore(record.step));
    table.put(record);
  }
  return table;
}
