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
  private counted = 0;
  private maximum: number | null = null;
  private median: number | null = null;
  /** Rows that the median was taken of. */
  private medianRows = 0;
  private best = new BestScore();
  private final: number | null = null;

  get numbers(): WholeRunNumbers {
    return { medianGradNorm: this.median, maxGradNorm: this.maximum, bestScore: this.best.value, finalScore: this.final };
  }

  /** Rows from here on are not what they were. */
  changed(from: number): void {
    if (from >= this.counted) return;
    this.counted = 0;
    this.maximum = null;
    this.medianRows = 0;
    this.best = new BestScore();
  }

  /**
   * Takes in some of the rows that are new; call it until it returns that there was nothing to do. `exact`: the median is to be of
   * all rows, as when a run has ended.
   */
  update(table: MetricTable, { gradNorm, score }: MetricKeys, exact: boolean): boolean {
    const { length } = table;
    if (this.counted < length) {
      const to = Math.min(length, this.counted + sliceRows);
      for (const norm of columnOf(table, gradNorm, this.counted, to) ?? []) {
        if (!Number.isNaN(norm)) this.maximum = Math.max(this.maximum ?? Number.NEGATIVE_INFINITY, norm);
      }
      this.best.update(table, score, to);
      this.counted = to;
      if (to === length)
        this.final = finalScore({ steps: table.steps, score: (score === undefined ? undefined : table.column(score))?.values ?? [] });
      return true;
    }
    if (length === this.medianRows || (!exact && length < this.medianRows * medianGrowth)) return false;
    this.median = medianOf(columnOf(table, gradNorm, 0, length) ?? new Float64Array());
    this.medianRows = length;
    return true;
  }
}

function columnOf(table: MetricTable, key: string | undefined, from: number, to: number): Float64Array | undefined {
  return key === undefined ? undefined : readColumn(table, key, from, to);
}

/** Of the values that are there; rearranges them. */
function medianOf(values: Float64Array): number | null {
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) values[count++] = value;
  }
  return count === 0 ? null : medianInPlace(values, count);
}
