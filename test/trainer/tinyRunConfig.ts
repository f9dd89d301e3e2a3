import type { RunConfig } from '../../src/core/config/config.ts';
import { demonstrator, ledgerConfig, smallGru } from './engines/wasm/tinyEngine.ts';

/** A run whose steps take milliseconds. */
export const tinyRunConfig: RunConfig = {
  name: 'tiny',
  trainer: 'builtin',
  estimator: 'tir_optimal_token_baseline',
  seed: 7,
  steps: 40,
  task: ledgerConfig,
  policy: smallGru,
  warmStart: { ...demonstrator, steps: 300 },
  rollout: { promptsPerStep: 2, groupSize: 4, maxResponseTokens: 60, temperature: 1 },
  optimizer: { learningRate: 8e-3, warmupSteps: 5, maxGradNorm: null, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  loss: { aggregation: 'seq-mean-token-sum', handleZeroTail: true },
  checkpoint: { every: 10 },
  trajectories: { every: null },
  earlyStop: null,
  onCollapse: 'warn',
  collapseSensitivity: null,
};
