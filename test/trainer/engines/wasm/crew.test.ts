import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';
import type { WorkerStart } from '../../../../src/trainer/engines/wasm/crew.ts';
import { WasmEngine } from '../../../../src/trainer/engines/wasm/engine.ts';
import { startWorker } from '../../../../src/trainer/engines/wasm/startWorker.ts';
import type { Task } from '../../../../src/trainer/tasks/task.ts';
import { ledgerTask } from '../../../../src/trainer/tasks/ledger.ts';
import { demonstrator, dist, ledgerConfig, smallGru } from './tinyEngine.ts';

/** What becomes of a worker thread when it is to sample its first prompt, or before it is ready for anything. */
interface WorkerPlan {
  readonly fate: 'exits' | 'throws' | 'never begins';
  /** 1 as soon as a worker samples. */
  readonly sampled: Int32Array<SharedArrayBuffer>;
}

const ledger = ledgerTask(ledgerConfig, demonstrator);

function engineWhoseWorker(fate: WorkerPlan['fate']): Promise<WasmEngine> {
  const plan: WorkerPlan = { fate, sampled: new Int32Array(new SharedArrayBuffer(4)) };
  const samplePrompt: Task['samplePrompt'] = (random) => {
    // Without this the calling thread could do all the work before another one has begun.
    Atomics.wait(plan.sampled, 0, 0);
    return ledger.samplePrompt(random);
  };
  const size = { sequences: 16, maxResponseTokens: 60, threads: 3, seed: 1 };
  return WasmEngine.create({
    ...size,
    policy: smallGru,
    task: { ...ledger, samplePrompt },
    taskSpec: plan,
    build: 'simd',
    kernelFolder: dist,
    workerFile: fileURLToPath(import.meta.url),
  });
}

/** This file is also the program of the worker threads. */
function work(start: WorkerStart): void {
  const { fate, sampled } = start.taskSpec as WorkerPlan;
  if (fate === 'never begins') throw new Error('no memory left');
  const samplePrompt = (): never => {
    Atomics.store(sampled, 0, 1);
    Atomics.notify(sampled, 0);
    if (fate === 'exits') process.exit(7);
    throw new Error('this worker cannot sample');
  };
  startWorker(start, { ...ledger, samplePrompt });
}

if (!isMainThread) work(workerData as WorkerStart);
else {
  describe('an engine with several threads', () => {
    const request = { seed: 5, step: 1, promptsPerStep: 4, groupSize: 4, maxResponseTokens: 60, temperature: 1 };

    it('does not begin without one of them, and says why', async () => {
      await assert.rejects(engineWhoseWorker('never begins'), /A worker thread is gone: no memory left/);
    });

    it('fails when one of them fails at its work', async () => {
      const engine = await engineWhoseWorker('throws');
      await assert.rejects(engine.rollout(request), /A worker thread failed in a rollout/);
      await engine.dispose();
    });

    it('fails when one of them is gone, instead of waiting for it', async () => {
      const engine = await engineWhoseWorker('exits');
      await assert.rejects(engine.rollout(request), /A worker thread is gone: it ended with exit code 7/);
      await engine.dispose();
    });
  });
}
