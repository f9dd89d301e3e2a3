import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpuRowText, gpusSummary } from '../../../src/core/gpus/panelGpu.ts';
import type { PanelGpu } from '../../../src/core/gpus/panelGpu.ts';

const gpu: PanelGpu = {
  index: 0,
  name: 'NVIDIA H100 80GB HBM3',
  utilization: 83,
  memoryMiB: 81_559,
  memoryUsedMiB: 62_669,
  powerWatts: 412.3,
  temperatureCelsius: 67,
  runs: ['dr_grpo seed 1 of qwen'],
  others: [],
};
const unknown = { utilization: null, memoryMiB: null, memoryUsedMiB: null, powerWatts: null, temperatureCelsius: null };

describe('the line of a GPU', () => {
  it('says what it does and whose run is on it', () => {
    assert.equal(gpuRowText(gpu), 'GPU 0 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · ours: dr_grpo seed 1 of qwen');
  });

  it('leaves out what is not known', () => {
    assert.equal(gpuRowText({ ...gpu, ...unknown, runs: [] }), 'GPU 0');
    assert.equal(gpuRowText({ ...gpu, memoryUsedMiB: null, runs: [] }), 'GPU 0 · 83 % · 79.6 GiB · 412 W · 67 °C');
    assert.equal(gpuRowText({ ...gpu, ...unknown, memoryUsedMiB: 512, runs: [] }), 'GPU 0 · 512 MiB used');
  });

  it('keeps the unit of what is in use where it is another', () => {
    assert.match(gpuRowText({ ...gpu, memoryUsedMiB: 4 }), / · 4 MiB of 79\.6 GiB · /);
  });

  it('names the first processes of others', () => {
    const others = [1, 2, 3, 4].map((pid) => ({ pid, name: pid === 2 ? '' : 'vllm', memoryMiB: pid === 1 ? 2048 : null }));
    assert.match(gpuRowText({ ...gpu, runs: [], others }), / · vllm \(process 1, 2 GiB\) · process 2 · 2 more processes$/);
  });
});

describe('all GPUs in a line', () => {
  it('are counted, with how busy they are and how many have runs', () => {
    const idle = { ...gpu, index: 1, utilization: 0, runs: [] };
    assert.equal(gpusSummary([gpu]), '1 GPU · 83 % busy · 1 with a run of ours');
    assert.equal(gpusSummary([gpu, idle, { ...idle, utilization: null }]), '3 GPUs · 42 % busy on average · 1 with a run of ours');
    assert.equal(gpusSummary([{ ...gpu, utilization: null }, gpu]), '2 GPUs · 83 % busy · 2 with runs of ours');
  });
});
