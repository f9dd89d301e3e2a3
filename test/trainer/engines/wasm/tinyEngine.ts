import path from 'node:path';
import type { PolicyConfig, TaskConfig, WarmStartConfig } from '../../../../src/core/config/config.ts';
import { WasmEngine } from '../../../../src/trainer/engines/wasm/engine.ts';
import { ledgerTask } from '../../../../src/trainer/tasks/ledger.ts';
import type { Task } from '../../../../src/trainer/tasks/task.ts';

export const dist = path.resolve('dist');
export const ledgerConfig: TaskConfig = { name: 'ledger', operations: [2, 4], maxTurns: 20, toolFailureRate: 0.1, toolOutageRate: 0.1 };
export const demonstrator: WarmStartConfig = {
  steps: 20,
  batchSize: 8,
  learningRate: 5e-3,
  wanderRate: 0.01,
  quitRate: 0.01,
  copyNoise: 0.03,
  wordRate: 0.4,
};
export const smallGru: PolicyConfig = { kind: 'gru', width: 8, truncateBackpropEvery: null };

export function ledgerEngine(
  options: { threads?: number; policy?: PolicyConfig; sequences?: number; maxResponseTokens?: number; seed?: number } = {},
): Promise<WasmEngine> {
  const { threads = 1, policy = smallGru, sequences = 16, maxResponseTokens = 60, seed = 1 } = options;
  return WasmEngine.create({
    policy,
    task: ledgerTask(ledgerConfig, demonstrator),
    taskSpec: { task: ledgerConfig, warmStart: demonstrator },
    sequences,
    maxResponseTokens,
    threads,
    build: 'simd',
    seed,
    kernelFolder: dist,
    workerFile: path.join(dist, 'worker.mjs'),
  });
}

/** A single-threaded engine on any task. */
export function engineFor(task: Task, policy: PolicyConfig, sequences: number, maxResponseTokens: number): Promise<WasmEngine> {
  return WasmEngine.create({
    policy,
    task,
    taskSpec: null,
    sequences,
    maxResponseTokens,
    threads: 1,
    build: 'simd',
    seed: 3,
    kernelFolder: dist,
    workerFile: '',
  });
}
