import { tokenEnergy } from '../../../core/estimators/energy.ts';
import { estimatorNames, type AdvantageBatch, type EstimatorName } from '../../../core/estimators/estimator.ts';
import { responseRewards } from '../../../core/estimators/outcome.ts';
import { groupNumbers, outcomeBatch } from '../../../core/estimators/outcomeBatch.ts';
import { estimators, rescalingEstimators } from '../../../core/estimators/registry.ts';
import type { TokenValues, Trajectory } from '../../../core/records/trajectory.ts';
import type { Response } from './response.ts';

/** What advantages follow from: all of a response but its texts. */
export interface Outline extends Pick<Response, 'group' | 'reward' | 'mask' | 'logProbs' | 'sumPiSquared'> {
  /** Tokens of the response; null: it has none. */
  readonly tokens: number | null;
}

export interface Derived {
  readonly advantages: TokenValues;
  readonly baselines: TokenValues;
}

const none: Derived = { advantages: {}, baselines: {} };

/** Estimators that need nothing but rewards, and those that look at the whole batch. */
const ofRewards: readonly EstimatorName[] = ['reinforce', 'dr_grpo', 'grpo', 'rloo'];
const ofBatch: readonly EstimatorName[] = ['reinforce_plus_plus', 'reinforce_plus_plus_baseline'];

/**
 * Advantages and baselines of every response of a step, as far as they follow from what is known of it. `isWhole`: no response of the
 * step is missing; where one is, a group with fewer responses than the largest may be the one that it belongs to.
 */
export function derivedAdvantages(outlines: readonly Outline[], isWhole: boolean): readonly Derived[] {
  const derived: Derived[] = outlines.map(() => none);
  const rows = comparable(outlines, isWhole);
  if (rows.length === 0) return derived;
  const known = rows.map((row) => outlines[row]!);
  if (known.every(hasEnergy)) {
    const names = rows.length === outlines.length ? estimatorNames : estimatorNames.filter((name) => !ofBatch.includes(name));
    spread(
      derived,
      rows,
      tokenBatch(known),
      known.map(({ tokens }) => tokens ?? 0),
      names,
    );
  } else {
    spread(
      derived,
      rows,
      rewardBatch(known),
      known.map(() => 1),
      ofRewards,
    );
  }
  return derived;
}

/** Responses of groups that are there as a whole, each with a reward: a group of one has nobody to be compared with. */
function comparable(outlines: readonly Outline[], isWhole: boolean): readonly number[] {
  const members = new Map<string, number[]>();
  outlines.forEach(({ group }, row) => {
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  });
  const largest = [...members.values()].reduce((most, rows) => Math.max(most, rows.length), 0);
  return [...members.values()]
    .filter((rows) => rows.length >= (isWhole ? 2 : Math.max(2, largest)) && rows.every((row) => Number.isFinite(outlines[row]!.reward)))
    .flat()
    .sort((a, b) => a - b);
}

/** Whether the log-probabilities and Σπ² of all tokens that the policy chose are there. */
function hasEnergy({ mask, logProbs, sumPiSquared }: Outline): boolean {
  if (logProbs === null || sumPiSquared === null) return false;
  return logProbs.every((logProb, t) => mask?.[t] === 0 || (Number.isFinite(logProb) && Number.isFinite(sumPiSquared[t])));
}

/** One token for each response: enough where all tokens of a response have the same advantage. */
function rewardBatch(rows: readonly Outline[]): AdvantageBatch {
  const none = new Float64Array(rows.length);
  const tokenRewards = Float64Array.from(rows, ({ reward }) => reward!);
  const mask = new Uint8Array(rows.length).fill(1);
  const batch = {
    batch: rows.length,
    length: 1,
    tokenRewards,
    mask,
    groups: groupNumbers(rows.map(({ group }) => group)),
    logProbs: none,
    sumPiSquared: none,
  };
  return { ...batch, importanceWeights: null, handleZeroTail: true };
}

function tokenBatch(rows: readonly Outline[]): AdvantageBatch {
  const responses = rows.map(({ group, reward, mask, tokens, logProbs, sumPiSquared }) => ({
    ...{ group, reward: reward!, logProbs: logProbs!, sumPiSquared: sumPiSquared! },
    mask: mask ?? new Uint8Array(tokens ?? 0).fill(1),
  }));
  return outcomeBatch(responses, true);
}

/** Puts what the estimators make of a batch, whose rows are these of all, into `derived`. `lengths`: tokens of each row. */
function spread(
  derived: Derived[],
  rows: readonly number[],
  batch: AdvantageBatch,
  lengths: readonly number[],
  names: readonly EstimatorName[],
): void {
  const values = new Float32Array(batch.batch * batch.length);
  const rewards = responseRewards(batch);
  const found = rows.map(() => ({ advantages: {} as Writable, baselines: {} as Writable }));
  for (const name of names) {
    estimators[name](batch, values);
    found.forEach(({ advantages, baselines }, i) => {
      const start = i * batch.length;
      const end = start + lengths[i]!;
      const [mask, own] = [batch.mask.subarray(start, end), values.subarray(start, end)];
      const reward = rewards[i]!;
      advantages[name] = collapsed(own, mask);
      if (!rescalingEstimators.has(name))
        baselines[name] = collapsed(
          own.map((value) => reward - value),
          mask,
        );
    });
  }
  rows.forEach((row, i) => (derived[row] = found[i]!));
}

type Writable = Partial<Record<EstimatorName, number | Float32Array>>;

/** One number where it is the same at every token that was chosen; NaN at the others. */
function collapsed(values: Float32Array, mask: Uint8Array): number | Float32Array {
  const first = values[mask.indexOf(1)];
  if (first !== undefined && values.every((value, t) => mask[t] === 0 || value === first)) return first;
  return values.map((value, t) => (mask[t] === 0 ? Number.NaN : value));
}

/** w_t and W_t of every token, NaN where the policy did not choose it; W_t keeps its value there. Null: not known. */
export function energiesOf({ mask, logProbs, sumPiSquared }: Outline): Pick<Trajectory, 'tokenEnergy' | 'accumulatedEnergy'> {
  if (logProbs === null || sumPiSquared === null) return { tokenEnergy: null, accumulatedEnergy: null };
  const tokenEnergies = logProbs.map((logProb, t) => (mask?.[t] === 0 ? Number.NaN : tokenEnergy(logProb, sumPiSquared[t]!, 1)));
  let sum = 0;
  const accumulatedEnergy = tokenEnergies.map((energy) => (sum += Number.isNaN(energy) ? 0 : energy));
  return { tokenEnergy: tokenEnergies, accumulatedEnergy };
}
