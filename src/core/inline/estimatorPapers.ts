import type { EstimatorName } from '../estimators/estimator.ts';

/** Where an estimator's formula comes from. */
export interface Paper {
  readonly title: string;
  readonly url: string;
}

/** The paper of the token baselines, of their collapse study, and of Figure 1. */
export const methodPaper: Paper = { title: 'The Optimal Token Baseline', url: 'https://arxiv.org/abs/2602.07078' };

const reinforcePlusPlus: Paper = { title: 'REINFORCE++', url: 'https://arxiv.org/abs/2501.03262' };

export const estimatorPapers: Readonly<Record<EstimatorName, Paper>> = {
  reinforce: { title: 'Williams, 1992', url: 'https://doi.org/10.1007/BF00992696' },
  dr_grpo: { title: 'Dr. GRPO', url: 'https://arxiv.org/abs/2503.20783' },
  grpo: { title: 'GRPO', url: 'https://arxiv.org/abs/2402.03300' },
  rloo: { title: 'RLOO', url: 'https://arxiv.org/abs/2402.14740' },
  opo: { title: 'OPO', url: 'https://arxiv.org/abs/2505.23585' },
  reinforce_plus_plus: reinforcePlusPlus,
  reinforce_plus_plus_baseline: reinforcePlusPlus,
  optimal_trajectory_baseline: methodPaper,
  optimal_token_baseline: methodPaper,
  tir_optimal_token_baseline: methodPaper,
};
