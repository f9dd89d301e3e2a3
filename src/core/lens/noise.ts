import type { EstimatorName } from '../estimators/estimator.ts';

/** How noisy the gradient of one step would have been under each estimator, by the same rollouts. */
export interface NoiseReport {
  /** What the step was taken with; null: not known, and there are no ratios. */
  readonly inUse: EstimatorName | null;
  /** Of all trajectories of the step. */
  readonly all: readonly EstimatorNoise[];
  /** Of the trajectories of one prompt each, by the number of the group. */
  readonly groups: readonly { readonly group: number; readonly noise: readonly EstimatorNoise[] }[];
  /** Ends of the stretches of tokens that `byPosition` is about: stretch i is of the tokens from ends[i − 1] (0 at first) to before ends[i]. */
  readonly ends: readonly number[];
  /** What of it is uncertain, as sentences, e.g. that not all trajectories of the step were written. */
  readonly remarks: readonly string[];
}

export interface EstimatorNoise {
  readonly estimator: EstimatorName;
  /** ‖ḡ‖²; null: not known. */
  readonly signal: number | null;
  /** mean(Ā²·W(τ)), verl's total power. */
  readonly power: number;
  /** max(0, (power − signal)/(N − 1)); null without a signal. */
  readonly noise: number | null;
  /** Power over the power of the estimator in use; null: not known. */
  readonly ratio: number | null;
  /** Mean over the trajectories of Σ A_t²·w_t, by stretch of tokens that the policy chose. */
  readonly byPosition: readonly number[];
}
