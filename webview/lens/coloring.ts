import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';

/** What a token can be coloured by, with how it is called. */
export const colorings = {
  probability: 'Probability π',
  sumPiSquared: 'Σπ²',
  tokenEnergy: 'Energy w_t',
  accumulatedEnergy: 'Accumulated energy W_t',
  baseline: 'Baseline B_t',
  advantage: 'Advantage A_t',
} as const;

export type Coloring = keyof typeof colorings;

/** Whether it is another under each estimator. */
export function isOfEstimator(coloring: Coloring): boolean {
  return coloring === 'baseline' || coloring === 'advantage';
}

/** A value of each token, NaN where there is none. */
export type ValueAt = (token: number) => number;

/** Null: the source does not say it of this trajectory. */
export function valuesOf(trajectory: Trajectory, coloring: Coloring, estimator: EstimatorName): ValueAt | null {
  const column = columnOf(trajectory, coloring, estimator);
  if (column === undefined || column === null) return null;
  const { mask } = trajectory;
  if (typeof column === 'number') return (token) => (mask?.[token] === 0 ? NaN : column);
  if (coloring === 'probability') return (token) => Math.exp(column[token] ?? NaN);
  return (token) => column[token] ?? NaN;
}

function columnOf(trajectory: Trajectory, coloring: Coloring, estimator: EstimatorName): Float32Array | number | null | undefined {
  switch (coloring) {
    case 'probability':
      return trajectory.logProbs;
    case 'advantage':
      return trajectory.advantages[estimator];
    case 'baseline':
      return trajectory.baselines[estimator];
    default:
      return trajectory[coloring];
  }
}

/** The numbers that the colours stand for. Around 0, `low` is −`high`. */
export interface ColorRange {
  readonly low: number;
  readonly high: number;
  readonly isDiverging: boolean;
}

export interface Colored {
  readonly values: ValueAt;
  readonly tokens: number;
}

/** One range for all that is seen together. Probabilities and Σπ² always have the whole of theirs. */
export function rangeOf(coloring: Coloring, colored: readonly Colored[]): ColorRange {
  if (coloring === 'probability' || coloring === 'sumPiSquared') return { low: 0, high: 1, isDiverging: false };
  let size = 0;
  for (const { values, tokens } of colored)
    for (let token = 0; token < tokens; token++) {
      const value = Math.abs(values(token));
      if (value > size && value < Infinity) size = value;
    }
  const isDiverging = isOfEstimator(coloring);
  return { low: isDiverging ? -size : 0, high: size, isDiverging };
}

/** Tones on each side of 0. */
export const tones = 10;

/** Which tone stands for a value, −10 to 10; null: it has none. What is not 0 is told from 0. */
export function toneOf(value: number, { high, isDiverging }: ColorRange): number | null {
  if (Number.isNaN(value)) return null;
  if (value === 0 || high === 0) return 0;
  const share = Math.min(1, Math.abs(value) / high);
  const tone = isDiverging ? Math.max(1, Math.round(share * tones)) : Math.round(share * tones);
  return value < 0 ? -tone : tone;
}
