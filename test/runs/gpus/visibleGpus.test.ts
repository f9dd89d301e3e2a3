import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpuEnvironment } from '../../../src/runs/gpus/visibleGpus.ts';

describe('the environment of a run with GPUs', () => {
  it('lets it see these and no others, counted as nvidia-smi does', () => {
    assert.deepEqual(gpuEnvironment([1, 3], {}), { CUDA_VISIBLE_DEVICES: '1,3', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
  });

  it("says so in AMD's own variable too, where that would else go before", () => {
    assert.deepEqual(gpuEnvironment([1], { HIP_VISIBLE_DEVICES: '0,1' }), {
      CUDA_VISIBLE_DEVICES: '1',
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      HIP_VISIBLE_DEVICES: '1',
    });
  });
});
