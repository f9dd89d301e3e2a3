import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { gpuUse, useOf } from '../../../src/runs/gpus/gpuUse.ts';
import { GpuLeases } from '../../../src/runs/gpus/gpuLeases.ts';
import type { Gpu } from '../../../src/core/gpus/gpu.ts';
import { fakeNvidia, withTools } from './fakeTools.ts';

const linux = { skip: process.platform !== 'linux' };
const gpu: Gpu = {
  index: 1,
  name: 'H100',
  uuid: null,
  driver: null,
  utilization: 50,
  memoryMiB: 81_559,
  memoryUsedMiB: 9000,
  powerWatts: null,
  temperatureCelsius: null,
  hasDisplay: false,
  processes: [
    { pid: 41, name: 'python3', memoryMiB: 5000 },
    { pid: 42, name: 'vllm', memoryMiB: 4000 },
  ],
};
const lease = { gpus: [1], runDir: '/runs/1', title: 'grpo seed 1 of qwen', holders: [{ pid: 1, processStartTime: null }] };
const nobody = (): undefined => undefined;

describe('whose a GPU is', () => {
  it("is the run's that has taken it, with all processes on it, also those that hide whose they are", () => {
    const { runs, others } = useOf(gpu, [lease], nobody);
    assert.deepEqual([runs, others], [['grpo seed 1 of qwen'], []]);
  });

  it('is nobody of ours where no run has it and no process is of one', () => {
    const { runs, others } = useOf(gpu, [{ ...lease, gpus: [0] }], nobody);
    assert.deepEqual([runs, others], [[], gpu.processes]);
  });

  it('is also that of a run which computes on it without having taken it', () => {
    const { runs, others } = useOf(gpu, [], (pid) => (pid === 41 ? '/runs/20260102-030405-qwen-opo-s2' : undefined));
    assert.deepEqual([runs, others], [['20260102-030405-qwen-opo-s2'], [gpu.processes?.[1]]]);
  });

  it('is found by the environment of its processes', linux, async () => {
    const child = spawn('sleep', ['60'], { env: { ...process.env, OTB_RUN_DIR: '/runs/a' }, stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    try {
      const { env } = fakeNvidia([{ used: 9000, processes: { [child.pid ?? 0]: 9000 } }, {}]);
      await new GpuLeases(env).take({ pool: [1], count: 1 }, { runDir: '/runs/b', title: 'opo seed 2 of qwen' });
      const found = await gpuUse(env);
      assert.deepEqual(
        found.map(({ index, runs, others }) => [index, runs, others]),
        [
          [0, ['a'], []],
          [1, ['opo seed 2 of qwen'], []],
        ],
      );
    } finally {
      child.kill();
    }
  });

  it('is nothing to be said of a machine without', async () => {
    assert.deepEqual(await gpuUse(withTools({})), []);
  });
});
