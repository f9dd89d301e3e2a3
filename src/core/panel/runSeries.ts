import type { Curve, CurveKind } from './curve.ts';

/** One line of a chart: a column of a run against another. Stays the same object while the run grows. */
export interface RunSeries {
  /** Number of rows. */
  readonly length: number;
  /** How often values that were there have been replaced or taken back. */
  readonly revision: number;
  /** Ascending. */
  readonly steps: Float64Array;
  /** Ascending. */
  readonly x: Float64Array;
  /** NaN: nothing logged there. */
  readonly y: Float64Array;
  /** What is drawn of it, up to date with its rows. */
  curve(kind: CurveKind): Curve;
}
