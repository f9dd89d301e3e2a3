import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { MetricTable } from '../../core/records/metricTable.ts';
import type { MetricTableData } from '../../core/records/metricTable.ts';
import { MetricScanner } from './metricScanner.ts';
import { readRange } from './readRange.ts';
import type { ByteRange, RangeRead } from './readRange.ts';

/** What a thread is given that reads a part of a metrics.jsonl. */
export interface ReaderStart {
  /** The compiled kernel. */
  readonly kernelFile: string;
  /** Descriptor of the open file; threads share it. */
  readonly file: number;
  readonly range: ByteRange;
  /** Bytes of the file that its table has to hold in the end. */
  readonly reserved: number;
  /** Where the other threads hand over their parts, in the order of the file; only the first thread has any. */
  readonly parts: readonly MessagePort[];
  /** Where the thread hands over what it has. */
  readonly to: MessagePort;
}

/** A part on its way to another thread. */
export type SentPart = Omit<RangeRead, 'table'> & { readonly table: MetricTableData };

/** Reads a part of the file, adds the parts of the other threads, and hands all of it over. */
export async function readPart({ kernelFile, file, range, reserved, parts, to }: ReaderStart): Promise<void> {
  // All at once: a part that arrives before it is waited for must not be missed.
  const arriving = Promise.all(parts.map(async (port) => receivePart((await once(port, 'message'))[0] as SentPart)));
  let read = readRange(file, range, new MetricScanner(kernelFile), reserved);
  for (const part of await arriving) read = joined(read, part);
  sendPart(read, to);
}

export function receivePart(part: SentPart): RangeRead {
  return { ...part, table: MetricTable.from(part.table) };
}

function sendPart(read: RangeRead, to: MessagePort): void {
  const table = read.table.data;
  const arrays = [table.steps, table.times, ...table.columns.flatMap(({ values, flags }) => (flags ? [values, flags] : [values]))];
  to.postMessage({ ...read, table } satisfies SentPart, arrays.map(({ buffer }) => buffer));
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
