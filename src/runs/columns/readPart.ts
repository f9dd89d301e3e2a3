import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { MetricScanner } from './metricScanner.ts';
import { readRange } from './readRange.ts';
import type { ByteRange } from './readRange.ts';
import { sampledTable } from './sampledTable.ts';
import { joined, receivePart, sendPart, sendSample } from './sentPart.ts';
import type { SentPart } from './sentPart.ts';

/** What a thread is given that reads a part of a metrics.jsonl. */
export interface ReaderStart {
  /** The compiled kernel. */
  readonly kernelFile: string;
  /** Descriptor of the open file; threads share it. */
  readonly file: number;
  readonly range: ByteRange;
  /** Bytes of the file that its table has to hold in the end. */
  readonly reserved: number;
  /** Bytes of the file, for the thread that first hands over some steps from all over it. */
  readonly sampled?: number;
  /** Where the other threads hand over their parts, in the order of the file; only the first thread has any. */
  readonly parts: readonly MessagePort[];
  /** Where the thread hands over what it has. */
  readonly to: MessagePort;
}

/** The life of a thread: hands over a sample where it is to, reads its part, adds those of the other threads, and hands all of it over. */
export async function readPart({ kernelFile, file, range, reserved, sampled, parts, to }: ReaderStart): Promise<void> {
  // All at once: a part that arrives before it is waited for must not be missed.
  const arriving = Promise.all(parts.map(async (port) => receivePart((await once(port, 'message'))[0] as SentPart)));
  if (sampled !== undefined) sendSample(sampledTable(file, sampled), to);
  let read = readRange(file, range, new MetricScanner(kernelFile), reserved);
  for (const part of await arriving) read = joined(read, part);
  sendPart(read, to);
}
