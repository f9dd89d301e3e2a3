import { estimatorNames, type EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { LensHostMessage, LensRow } from '../../src/core/lens/messages.ts';
import type { NoiseReport } from '../../src/core/lens/noise.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import { usualLook, type LensLook, type SortKey } from './lensLook.ts';

type Said<T extends LensHostMessage['type']> = Extract<LensHostMessage, { readonly type: T }>;

/** All that a lens knows. What it shows is worked out of this. */
export class LensState {
  source: Said<'source'> | null = null;
  /** The step that is shown; null: none yet. */
  step: number | null = null;
  rows: readonly LensRow[] = [];
  isComplete = false;
  malformed: Said<'malformed'>['lines'] = [];
  failure: string | null = null;
  noise: NoiseReport | string | null = null;
  /** Sequences that have what is searched for; null: nothing is, or there is no answer yet. */
  found: ReadonlySet<number> | null = null;
  /** Whole trajectories, of a group at most. */
  readonly whole = new Map<number, Trajectory>();
  view: LensLook;

  constructor(memory: LensLook | null) {
    this.view = memory ?? usualLook;
  }

  begin(step: number): void {
    this.step = step;
    this.rows = [];
    this.isComplete = false;
    this.malformed = [];
    this.failure = null;
    this.noise = null;
    this.found = null;
    this.whole.clear();
    this.view = { ...this.view, step };
  }

  /** The estimator that is looked at. */
  get estimator(): EstimatorName {
    return this.view.estimator ?? this.source?.estimator ?? this.estimators[0] ?? 'tir_optimal_token_baseline';
  }

  /** Those of which something is known. */
  get estimators(): readonly EstimatorName[] {
    const known = new Set(this.rows.flatMap(({ largestAdvantage }) => Object.keys(largestAdvantage)));
    return estimatorNames.filter((name) => known.has(name)).toReversed();
  }

  get opened(): LensRow | null {
    return this.rows.find(({ sequence }) => sequence === this.view.sequence) ?? null;
  }

  get openedTrajectory(): Trajectory | null {
    return this.view.sequence === null ? null : (this.whole.get(this.view.sequence) ?? null);
  }

  /** All of a group, in their order. */
  groupOf(row: LensRow): readonly LensRow[] {
    return this.rows.filter(({ group }) => group === row.group);
  }

  /** Without those of other groups: they are many megabytes. */
  keep(trajectories: readonly Trajectory[]): void {
    for (const trajectory of trajectories) this.whole.set(trajectory.sequence, trajectory);
    const group = this.opened?.group;
    for (const [sequence, trajectory] of this.whole) if (trajectory.group !== group) this.whole.delete(sequence);
  }

  /** What the list shows, in its order. */
  get listed(): readonly LensRow[] {
    const { filter, sort, isDescending, search } = this.view;
    const { estimator } = this;
    const rows = this.rows.filter(
      ({ sequence, reward, group, truncated }) =>
        (filter.least === null || (reward !== null && reward >= filter.least)) &&
        (filter.most === null || (reward !== null && reward <= filter.most)) &&
        (filter.group === null || group === filter.group) &&
        (filter.truncated === 'any' || truncated === (filter.truncated === 'yes')) &&
        (search === '' || this.found === null || this.found.has(sequence)),
    );
    const sign = isDescending ? -1 : 1;
    return rows.sort((a, b) => {
      const [first, second] = [sortValue(a, sort, estimator), sortValue(b, sort, estimator)];
      // What is not known comes last.
      if (first === null || second === null) return first === second ? a.sequence - b.sequence : first === null ? 1 : -1;
      return sign * (first - second) || a.sequence - b.sequence;
    });
  }
}

function sortValue(row: LensRow, key: SortKey, estimator: EstimatorName): number | null {
  if (key === 'length') return lengthOf(row);
  if (key !== 'advantage') return row[key];
  const largest = row.largestAdvantage[estimator];
  return largest === undefined ? null : Math.abs(largest);
}

/** Tokens, or characters where there are none. */
export function lengthOf({ tokens, characters }: LensRow): number {
  return tokens ?? characters;
}
