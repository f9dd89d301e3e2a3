import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { actionCounts, responseRewards, spreadOverTokens } from './outcome.ts';

/** A = R − Σ len·R / Σ len over the group, len in action tokens (OPO, arXiv 2505.23585). */
export function opo(batch: AdvantageBatch, advantages: FloatArray): void {
  const rewards = responseRewards(batch);
  const lengths = actionCounts(batch);
  for (const rows of rowsByGroup(batch.groups)) {
    if (rows.length < 2) continue;
    let weighted = 0;
    let total = 0;
    for (const row of rows) {
      weighted += lengths[row]! * rewards[row]!;
      total += lengths[row]!;
    }
    // A group without an action token has no length, and no token either that could receive the baseline.
    const baseline = weighted / total;
    for (const row of rows) rewards[row]! -= baseline;
  }
  spreadOverTokens(batch, rewards, advantages);
}
