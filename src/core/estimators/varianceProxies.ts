import { tokenEnergies, trajectoryEnergies } from './energy.ts';
import type { AdvantageBatch, EstimatorName, FloatArray } from './estimator.ts';
import { estimators } from './registry.ts';

/** Three numbers that say how much of a gradient is noise; verl's `variance_proxy/*` (metric_utils.py). */
export interface VarianceProxies {
  /** ‖ḡ‖²: squared norm of the batch's mean gradient. */
  readonly signalStrength: number;
  /** mean(Ā²·W(τ)): mean squared norm of one trajectory's gradient, signal and noise together. */
  readonly totalPower: number;
  /** max(0, (totalPower − signalStrength) / (N − 1)): variance of the mean gradient of N responses; 0 for a single one. */
  readonly pureNoise: number;
}

/**
 * Proxies of one step. `advantages`: [batch × length], those that the step was taken with; `squaredGradNorm`: the square of its
 * gradient norm before clipping. A NaN or infinity among them comes out as such (verl would report noise 0 for it).
 */
export function varianceProxies(batch: AdvantageBatch, advantages: FloatArray, squaredGradNorm: number): VarianceProxies {
  const power = totalPower(batch, advantages);
  return {
    signalStrength: squaredGradNorm,
    totalPower: power,
    pureNoise: batch.batch > 1 ? Math.max(0, (power - squaredGradNorm) / (batch.batch - 1)) : 0,
  };
}

/**
 * mean(Ā²·W(τ)) over the responses, Ā the mean advantage over action tokens. With importance weights, mean(ρ̄²·Ā²·W(τ)) with ρ̄ their
 * mean over action tokens and W(τ) without them, save that a token with ρ² below 1e-10 loses energy, as in verl. A W(τ) that
 * rounding made negative counts as 0; so does a response without an action token. 0 for an empty batch.
 */
export function totalPower(batch: AdvantageBatch, advantages: FloatArray): number {
  return meanPower(batch, advantages, scoreNorms(batch));
}

/**
 * The total power that each of the estimators would have had on the same rollouts: what its noise would have been at this very
 * step. Logged as `estimator/<name>/total_power`. Energies, the costly part, are computed once for all.
 */
export function estimatorPowers<Name extends EstimatorName>(batch: AdvantageBatch, names: readonly Name[]): Record<Name, number> {
  const norms = scoreNorms(batch);
  const advantages = new Float64Array(batch.batch * batch.length);
  const powers = names.map((name) => {
    estimators[name](batch, advantages);
    return [name, meanPower(batch, advantages, norms)] as const;
  });
  return Object.fromEntries(powers) as Record<Name, number>;
}

/** Squared norms of the gradients of the responses of a batch under one estimator, by proxy. */
export interface PowersOfResponses {
  /** [batch] Ā²·W(τ), whose mean is the total power. */
  readonly total: Float64Array;
  /** [batch × stretches] Σ A_t²·w_t over the action tokens of each stretch. */
  readonly byStretch: Float64Array;
}

/**
 * Visits each of the estimators with what its power is made of, response by response. `ends`: ends of stretches of action tokens,
 * ascending, stretch i from ends[i − 1] (0 at first) to before ends[i]; the last one holds all of the longest response.
 *
 * Σ A_t²·w_t is the squared norm of a response's gradient if those of its tokens were orthogonal, and each as long as that in the
 * logits. Where a response has one advantage it is Ā²·W(τ); where tokens differ in theirs it is what the tokens have, which their mean
 * times all of the energy is not.
 */
export function visitPowers(
  batch: AdvantageBatch,
  names: readonly EstimatorName[],
  ends: readonly number[],
  visit: (name: EstimatorName, powers: PowersOfResponses, advantages: Float64Array) => void,
): void {
  const norms = scoreNorms(batch);
  // Rounding makes some energies of tokens that are certain a little less than 0.
  const energies = tokenEnergies(batch).map((energy) => Math.max(0, energy));
  const advantages = new Float64Array(batch.batch * batch.length);
  for (const name of names) {
    estimators[name](batch, advantages);
    visit(
      name,
      { total: responsePowers(batch, advantages, norms), byStretch: stretchPowers(batch, advantages, energies, ends) },
      advantages,
    );
  }
}

function stretchPowers(
  { batch, length, mask }: AdvantageBatch,
  advantages: FloatArray,
  energies: Float64Array,
  ends: readonly number[],
): Float64Array {
  const powers = new Float64Array(batch * ends.length);
  for (let row = 0; row < batch; row++) {
    let at = row * length;
    const end = at + length;
    let action = 0;
    for (let stretch = 0; stretch < ends.length; stretch++) {
      const last = ends[stretch]!;
      let sum = 0;
      for (; at < end && action < last; at++) {
        if (mask[at] === 0) continue;
        const advantage = advantages[at]!;
        sum += advantage * advantage * energies[at]!;
        action++;
      }
      powers[row * ends.length + stretch] = sum;
    }
  }
  return powers;
}

/** mean(Ā²·norm) over the responses. `norms`: [batch]. */
function meanPower(batch: AdvantageBatch, advantages: FloatArray, norms: Float64Array): number {
  if (batch.batch === 0) return 0;
  return responsePowers(batch, advantages, norms).reduce((sum, power) => sum + power, 0) / batch.batch;
}

/** Ā²·norm of each response, [batch]. */
function responsePowers(batch: AdvantageBatch, advantages: FloatArray, norms: Float64Array): Float64Array {
  return maskedMeans(batch, advantages).map((mean, row) => mean * mean * norms[row]!);
}

/** ρ̄²·W(τ) of each response, [batch]: the squared norm of its gradient if its advantage were 1. */
function scoreNorms(batch: AdvantageBatch): Float64Array {
  const { importanceWeights } = batch;
  if (importanceWeights === null) return trajectoryEnergies(batch).map((energy) => Math.max(0, energy));
  const means = maskedMeans(batch, importanceWeights);
  // W(τ) without the weights is what is asked for; verl gets it by dividing ρ²·w by max(ρ², 1e-10).
  const guarded = Float64Array.from(importanceWeights, (weight) => Math.min(1, Math.abs(weight) * 1e5));
  return trajectoryEnergies({ ...batch, importanceWeights: guarded }).map((energy, row) => means[row]! ** 2 * Math.max(0, energy));
}

/** Mean of `values` over the action tokens of each response, [batch]; 0 where there is none. */
function maskedMeans({ batch, length, mask }: AdvantageBatch, values: FloatArray): Float64Array {
  return Float64Array.from({ length: batch }, (_, row) => {
    let count = 0;
    let sum = 0;
    for (let at = row * length; at < (row + 1) * length; at++) {
      if (mask[at] === 0) continue;
      count++;
      sum += values[at]!;
    }
    return sum / (count + 1e-8);
  });
}
