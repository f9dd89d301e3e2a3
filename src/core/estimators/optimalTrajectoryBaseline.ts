import { trajectoryEnergies } from './energy.ts';
import type { AdvantageBatch, FloatArray } from './estimator.ts';
import { rowsByGroup } from './groups.ts';
import { responseRewards, spreadOverTokens } from './outcome.ts';

/**
 * A = R − Σ W(τ)·R / Σ W(τ) over the group, W(τ) the energy of the whole trajectory: the constant that makes Σ W(τ)·A² least
 * (Greensmith et al., 2004; arXiv 2602.07078). A group whose energy is 0 moves nothing whatever its baseline; it gets 0.
 */
export function optimalTrajectoryBaseline(batch: AdvantageBatch, advantages: FloatArray): void {
  const rewards = responseRewards(batch);
  const energies = trajectoryEnergies(batch);
  for (const rows of rowsByGroup(batch.groups)) {
    if (rows.length < 2) continue;
    let weighted = 0;
    let total = 0;
    for (const row of rows) {
      weighted += energies[row]! * rewards[row]!;
      total += energies[row]!;
    }
    const baseline = total === 0 ? 0 : weighted / total;
    for (const row of rows) rewards[row]! -= baseline;
  }
  spreadOverTokens(batch, rewards, advantages);
}
