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

/**
 * A batch of responses as the estimators see it. Arrays marked [batch × length] are flat and row-major; response tokens only,
 * padded at the end to `length`.
 */
export interface AdvantageBatch {
  readonly batch: number;
  readonly length: number;
  /** [batch × length] reward of each token. */
  readonly tokenRewards: Float32Array;
  /** [batch × length] 1: a token that the policy chose; 0: tool output or padding. */
  readonly mask: Uint8Array;
  /** [batch] responses to the same prompt have the same number, counted from 0 in order of first appearance. */
  readonly groups: Int32Array;
  /** [batch × length] log-probability of each chosen token under the policy that sampled it. */
  readonly logProbs: Float32Array;
  /** [batch × length] Σ_v π(v)² at each token. */
  readonly sumPiSquared: Float32Array;
  /** [batch × length] importance weights ρ; null: on policy, all 1. */
  readonly importanceWeights: Float32Array | null;
  /** Token baselines: the tail beyond the second longest response of a group has baseline 0. */
  readonly handleZeroTail: boolean;
}

/** Writes the advantage of every token, [batch × length], 0 where the mask is 0, into `advantages`. */
export type Estimator = (batch: AdvantageBatch, advantages: Float32Array) => void;
