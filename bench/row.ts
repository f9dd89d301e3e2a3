/** One measured comparison: medians of alternating repeats, ours and a named peer's. */
export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  readonly peer: string;
  readonly theirs: number;
  /** ours / theirs */
  readonly ratio: number;
  /** Unit of both numbers; says whether more or less is better. */
  readonly unit: string;
}
