import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KernelBuild } from '../src/trainer/engines/wasm/kernelModule.ts';
import { WasmEngine } from '../src/trainer/engines/wasm/engine.ts';
import { freeTask } from './freeTask.ts';
import { standardStep, type StepSize } from './setting.ts';

const dist = path.dirname(fileURLToPath(import.meta.url));

/** The default engine, as the trainer would start it. */
export function createWasmEngine(threads: number, build: KernelBuild, size: StepSize = standardStep): Promise<WasmEngine> {
  return WasmEngine.create({
    policy: size.policy,
    task: freeTask,
    taskSpec: null,
    sequences: size.sequences,
    maxResponseTokens: size.responseTokens,
    threads,
    build,
    seed: 1,
    kernelFolder: dist,
    workerFile: path.join(dist, 'benchWorker.mjs'),
  });
}
