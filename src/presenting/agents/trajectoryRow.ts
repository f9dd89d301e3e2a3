import { farthestFromZero, totalEnergy } from '../../core/lens/lensRow.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import type { Trajectory } from '../../core/records/trajectory.ts';
import { measured } from './answer.ts';
import { numberOrNull } from './runRow.ts';
import { cutText, plainText } from './untrustedText.ts';

/** Characters of a trajectory's texts that are kept at all. */
const longest = { prompt: 1000, response: 4000 } as const;

/** What an answer says of a trajectory; its texts may be cut further. */
export interface TrajectoryRow {
  readonly sequence: number;
  readonly group: number;
  readonly reward: number | null;
  /** Tokens of the response; null where there are no tokens. */
  readonly length: number | null;
  readonly turns: number | null;
  readonly truncated: boolean | null;
  /** W(τ), the energy of all tokens that were chosen. */
  readonly energy: number | null;
  /** Of the estimator in use. */
  readonly max_abs_advantage: number | null;
  readonly untrusted_text: { prompt: string; response: string };
}

export function trajectoryRow(trajectory: Trajectory, estimator: EstimatorName | null): TrajectoryRow {
  const { sequence, group, reward, turns, truncated, isTokenized, prompt, response } = trajectory;
  const separator = isTokenized ? '' : '\n';
  return {
    sequence,
    group,
    reward: measured(reward),
    length: isTokenized ? response.length : null,
    turns,
    truncated,
    energy: measured(totalEnergy(trajectory)),
    max_abs_advantage: largestAdvantage(trajectory, estimator),
    untrusted_text: {
      prompt: plainText(prompt.join(separator), longest.prompt),
      response: withoutMiddle(plainText(response.join(separator), Infinity), longest.response),
    },
  };
}

/** The beginning and the end of a text: a response says at its end what it came to. */
export function withoutMiddle(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor(most / 3);
  return cutText(text, most - end) + characters.slice(characters.length - end).join('');
}

function largestAdvantage({ advantages }: Trajectory, estimator: EstimatorName | null): number | null {
  const values = estimator === null ? undefined : advantages[estimator];
  return values === undefined ? null : numberOrNull(Math.abs(farthestFromZero(values)));
}
