import path from 'node:path';
import type { EstimatorName } from '../src/core/estimators/estimator.ts';
import { WasmEngine } from '../src/trainer/engines/wasm/engine.ts';
import { expectedGradient } from './expectedGradient.ts';
import { allResponses, twoLetterTask } from './twoLetterTask.ts';

export interface ExactBias {
  readonly estimator: EstimatorName;
  readonly groupSize: number;
  /** ⟨E g, G⟩ / ‖G‖², G the exact gradient of the expected reward. */
  readonly scale: number;
  /** ‖E g − G‖ / ‖G‖ */
  readonly bias: number;
  /** Cosine between E g and G: what is left of the bias when the length of the gradient does not matter, as under Adam. */
  readonly cosine: number;
}

const estimators: readonly EstimatorName[] = [
  'reinforce',
  'dr_grpo',
  'rloo',
  'opo',
  'optimal_trajectory_baseline',
  'optimal_token_baseline',
];
const groupSizes = [2, 3] as const;

/** The exact bias of each estimator on a task that can be enumerated, at a random policy. */
export async function exactBias(root: string): Promise<readonly ExactBias[]> {
  const engine = await WasmEngine.create({
    policy: { kind: 'gru', width: 8, truncateBackpropEvery: null },
    task: twoLetterTask,
    taskSpec: null,
    sequences: allResponses().length,
    maxResponseTokens: 3,
    threads: 1,
    build: 'simd',
    seed: 3,
    kernelFolder: path.join(root, 'dist'),
    workerFile: '',
  });
  // Without a baseline the expectation is the exact gradient; the tests hold it against finite differences of the expected reward.
  const exact = await expectedGradient(engine, 'reinforce', 1);
  const rows: ExactBias[] = [];
  for (const estimator of estimators) {
    for (const groupSize of groupSizes) {
      const expected = await expectedGradient(engine, estimator, groupSize);
      const norm = Math.hypot(...exact);
      rows.push({
        estimator,
        groupSize,
        scale: dot(expected, exact) / norm ** 2,
        bias: Math.hypot(...expected.map((value, i) => value - exact[i]!)) / norm,
        cosine: dot(expected, exact) / (Math.hypot(...expected) * norm),
      });
    }
  }
  await engine.dispose();
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
