/** verl's names of the advantage estimators. */
export const estimatorNames = [
  'reinforce',
  'dr_grpo',
  'grpo',
  'rloo',
  'opo',
  'reinforce_plus_plus',
  'reinforce_plus_plus_baseline',
  'optimal_trajectory_baseline',
  'optimal_token_baseline',
  'tir_optimal_token_baseline',
] as const;

export type EstimatorName = (typeof estimatorNames)[number];

/** Float32 on the training path; float64 where numbers come from outside and must not lose digits. */
export type FloatArray = Float32Array | Float64Array;

/**
 * A batch of responses as the estimators see it. Arrays marked [batch × length] are flat and row-major; response tokens only,
 * padded at the end to `length`.
 */
export interface AdvantageBatch {
  readonly batch: number;
  readonly length: number;
  /** [batch × length] reward of each token. */
  readonly tokenRewards: FloatArray;
  /** [batch × length] 1: a token that the policy chose; 0: tool output or padding. */
  readonly mask: Uint8Array;
  /** [batch] responses to the same prompt have the same number, counted from 0 in order of first appearance. */
  readonly groups: Int32Array;
  /** [batch × length] log-probability of each chosen token under the policy that sampled it. */
  readonly logProbs: FloatArray;
  /** [batch × length] Σ_v π(v)² at each token. */
  readonly sumPiSquared: FloatArray;
  /** [batch × length] importance weights ρ; null: on policy, all 1. */
  readonly importanceWeights: FloatArray | null;
  /** Token baselines: the tail beyond the second longest response of a group has baseline 0. */
  readonly handleZeroTail: boolean;
}

/**
 * Writes the advantage of every token, [batch × length], 0 where the mask is 0, into `advantages`; sums are float64 whatever
 * the arrays are. Where all of them are float32, the token baselines take the energy of a token in float32: advantages are then within 1e-6 of what
 * the same inputs have in float64, for returns of about 1. No input throws:
 * - a group of one has no baseline, its advantage is its reward (`grpo`: over 1 + 1e-6; the two whitened ones centre and scale
 *   it with the rest of the batch);
 * - a response without an action token gets zeros, and what its padding holds is never looked at, save rewards (see R below);
 * - fewer than two action tokens in the whole batch cannot be whitened: zeros;
 * - a NaN reward or probability makes NaN of its whole group at most, of the whole batch where the batch is whitened.
 *
 * R, the reward of a response, sums all its token rewards, also those on tool tokens; G_t, the reward to go, only those on
 * action tokens. Both are verl's choice.
 */
export type Estimator = (batch: AdvantageBatch, advantages: FloatArray) => void;
