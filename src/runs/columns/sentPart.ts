import type { MessagePort } from 'node:worker_threads';
import { MetricTable } from '../../core/records/metricTable.ts';
import type { MetricTableData } from '../../core/records/metricTable.ts';
import type { RangeRead } from './readRange.ts';

/** What was read of a file, on its way to another thread. */
export type SentPart = Omit<RangeRead, 'table'> & { readonly table: MetricTableData };

/** Hands over what was read, without copying; the sender has it no more. */
export function sendPart(read: RangeRead, to: MessagePort): void {
  const table = read.table.data;
  const arrays = [table.steps, table.times, ...table.columns.flatMap(({ values, flags }) => (flags ? [values, flags] : [values]))];
  to.postMessage(
    { ...read, table } satisfies SentPart,
    arrays.map(({ buffer }) => buffer),
  );
}

export function receivePart(part: SentPart): RangeRead {
  return { ...part, table: MetricTable.from(part.table) };
}

/** A part and the next one. Parts that do not fit together, as the file changed or has a line without end, end with the first. */
export function joined(read: RangeRead, next: RangeRead): RangeRead {
  if (next.begin !== read.end || next.end === next.begin) return read;
  const { table } = read;
  const { steps, times, keys } = next.table;
  const columns = keys.flatMap((key) => {
    const column = next.table.column(key);
    return column ? [{ key, ...column }] : [];
  });
  table.appendRows({ steps, times, columns });
  return { table, malformed: read.malformed + next.malformed, begin: read.begin, end: next.end, recent: next.recent };
}
