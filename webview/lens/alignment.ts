import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { zeroTail } from '../../src/core/estimators/zeroTail.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';

/** The responses of a group set side by side as an estimator does it. */
export interface Alignment {
  readonly by: 'chosen' | 'response';
  /** Places; as many as the longest has. */
  readonly length: number;
  readonly rows: readonly AlignedRow[];
  /** The row whose baseline is 0 from a place on, because nobody else is left there; null: none. */
  readonly zeroTail: { readonly row: number; readonly from: number } | null;
}

export interface AlignedRow {
  readonly trajectory: Trajectory;
  /** Token of the response by place. */
  readonly tokens: Uint32Array;
}

export function isTokenBaseline(estimator: EstimatorName): boolean {
  return estimator === 'optimal_token_baseline' || estimator === 'tir_optimal_token_baseline';
}

/** `tir_optimal_token_baseline` counts the tokens that the policy chose, everything else all of the response. */
export function align(trajectories: readonly Trajectory[], estimator: EstimatorName): Alignment {
  const by = estimator === 'tir_optimal_token_baseline' ? 'chosen' : 'response';
  const rows = trajectories.map((trajectory) => {
    const all = Uint32Array.from(trajectory.response.keys());
    return { trajectory, tokens: by === 'chosen' ? all.filter((token) => trajectory.mask?.[token] !== 0) : all };
  });
  const length = Math.max(0, ...rows.map(({ tokens }) => tokens.length));
  return { by, length, rows, zeroTail: isTokenBaseline(estimator) ? zeroTailOf(rows, estimator) : null };
}

/** Where the estimator has it, if that is what the values say: a run can be told to go without. */
function zeroTailOf(rows: readonly AlignedRow[], estimator: EstimatorName): Alignment['zeroTail'] {
  const counts = rows.map(({ trajectory }) =>
    trajectory.response.reduce((sum, _, token) => sum + (trajectory.mask?.[token] === 0 ? 0 : 1), 0),
  );
  if (rows.length === 0) return null;
  const tail = zeroTail(counts, true);
  const aligned = tail && rows[tail.member];
  if (!aligned || tail.from >= aligned.tokens.length) return null;
  const baseline = aligned.trajectory.baselines[estimator];
  if (baseline === undefined) return null;
  for (const token of aligned.tokens.subarray(tail.from)) {
    const value = typeof baseline === 'number' ? baseline : (baseline[token] ?? NaN);
    if (Math.abs(value) > 1e-5) return null;
  }
  return { row: tail.member, from: tail.from };
}

/** Rows whose token at a place goes into the baseline there: those that have one there that was chosen. */
export function aliveAt({ rows }: Alignment, place: number): readonly AlignedRow[] {
  return rows.filter(({ trajectory, tokens }) => {
    const token = tokens[place];
    return token !== undefined && trajectory.mask?.[token] !== 0;
  });
}
