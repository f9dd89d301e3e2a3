import { drGrpo } from './drGrpo.ts';
import type { Estimator, EstimatorName } from './estimator.ts';
import { grpo } from './grpo.ts';
import { opo } from './opo.ts';
import { optimalTokenBaseline } from './optimalTokenBaseline.ts';
import { optimalTrajectoryBaseline } from './optimalTrajectoryBaseline.ts';
import { reinforce } from './reinforce.ts';
import { reinforcePlusPlus } from './reinforcePlusPlus.ts';
import { reinforcePlusPlusBaseline } from './reinforcePlusPlusBaseline.ts';
import { rloo } from './rloo.ts';
import { tirOptimalTokenBaseline } from './tirOptimalTokenBaseline.ts';

export const estimators: Readonly<Record<EstimatorName, Estimator>> = {
  reinforce,
  dr_grpo: drGrpo,
  grpo,
  rloo,
  opo,
  reinforce_plus_plus: reinforcePlusPlus,
  reinforce_plus_plus_baseline: reinforcePlusPlusBaseline,
  optimal_trajectory_baseline: optimalTrajectoryBaseline,
  optimal_token_baseline: optimalTokenBaseline,
  tir_optimal_token_baseline: tirOptimalTokenBaseline,
};

/** Those whose advantage is no reward less a baseline, because they rescale it too. */
export const rescalingEstimators: ReadonlySet<EstimatorName> = new Set(['grpo', 'reinforce_plus_plus', 'reinforce_plus_plus_baseline']);

/** What a user is told about an estimator, and what it needs to know. */
export interface EstimatorInfo {
  /** One sentence. */
  readonly description: string;
  /** R: reward of a response; G_t: reward to go; W: realized energy; sums and means over the group. */
  readonly formula: string;
  /** Compares the responses to one prompt: a group of one is left without a baseline. */
  readonly needsGroup: boolean;
  /** Reads log-probabilities and Σπ². */
  readonly needsEnergy: boolean;
}

export const estimatorInfos: Readonly<Record<EstimatorName, EstimatorInfo>> = {
  reinforce: {
    description: 'Plain policy gradient: every token gets the reward of its response, without a baseline.',
    formula: 'A = R',
    needsGroup: false,
    needsEnergy: false,
  },
  dr_grpo: {
    description: 'Subtracts the mean reward of the responses to the same prompt.',
    formula: 'A = R − mean(R)',
    needsGroup: true,
    needsEnergy: false,
  },
  grpo: {
    description: 'Subtracts the mean reward of the group and divides by its standard deviation.',
    formula: 'A = (R − mean(R)) / (std(R) + 1e-6)',
    needsGroup: true,
    needsEnergy: false,
  },
  rloo: {
    description: 'Subtracts the mean reward of the other responses of the group.',
    formula: 'A = R·N/(N−1) − ΣR/(N−1)',
    needsGroup: true,
    needsEnergy: false,
  },
  opo: {
    description:
      'Subtracts the mean reward of the group weighted by response length, the optimal baseline if every token moves the policy alike.',
    formula: 'A = R − Σ len·R / Σ len',
    needsGroup: true,
    needsEnergy: false,
  },
  reinforce_plus_plus: {
    description: 'Centers and scales the reward to go over all action tokens of the batch.',
    formula: 'A_t = (G_t − mean_batch(G)) / std_batch(G)',
    needsGroup: false,
    needsEnergy: false,
  },
  reinforce_plus_plus_baseline: {
    description: 'Subtracts the mean reward of the group, then centers and scales over all action tokens of the batch.',
    formula: 'A = (A′ − mean_batch(A′)) / std_batch(A′), A′ = R − mean(R)',
    needsGroup: true,
    needsEnergy: false,
  },
  optimal_trajectory_baseline: {
    description:
      'Subtracts the mean reward of the group weighted by the energy of each trajectory, the constant with the least gradient variance.',
    formula: 'A = R − Σ W(τ)·R / Σ W(τ)',
    needsGroup: true,
    needsEnergy: true,
  },
  optimal_token_baseline: {
    description:
      'Subtracts, token by token, the mean reward to go of the responses still alive there, weighted by the energy that each has realized so far.',
    formula: 'A_t = G_t − Σ G_t·W_t / (Σ W_t + 1e-8)',
    needsGroup: true,
    needsEnergy: true,
  },
  tir_optimal_token_baseline: {
    description:
      'The optimal token baseline for multi-turn runs: tool output is cut out before the tokens of the group are set side by side.',
    formula: 'A_t = G_t − Σ G_t·W_t / (Σ W_t + 1e-8), t counts action tokens of all turns',
    needsGroup: true,
    needsEnergy: true,
  },
};

/** The estimator of a name; null: there is none of it, or no name. */
export function estimatorNamed(name: string | null): EstimatorName | null {
  return name !== null && isEstimatorName(name) ? name : null;
}

/** Whether `name` is one of the estimators, e.g. for what a config says. */
export function isEstimatorName(name: string): name is EstimatorName {
  return Object.hasOwn(estimators, name);
}
