import type { AdvantageBatch } from './estimator.ts';
import { probability } from './probability.ts';

/**
 * Energy of one token y, w = ρ²·(1 − 2π(y) + Σ_v π(v)²): ‖e_y − π‖², the squared norm of the gradient of log π(y) in the logits,
 * which stands for that in the parameters (arXiv 2602.07078). `importanceWeight`: ρ, 1 on policy.
 */
export function tokenEnergy(logProb: number, sumPiSquared: number, importanceWeight: number): number {
  return importanceWeight * importanceWeight * (1 - 2 * probability(logProb) + sumPiSquared);
}

/** w_t of every token, [batch × length]; 0 where the mask is 0. */
export function tokenEnergies({ mask, logProbs, sumPiSquared, importanceWeights }: AdvantageBatch): Float64Array {
  const energies = new Float64Array(mask.length);
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] !== 0) energies[at] = tokenEnergy(logProbs[at]!, sumPiSquared[at]!, importanceWeights?.[at] ?? 1);
  }
  return energies;
}

/** Realized energy W_t = Σ_{j≤t} w_j of every response up to each token, [batch × length]; it stands still on tool tokens. */
export function realizedEnergies(batch: AdvantageBatch): Float64Array {
  const { length, mask, logProbs, sumPiSquared, importanceWeights } = batch;
  const energies = new Float64Array(batch.batch * length);
  for (let row = 0; row < batch.batch; row++) {
    let energy = 0;
    for (let at = row * length; at < (row + 1) * length; at++) {
      if (mask[at] !== 0) energy += tokenEnergy(logProbs[at]!, sumPiSquared[at]!, importanceWeights?.[at] ?? 1);
      energies[at] = energy;
    }
  }
  return energies;
}

/** Energy W(τ) of each whole trajectory, [batch]. */
export function trajectoryEnergies(batch: AdvantageBatch): Float64Array {
  const { length, mask, logProbs, sumPiSquared, importanceWeights } = batch;
  return Float64Array.from({ length: batch.batch }, (_, row) => {
    let energy = 0;
    for (let at = row * length; at < (row + 1) * length; at++) {
      if (mask[at] !== 0) energy += tokenEnergy(logProbs[at]!, sumPiSquared[at]!, importanceWeights?.[at] ?? 1);
    }
    return energy;
  });
}
