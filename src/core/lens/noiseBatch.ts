import type { AdvantageBatch } from '../estimators/estimator.ts';
import { outcomeBatch } from '../estimators/outcomeBatch.ts';
import type { OutcomeResponse } from '../estimators/outcomeBatch.ts';
import { counted } from '../notation.ts';
import type { Trajectory } from '../records/trajectory.ts';

/** Trajectories as the estimators want them. */
export interface NoiseBatch {
  readonly batch: AdvantageBatch;
  /** [batch] the number that the group of each row has in the source. */
  readonly groups: Float64Array;
  /** Trajectories that lack what is needed, and are not in the batch. */
  readonly leftOut: number;
}

/** The batch that the trajectories are; a text: what they all lack, and who writes it. The reward counts as one for the last action. */
export function noiseBatch(trajectories: readonly Trajectory[], handleZeroTail: boolean): NoiseBatch | string {
  if (trajectories.length === 0) return 'There are no trajectories at this step.';
  const whole = trajectories.flatMap((trajectory) => wholeOf(trajectory) ?? []);
  if (whole.length === 0) {
    return `The noise under other baselines cannot be said: ${listOfLacks(trajectories)}. Rollouts of the built-in trainer have all of it.`;
  }
  return {
    batch: outcomeBatch(whole, handleZeroTail),
    groups: Float64Array.from(whole, ({ group }) => group),
    leftOut: trajectories.length - whole.length,
  };
}

/** Undefined: it lacks something that the estimators need. */
function wholeOf({ group, reward, mask, logProbs, sumPiSquared }: Trajectory): (OutcomeResponse & Pick<Trajectory, 'group'>) | undefined {
  if (reward === null || !Number.isFinite(reward) || logProbs === null || sumPiSquared === null) return undefined;
  const chosen = mask ?? Uint8Array.from(logProbs, (value) => (Number.isNaN(value) ? 0 : 1));
  const isKnown = chosen.every((isAction, t) => isAction === 0 || (Number.isFinite(logProbs[t]) && Number.isFinite(sumPiSquared[t])));
  return isKnown ? { group, reward, mask: chosen, logProbs, sumPiSquared } : undefined;
}

function listOfLacks(trajectories: readonly Trajectory[]): string {
  const lacks = (has: (trajectory: Trajectory) => boolean): boolean => !trajectories.some(has);
  if (lacks(({ reward }) => reward !== null)) return 'the rollouts of this step have no rewards';
  if (lacks(({ logProbs }) => logProbs !== null)) return 'the rollouts of this step have no log-probabilities of the tokens';
  if (lacks(({ sumPiSquared }) => sumPiSquared !== null)) return 'the rollouts of this step have no Σπ² of the tokens';
  return `none of the ${counted(trajectories.length, 'trajectory', 'trajectories')} of this step has a reward and finite log-probabilities and Σπ² at every token that the policy chose`;
}
