import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { responseRewards, spreadOverTokens } from './outcome.ts';

/** A = R − mean(R) over the group (Dr. GRPO, arXiv 2503.20783). */
export function drGrpo(batch: AdvantageBatch, advantages: FloatArray): void {
  const rewards = responseRewards(batch);
  for (const rows of rowsByGroup(batch.groups)) {
    if (rows.length < 2) continue;
    let sum = 0;
    for (const row of rows) sum += rewards[row]!;
    const mean = sum / rows.length;
    for (const row of rows) rewards[row]! -= mean;
  }
  spreadOverTokens(batch, rewards, advantages);
}
