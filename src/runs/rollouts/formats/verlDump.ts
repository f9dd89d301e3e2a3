import type { RolloutMapping } from './mapping.ts';
import type { Row } from './mapping.ts';

/**
 * What verl writes into `trainer.rollout_data_dir` (and `trainer.validation_data_dir`): `N.jsonl` for step N, with whatever its reward
 * function returned beside the score.
 */
export const verlMapping: RolloutMapping = {
  prompt: 'input',
  response: 'output',
  reward: 'score',
  group: null,
  step: 'step',
  mask: null,
  logProbs: null,
  sumPiSquared: null,
};

export const verlFileName = /^(\d+)\.jsonl$/;

/** Whether a row is one of verl's. */
export function isVerlRow(row: Row): boolean {
  return typeof row['input'] === 'string' && typeof row['output'] === 'string' && 'score' in row && 'step' in row;
}
