import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { responseRewards, spreadOverTokens } from './outcome.ts';

const epsilon = 1e-6;

/** A = (R − mean(R)) / (std(R) + 1e-6) over the group, std unbiased (GRPO, arXiv 2402.03300). */
export function grpo(batch: AdvantageBatch, advantages: FloatArray): void {
  const rewards = responseRewards(batch);
  for (const rows of rowsByGroup(batch.groups)) {
    const { mean, deviation } = meanAndDeviation(rewards, rows);
    for (const row of rows) rewards[row] = (rewards[row]! - mean) / (deviation + epsilon);
  }
  spreadOverTokens(batch, rewards, advantages);
}

/** A group of one is compared with mean 0 and deviation 1, as in verl. */
function meanAndDeviation(rewards: Float64Array, rows: readonly number[]): { mean: number; deviation: number } {
  if (rows.length < 2) return { mean: 0, deviation: 1 };
  let sum = 0;
  for (const row of rows) sum += rewards[row]!;
  const mean = sum / rows.length;
  let squares = 0;
  for (const row of rows) squares += (rewards[row]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (rows.length - 1)) };
}
