import type { TaskSpec } from '../../tasks/taskRegistry.ts';
import { unusable, type EngineEntry } from '../engineEntry.ts';
import { WasmEngine } from './engine.ts';
import { compileKernels, type KernelBuild } from './kernelModule.ts';

/** Hand-derived kernels without fused operations: the same bits on every machine. */
export const wasmSimd = entryOf('simd', 'Hand-derived kernels, the same bits on every machine.');
export const wasmRelaxedSimd = entryOf(
  'relaxed-simd',
  'The same kernels with fused multiply-add: faster on most machines, other last bits.',
);

function entryOf(build: KernelBuild, reason: string): EngineEntry {
  return {
    name: `wasm-${build}`,
    isCandidate: true,
    async probe({ kernelFolder }) {
      try {
        compileKernels(kernelFolder, build);
        return { usable: true, reason, device: 'CPU' };
      } catch (error) {
        return unusable(error);
      }
    },
    create({ task, config, sequences, threads, site }) {
      const { policy, rollout, warmStart, seed } = config;
      const taskSpec: TaskSpec = { task: config.task, warmStart };
      const { maxResponseTokens } = rollout;
      return WasmEngine.create({ ...site, policy, task, taskSpec, sequences, maxResponseTokens, threads, build, seed });
    },
  };
}
