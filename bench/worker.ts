// A thread of the default engine that knows the benchmark's task.
import { workerData } from 'node:worker_threads';
import type { WorkerStart } from '../src/trainer/engines/wasm/crew.ts';
import { startWorker } from '../src/trainer/engines/wasm/startWorker.ts';
import { freeTask } from './freeTask.ts';

startWorker(workerData as WorkerStart, freeTask);
