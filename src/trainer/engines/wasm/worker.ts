import { workerData } from 'node:worker_threads';
import { createTask, type TaskSpec } from '../../tasks/taskRegistry.ts';
import type { WorkerStart } from './crew.ts';
import { startWorker } from './startWorker.ts';

const start = workerData as WorkerStart;
startWorker(start, createTask(start.taskSpec as TaskSpec));
