// A thread that reads metrics.jsonl into columns.
import { workerData } from 'node:worker_threads';
import { readPart } from './readerThread.ts';
import type { ReaderStart } from './readerThread.ts';

await readPart(workerData as ReaderStart);
