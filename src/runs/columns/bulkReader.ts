import { availableParallelism } from 'node:os';
import path from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { MetricTable } from '../../core/records/metricTable.ts';
import type { ReaderStart } from './readPart.ts';
import type { RangeRead } from './readRange.ts';
import { receivePart } from './sentPart.ts';
import type { SentPart, SentSample } from './sentPart.ts';

/** Bytes of a file that takes so long to read that a sample comes first. */
const worthSample = 8 << 20;

/** Reads the metrics of a long run all at once. */
export interface BulkReader {
  /**
   * Reads the first `size` bytes of an open metrics.jsonl, which must stay open until it is done. Undefined: it was told to stop, or
   * could not; then the file has to be read line by line. `onSample` soon has some steps from all over a file that takes a while.
   */
  read(file: number, size: number, signal: AbortSignal, onSample?: (sample: MetricTable) => void): Promise<RangeRead | undefined>;
}

export interface ReaderThreads {
  readonly most: number;
  /** Bytes that are worth a thread of their own. */
  readonly bytesEach: number;
}

/** Reads in other threads, so that this one stays free. One file at a time, because that takes all processors already. */
export class ThreadedBulkReader implements BulkReader {
  private last: Promise<unknown> = Promise.resolve();

  /** `workerFile`: the built worker, with reader.wasm beside it. `onFailure` hears why a file could not be read this way. */
  constructor(
    private readonly workerFile: string,
    private readonly onFailure: (error: Error) => void,
    private readonly threads: ReaderThreads = { most: Math.min(4, availableParallelism()), bytesEach: 32 << 20 },
  ) {}

  read(file: number, size: number, signal: AbortSignal, onSample?: (sample: MetricTable) => void): Promise<RangeRead | undefined> {
    const read = this.last.then(() => (signal.aborted ? undefined : this.readNow(file, size, signal, onSample)));
    this.last = read.catch(() => undefined);
    return read;
  }

  private async readNow(
    file: number,
    size: number,
    signal: AbortSignal,
    onSample?: (sample: MetricTable) => void,
  ): Promise<RangeRead | undefined> {
    const count = Math.max(1, Math.min(this.threads.most, Math.ceil(size / this.threads.bytesEach)));
    const channels = Array.from({ length: count }, () => new MessageChannel());
    const bound = (thread: number): number => Math.floor((size * thread) / count);
    const workers = channels.map(({ port2 }, thread) => {
      const parts = thread === 0 ? channels.slice(1).map(({ port1 }) => port1) : [];
      return this.start({
        file,
        range: { from: bound(thread), to: bound(thread + 1) },
        reserved: thread === 0 ? size : bound(1),
        ...(thread === 0 && onSample && size >= worthSample && { sampled: size }),
        parts,
        to: port2,
      });
    });
    try {
      return receivePart(
        await new Promise<SentPart>((resolve, reject) => {
          channels[0]?.port1.on('message', (sent: SentPart | SentSample) => {
            if (!('sample' in sent)) resolve(sent);
            else if (!signal.aborted) onSample?.(MetricTable.from(sent.sample));
          });
          for (const worker of workers) worker.on('error', reject);
          signal.addEventListener('abort', reject, { once: true });
        }),
      );
    } catch (error) {
      if (!signal.aborted) this.onFailure(error as Error);
      return undefined;
    } finally {
      // The descriptor may be closed, and be another file's, as soon as this returns.
      await Promise.all(workers.map((worker) => worker.terminate()));
      for (const { port1 } of channels) port1.close();
    }
  }

  private start(start: Omit<ReaderStart, 'kernelFile'>): Worker {
    const kernelFile = path.join(path.dirname(this.workerFile), 'reader.wasm');
    const transferList: MessagePort[] = [start.to, ...start.parts];
    return new Worker(this.workerFile, { workerData: { ...start, kernelFile } satisfies ReaderStart, transferList });
  }
}
