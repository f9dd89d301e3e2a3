import type { EngineEntry } from '../engineEntry.ts';
import type { TfjsBackend } from './backend.ts';

// TensorFlow.js is loaded when one of its engines is wanted, not before.
export const tfjsTensorflow = entryOf('tensorflow');
export const tfjsWasm = entryOf('wasm');
export const tfjsCpu = entryOf('cpu');

function entryOf(backend: TfjsBackend): EngineEntry {
  return {
    name: `tfjs-${backend}`,
    isCandidate: false,
    async probe() {
      const { probeBackend } = await import('./probe.ts');
      return probeBackend(backend);
    },
    async create({ task, config }) {
      const { TfjsEngine } = await import('./engine.ts');
      const { policy, rollout, seed } = config;
      return TfjsEngine.create({ backend, policy, task, maxResponseTokens: rollout.maxResponseTokens, seed });
    },
  };
}
