import { estimatorNames, type AdvantageBatch, type EstimatorName } from '../estimators/estimator.ts';
import { actionCounts } from '../estimators/outcome.ts';
import { estimators } from '../estimators/registry.ts';
import { visitPowers } from '../estimators/varianceProxies.ts';
import type { Trajectory } from '../records/trajectory.ts';
import { noiseBatch } from './noiseBatch.ts';
import { noiseRemarks } from './noiseRemarks.ts';

/** How noisy the gradient of one step would have been under each estimator, by the same rollouts. */
export interface NoiseReport {
  /** What the step was taken with; null: not known, and there are no ratios. */
  readonly inUse: EstimatorName | null;
  readonly trajectories: number;
  /** Of all trajectories of the step. */
  readonly all: readonly EstimatorNoise[];
  /** Of the trajectories of one prompt each, by the number of the group. */
  readonly groups: readonly GroupNoise[];
  /**
   * Ends of the stretches of tokens that `byPosition` is about: stretch i is of the tokens from ends[i − 1] (0 at first) to before
   * ends[i]. They hold about as many tokens each, over all trajectories.
   */
  readonly ends: readonly number[];
  /** What of it is uncertain, as sentences, e.g. that not all trajectories of the step were written. */
  readonly remarks: readonly string[];
}

interface GroupNoise {
  readonly group: number;
  readonly trajectories: number;
  readonly noise: readonly EstimatorNoise[];
}

export interface EstimatorNoise {
  readonly estimator: EstimatorName;
  /** mean(Ā²·W(τ)): verl's total power, as a run logs it. */
  readonly totalPower: number;
  /** mean(Σ A_t²·w_t), the sum of `byPosition`: the same as `totalPower` where a trajectory has one advantage. */
  readonly power: number;
  /**
   * How many times as long the gradient is as under the estimator in use, because one of the two multiplies all advantages; 1: neither
   * does. What `signal`, `noise` and `ratio` speak of is power/scale²: an optimizer such as Adam takes the scale out.
   */
  readonly scale: number;
  /** Squared norm of the expected gradient, which no baseline changes; null: not known. */
  readonly signal: number | null;
  /** Variance of the gradient of these trajectories together, (power/scale² − signal)/N; null: not known. */
  readonly noise: number | null;
  /** power/scale² over the power of the estimator in use; null: not known. */
  readonly ratio: number | null;
  /** Mean over the trajectories of Σ A_t²·w_t, by stretch of tokens that the policy chose. */
  readonly byPosition: readonly number[];
}

/** The power as it would be if the gradient had the length that it has under the estimator in use. */
export function comparablePower({ power, scale }: Pick<EstimatorNoise, 'power' | 'scale'>): number {
  return power / scale ** 2;
}

export interface NoiseOptions {
  readonly inUse: EstimatorName | null;
  /** Square of the norm of the step's gradient before clipping; null: not known. */
  readonly signal: number | null;
  /** Whether the run's token baselines treat the tail of the longest response apart, as they do by default. */
  readonly handleZeroTail?: boolean;
}

const mostStretches = 20;

/** The trajectories must be those of one step; a text: why nothing can be said of them. */
export function noiseReport(trajectories: readonly Trajectory[], options: NoiseOptions): NoiseReport | string {
  const read = noiseBatch(trajectories, options.handleZeroTail ?? true);
  if (typeof read === 'string') return read;
  const { batch, leftOut } = read;
  const ends = stretchEnds(batch);
  const groups = [...rowsOf(read.groups)].map(([group, rows]) => ({ group, rows }));
  const everyRow = Array.from({ length: batch.batch }, (_, row) => row);
  const plain = advantagesByRow(batch);
  const all: Power[] = [];
  const ofGroups: Power[][] = groups.map(() => []);
  visitPowers(batch, estimatorNames, ends, (estimator, { total, byStretch }, advantages) => {
    const stretched = firstAdvantages(batch, advantages);
    const powerOf = (rows: readonly number[]): Power => {
      const meanOf = (value: (row: number) => number): number => rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
      const byPosition = ends.map((_, stretch) => meanOf((row) => byStretch[row * ends.length + stretch]!));
      return {
        estimator,
        totalPower: meanOf((row) => total[row]!),
        power: byPosition.reduce((sum, value) => sum + value, 0),
        scale: stretchOf(estimator, stretched, plain, whitening.has(estimator) ? everyRow : rows),
        byPosition,
      };
    };
    all.push(powerOf(everyRow));
    groups.forEach(({ rows }, index) => ofGroups[index]!.push(powerOf(rows)));
  });
  if (![...all, ...ofGroups.flat()].every(({ power, totalPower }) => Number.isFinite(power) && Number.isFinite(totalPower)))
    return 'The noise under other baselines cannot be said: some rewards or log-probabilities of this step are so large that their powers are no finite numbers.';
  const { inUse } = options;
  const signal = expectedSignal(all, batch.batch, options);
  const ofAll = compared(all, inUse, signal, batch.batch);
  return {
    inUse,
    trajectories: batch.batch,
    all: ofAll,
    groups: groups.map(({ group, rows }, index) => ({
      group,
      trajectories: rows.length,
      noise: compared(ofGroups[index]!, inUse, null, rows.length),
    })),
    ends,
    remarks: noiseRemarks({ all: ofAll, options, leftOut, groupSizes: groups.map(({ rows }) => rows.length) }),
  };
}

/** Without what depends on the estimator in use. `scale`: as against advantages that are not divided. */
type Power = Omit<EstimatorNoise, 'signal' | 'noise' | 'ratio'>;

function compared(powers: readonly Power[], inUse: EstimatorName | null, signal: number | null, count: number): EstimatorNoise[] {
  const used = powers.find(({ estimator }) => estimator === inUse);
  return powers.map((each) => {
    const scale = each.scale / (used?.scale ?? 1);
    const power = comparablePower({ power: each.power, scale });
    return {
      ...each,
      scale,
      signal,
      noise: signal === null ? null : Math.max(0, power - signal) / count,
      ratio: used !== undefined && used.power > 0 ? power / used.power : null,
    };
  });
}

/**
 * ‖E g‖² under the estimator in use. A measured ‖ḡ‖² holds noise as well: verl's estimate of it, (power − ‖ḡ‖²)/(N − 1), is taken out,
 * so that the noise of the estimator in use is just that. Null: not measured, or the power is too small for what was measured.
 */
function expectedSignal(powers: readonly Power[], count: number, { inUse, signal }: NoiseOptions): number | null {
  const used = powers.find(({ estimator }) => estimator === inUse);
  if (used === undefined || signal === null || !Number.isFinite(signal) || count < 2 || signal > used.power) return null;
  return Math.max(0, signal - (used.power - signal) / (count - 1));
}

/** Ends of stretches that hold about as many of all action tokens each; one stretch where there are none. */
function stretchEnds(batch: AdvantageBatch): readonly number[] {
  const counts = actionCounts(batch);
  const longest = Math.max(1, ...counts);
  const alive = new Float64Array(longest);
  for (const count of counts) for (let t = 0; t < count; t++) alive[t]!++;
  const perStretch = alive.reduce((sum, value) => sum + value, 0) / mostStretches;
  const ends: number[] = [];
  let tokens = 0;
  alive.forEach((count, t) => {
    tokens += count;
    if (tokens < perStretch * (ends.length + 1) - 1e-9 && t + 1 < longest) return;
    ends.push(t + 1);
  });
  return ends;
}

function rowsOf(groups: Float64Array): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const members = rows.get(group) ?? [];
    members.push(row);
    rows.set(group, members);
  });
  return new Map([...rows].sort(([a], [b]) => a - b));
}

/** What it is that estimators multiply, besides moving it by a constant. */
const unstretched: Readonly<Partial<Record<EstimatorName, 'reinforce' | 'dr_grpo'>>> = {
  rloo: 'dr_grpo',
  grpo: 'dr_grpo',
  reinforce_plus_plus: 'reinforce',
  reinforce_plus_plus_baseline: 'dr_grpo',
};

/** Those that do so with one factor for the whole batch; the others have one for each group. */
const whitening: ReadonlySet<EstimatorName> = new Set(['reinforce_plus_plus', 'reinforce_plus_plus_baseline']);

type RowAdvantages = Readonly<Record<'reinforce' | 'dr_grpo', Float64Array>>;

function advantagesByRow(batch: AdvantageBatch): RowAdvantages {
  const of = (name: 'reinforce' | 'dr_grpo'): Float64Array => {
    const advantages = new Float64Array(batch.mask.length);
    estimators[name](batch, advantages);
    return firstAdvantages(batch, advantages);
  };
  return { reinforce: of('reinforce'), dr_grpo: of('dr_grpo') };
}

/** [batch] the advantage of the first action of each response; 0 where there is none. */
function firstAdvantages({ batch, length, mask }: AdvantageBatch, advantages: Float64Array): Float64Array {
  return Float64Array.from({ length: batch }, (_, row) => {
    const first = mask.indexOf(1, row * length);
    return first >= 0 && first < (row + 1) * length ? advantages[first]! : 0;
  });
}

/**
 * How many times as long the estimator makes the advantages by multiplying. Advantages that are all c times what they were, and then
 * moved by a constant, have c times the mean absolute deviation: for those that whiten the batch, and for the others in one group,
 * that is exact; over groups that have a factor each it is the mean of these, by how large the advantages are.
 */
function stretchOf(estimator: EstimatorName, advantages: Float64Array, plain: RowAdvantages, rows: readonly number[]): number {
  const name = unstretched[estimator];
  if (name === undefined) return 1;
  const stretch = meanDeviation(advantages, rows) / meanDeviation(plain[name], rows);
  return Number.isFinite(stretch) && stretch > 0 ? stretch : 1;
}

function meanDeviation(values: Float64Array, rows: readonly number[]): number {
  const mean = rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  return rows.reduce((sum, row) => sum + Math.abs(values[row]! - mean), 0) / rows.length;
}
