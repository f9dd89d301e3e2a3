// A thread that reads metrics.jsonl into columns.
import { workerData } from 'node:worker_threads';
import { readPart } from './readPart.ts';
import type { ReaderStart } from './readPart.ts';

await readPart(workerData as ReaderStart);
