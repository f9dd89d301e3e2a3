import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WasmEngine } from '../src/trainer/engines/wasm/engine.ts';
import { freeTask } from './freeTask.ts';
import { policy, responseTokens, sequences } from './setting.ts';

const dist = path.dirname(fileURLToPath(import.meta.url));

/** The default engine, as the trainer would start it. */
export function createWasmEngine(threads: number): Promise<WasmEngine> {
  return WasmEngine.create({
    policy,
    task: freeTask,
    taskSpec: null,
    sequences,
    maxResponseTokens: responseTokens,
    threads,
    build: 'relaxed-simd',
    seed: 1,
    kernelFolder: dist,
    workerFile: path.join(dist, 'benchWorker.mjs'),
  });
}
