import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { responseRewards, spreadOverTokens } from './outcome.ts';

/** A = R − mean of the other rewards of the group, = R·N/(N−1) − ΣR/(N−1) (RLOO, arXiv 2402.14740). */
export function rloo(batch: AdvantageBatch, advantages: FloatArray): void {
  const rewards = responseRewards(batch);
  for (const rows of rowsByGroup(batch.groups)) {
    if (rows.length < 2) continue;
    let sum = 0;
    for (const row of rows) sum += rewards[row]!;
    for (const row of rows) rewards[row] = (rewards[row]! * rows.length - sum) / (rows.length - 1);
  }
  spreadOverTokens(batch, rewards, advantages);
}
