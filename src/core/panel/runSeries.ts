/** One line of a chart: a column of a run against another. */
export interface RunSeries {
  /** Number of points. */
  readonly length: number;
  /** Ascending. */
  readonly x: Float64Array;
  /** NaN: nothing logged there. */
  readonly y: Float64Array;
}
