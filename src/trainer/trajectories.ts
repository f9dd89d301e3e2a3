import { realizedEnergies, tokenEnergies } from '../core/estimators/energy.ts';
import { estimatorNames, type AdvantageBatch, type EstimatorName } from '../core/estimators/estimator.ts';
import { estimators, rescalingEstimators } from '../core/estimators/registry.ts';
import type { Rollout } from './engines/engine.ts';

/** Per response token; null at tool tokens. */
type TokenNumbers = readonly (number | null)[];

/** One number where it is the same at every action token. */
type ByEstimator = Readonly<Partial<Record<EstimatorName, number | TokenNumbers>>>;

/** A line of `rollouts/step-….jsonl`. docs/ROLLOUTS.md says what its keys mean. */
export interface TrajectoryLine {
  readonly sequence: number;
  readonly group: number;
  readonly prompt: readonly string[];
  readonly response: readonly string[];
  readonly reward: number;
  readonly turns: number;
  readonly truncated: boolean;
  readonly log_probs: TokenNumbers;
  readonly sum_pi_squared: TokenNumbers;
  /** w_t = 1 − 2π + Σπ². */
  readonly realized_energy: TokenNumbers;
  /** W_t = Σ_{j≤t} w_j. */
  readonly accumulated_energy: TokenNumbers;
  readonly advantages: ByEstimator;
  readonly baselines: ByEstimator;
}

/** The trajectories of a step, with baseline and advantage of every token under each estimator. */
export function* trajectories(rollout: Rollout, batch: AdvantageBatch, vocabulary: readonly string[]): Generator<TrajectoryLine> {
  const advantages = estimatorNames.map((name) => {
    const values = new Float32Array(batch.batch * batch.length);
    estimators[name](batch, values);
    return [name, values] as const;
  });
  const energies = tokenEnergies(batch);
  const accumulated = realizedEnergies(batch);
  for (let i = 0; i < batch.batch; i++) {
    const at = i * rollout.maxTokens;
    const promptLength = rollout.promptLengths[i]!;
    const tokens = Array.from(rollout.tokens.subarray(at, at + rollout.lengths[i]!), (token) => vocabulary[token]!);
    const row: Row = { mask: batch.mask, from: i * batch.length, to: i * batch.length + tokens.length - promptLength };
    const reward = rollout.rewards[i]!;
    yield {
      sequence: i,
      group: batch.groups[i]!,
      prompt: tokens.slice(0, promptLength),
      response: tokens.slice(promptLength),
      reward,
      turns: rollout.turns[i]!,
      truncated: rollout.truncated[i] === 1,
      log_probs: perAction(row, (j) => batch.logProbs[j]!),
      sum_pi_squared: perAction(row, (j) => batch.sumPiSquared[j]!),
      realized_energy: perAction(row, (j) => energies[j]!),
      accumulated_energy: perAction(row, (j) => accumulated[j]!),
      advantages: Object.fromEntries(advantages.map(([name, values]) => [name, collapsed(row, (j) => values[j]!)])),
      baselines: Object.fromEntries(
        advantages
          .filter(([name]) => !rescalingEstimators.has(name))
          .map(([name, values]) => [name, collapsed(row, (j) => reward - values[j]!)]),
      ),
    };
  }
}

/** The tokens of a response among those of the batch: from `from` to before `to`. */
interface Row {
  readonly mask: Uint8Array;
  readonly from: number;
  readonly to: number;
}

function perAction({ mask, from, to }: Row, value: (at: number) => number): TokenNumbers {
  const values: (number | null)[] = [];
  for (let at = from; at < to; at++) values.push(mask[at] === 1 ? rounded(value(at)) : null);
  return values;
}

/** Six significant digits: enough to look at, a third of the space. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** One number instead of many that are the same, which need not be written out to be compared. */
function collapsed(row: Row, value: (at: number) => number): number | TokenNumbers {
  const first = row.mask.indexOf(1, row.from);
  if (first < 0 || first >= row.to) return perAction(row, value);
  const one = rounded(value(first));
  for (let at = first + 1; at < row.to; at++) {
    if (row.mask[at] === 1 && value(at) !== value(first) && rounded(value(at)) !== one) return perAction(row, value);
  }
  return one;
}
