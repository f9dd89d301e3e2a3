import { finalScore } from '../../core/comparison/runSummary.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { medianInPlace } from '../../core/statistics/selection.ts';
import { BestScore } from './bestScore.ts';
import { readColumn } from './tableColumns.ts';

/** What a run table shows of a whole run; null: not logged. */
export interface WholeRunNumbers {
  readonly medianGradNorm: number | null;
  /** Infinity where the gradient norm overflowed or was no number. */
  readonly maxGradNorm: number | null;
  /** Best mean score over 20 consecutive steps, as in `RunSummary`. */
  readonly bestScore: number | null;
  /** As in `RunSummary`. */
  readonly finalScore: number | null;
}

/** Rows that are looked at in one go, for a few milliseconds. */
const sliceRows = 50_000;
/** Growth after which the median is taken again: a hundredth more rows move no median by much. */
const medianGrowth = 1.01;

/** Maximum, median, best and final score of a run as it grows. Looks at each row once, but for the median. */
export class RunStatistics {
  /** The first row that is the run's own, as far as there is one. */
  private from = 0;
  private counted = 0;
  private maximum: number | null = null;
  private median: number | null = null;
  /** Rows that the median was taken of. */
  private medianRows = 0;
  /** What the median is being taken of. */
  private gathering: Gathering | undefined;
  private best = new BestScore();
  private final: number | null = null;

  /** `after`: of a branch, the last step that it has from another run. */
  constructor(private readonly after = Number.NEGATIVE_INFINITY) {}

  get numbers(): WholeRunNumbers {
    return { medianGradNorm: this.median, maxGradNorm: this.maximum, bestScore: this.best.value, finalScore: this.final };
  }

  /** Rows from here on are not what they were. */
  changed(from: number): void {
    if (from < (this.gathering?.rows ?? 0)) this.gathering = undefined;
    if (from >= this.counted) return;
    this.counted = 0;
    this.maximum = null;
    this.medianRows = 0;
    this.best = new BestScore();
    this.final = null;
  }

  /**
   * Takes in some of the rows that are new; call it until it returns that there was nothing to do. `exact`: the median is to be of
   * all rows, as when a run has ended.
   */
  update(table: MetricTable, { gradNorm, score }: MetricKeys, exact: boolean): boolean {
    const { length } = table;
    this.begin(table);
    if (this.counted < length) {
      const to = Math.min(length, this.counted + sliceRows);
      for (const norm of columnOf(table, gradNorm, this.counted, to) ?? []) {
        if (!Number.isNaN(norm)) this.maximum = Math.max(this.maximum ?? Number.NEGATIVE_INFINITY, norm);
      }
      this.best.update(table, score, to);
      this.counted = to;
      if (to === length)
        this.final = finalScore({
          steps: table.steps.subarray(this.from),
          score: (score === undefined ? undefined : table.column(score))?.values.subarray(this.from) ?? [],
        });
      return true;
    }
    if (this.gathering === undefined) {
      if (length === this.medianRows || (!exact && length < this.medianRows * medianGrowth)) return false;
      this.gathering = new Gathering(length, Math.min(length, this.from));
    }
    const { gathering } = this;
    if (gathering.take((from, to) => columnOf(table, gradNorm, from, to))) return true;
    this.median = gathering.median();
    this.medianRows = gathering.rows;
    this.gathering = undefined;
    return true;
  }

  /** What a branch has from another run is none of its numbers. */
  private begin(table: MetricTable): void {
    if (this.after === Number.NEGATIVE_INFINITY || this.counted > 0) return;
    this.from = table.rowsBefore(this.after + 1);
    this.best = new BestScore(this.from);
    this.counted = this.from;
  }
}

function columnOf(table: MetricTable, key: string | undefined, from: number, to: number): Float64Array | undefined {
  return key === undefined ? undefined : readColumn(table, key, from, to);
}

/** The values of the first rows that have one, put together bit by bit. */
class Gathering {
  private readonly values: Float64Array;
  private count = 0;
  private next: number;

  constructor(
    readonly rows: number,
    from: number,
  ) {
    this.values = new Float64Array(rows - from);
    this.next = from;
  }

  /** Takes in some more rows; returns whether any are left. */
  take(read: (from: number, to: number) => Float64Array | undefined): boolean {
    const from = this.next;
    this.next = Math.min(this.rows, from + 4 * sliceRows);
    for (const value of read(from, this.next) ?? []) if (!Number.isNaN(value)) this.values[this.count++] = value;
    return this.next < this.rows;
  }

  /** Of all of them; rearranges them. */
  median(): number | null {
    return this.count === 0 ? null : medianInPlace(this.values, this.count);
  }
}
