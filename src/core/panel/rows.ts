/**
 * Columns that every run has besides its metrics: seconds since 1970, and all tokens generated up to and including a step. Their
 * names cannot be those of metrics.
 */
export const pseudoColumns = { time: '@time', tokens: '@tokens' } as const;

/** Columns of the metrics that Figure 1 shows, whatever they are called in each run; no metric has such a name either. */
export const roleColumns = { gradNorm: '@gradNorm', score: '@score' } as const;

/** What a chart of Figure 1 shows. */
export type FigureRole = keyof typeof roleColumns;

export const figureRoles: readonly FigureRole[] = ['gradNorm', 'score'];

/** Steps of a run's rows. Nearly every run logs every step, and a million numbers that say so need not be sent. */
export type StepColumn = Float64Array | StepSequence;

/** The steps first, first + stride, … */
export interface StepSequence {
  readonly first: number;
  readonly stride: number;
  readonly count: number;
}

/** Rows of a run's metrics, in ascending order of step. */
export interface Rows {
  /** Number of rows before these; rows that were there from here on are replaced: a resumed run writes steps again. */
  readonly from: number;
  readonly steps: StepColumn;
  /** By metric or pseudo column, each as long as `steps`. NaN: not logged at that step; infinite: it overflowed, or was logged as NaN. */
  readonly columns: Readonly<Record<string, ValueColumn>>;
}

/** Values of a column: of many rows in single precision, which is more than a picture shows, and takes half the time to arrive. */
export type ValueColumn = Float64Array | Float32Array;

/** Number of rows. */
export function rowCount(steps: StepColumn): number {
  return steps instanceof Float64Array ? steps.length : steps.count;
}

/** A copy of the steps in the shortest form. */
export function compactSteps(steps: Float64Array): StepColumn {
  const [first = 0, second = first + 1] = steps;
  const stride = second - first;
  for (let i = 1; i < steps.length; i++) if (steps[i] !== first + i * stride) return steps.slice();
  return { first, stride, count: steps.length };
}

/** Smallest number above zero that single precision holds with all its digits. */
const smallestSingle = 2 ** -126;

/** A copy of the values in single precision, unless one of them is too large or too small for it. */
export function compactValues(values: Float64Array): ValueColumn {
  const singles = new Float32Array(values);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const isLost = Math.abs(value) < smallestSingle ? value !== 0 : Number.isFinite(value) && !Number.isFinite(singles[i]);
    if (isLost) return values.slice();
  }
  return singles;
}
