import type { MessagePort } from 'node:worker_threads';
import type { MetricTable, MetricTableData } from '../../core/records/metricTable.ts';
import { Stretch, Stretches } from '../../core/records/stretch.ts';
import type { StretchData } from '../../core/records/stretch.ts';
import type { RangeRead } from './readRange.ts';

/** What was read of a file, on its way to another thread. */
export type SentPart = Omit<RangeRead, 'stretches'> & { readonly stretches: readonly StretchData[] };

/** Some steps of a file that is being read, on their way to another thread. */
export interface SentSample {
  readonly sample: MetricTableData;
}

/** Hands over what was read, without copying; the sender has it no more. */
export function sendPart(read: RangeRead, to: MessagePort): void {
  const stretches = read.stretches.all.map(({ data }) => data);
  to.postMessage(
    { ...read, stretches } satisfies SentPart,
    stretches.flatMap(({ table }) => memoryOf(table)),
  );
}

export function sendSample({ data }: MetricTable, to: MessagePort): void {
  to.postMessage({ sample: data } satisfies SentSample, memoryOf(data));
}

function memoryOf({ steps, times, columns }: MetricTableData): ArrayBuffer[] {
  const arrays = [steps, times, ...columns.flatMap(({ values, flags }) => (flags ? [values, flags] : [values]))];
  return [...new Set(arrays.map(({ buffer }) => buffer))];
}

export function receivePart(part: SentPart): RangeRead {
  return { ...part, stretches: new Stretches(part.stretches.map((data) => Stretch.from(data))) };
}

/** A part and the next one. Parts that do not fit together, as the file changed or has a line without end, end with the first. */
export function joined(read: RangeRead, next: RangeRead): RangeRead {
  if (next.begin !== read.end || next.end === next.begin) return read;
  read.stretches.join(next.stretches);
  return { stretches: read.stretches, malformed: read.malformed + next.malformed, begin: read.begin, end: next.end, recent: next.recent };
}
