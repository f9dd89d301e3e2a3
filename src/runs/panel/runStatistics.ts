import { metricNames } from '../../core/records/metricNames.ts';
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
}

export const noNumbers: WholeRunNumbers = { medianGradNorm: null, maxGradNorm: null, bestScore: null };

/** Growth after which the median is taken again: a hundredth more rows move no median by much. */
const medianGrowth = 1.01;

/** Maximum, median and best score of a run as it grows. Looks at each row once, but for the median. */
export class RunStatistics {
  private counted = 0;
  private maximum: number | null = null;
  private median: number | null = null;
  /** Rows that the median was taken of. */
  private medianRows = 0;
  private best = new BestScore();

  /** Rows from here on are not what they were. */
  changed(from: number): void {
    if (from >= this.counted) return;
    this.counted = 0;
    this.maximum = null;
    this.median = null;
    this.medianRows = 0;
    this.best = new BestScore();
  }

  /** `exact`: the median is of all rows, as it should be when a run has ended. */
  update(table: MetricTable, exact: boolean): WholeRunNumbers {
    const rows = table.length;
    const norms = readColumn(table, metricNames.gradNorm, this.counted, rows) ?? [];
    for (const norm of norms) if (!Number.isNaN(norm)) this.maximum = Math.max(this.maximum ?? -Infinity, norm);
    this.best.update(table);
    this.counted = rows;
    if (rows !== this.medianRows && (exact || rows >= this.medianRows * medianGrowth)) {
      this.median = medianOf(readColumn(table, metricNames.gradNorm, 0, rows));
      this.medianRows = rows;
    }
    return { medianGradNorm: this.median, maxGradNorm: this.maximum, bestScore: this.best.value };
  }
}

function medianOf(values: Float64Array | undefined): number | null {
  if (!values) return null;
  const present = values.filter((value) => !Number.isNaN(value));
  return present.length === 0 ? null : medianInPlace(present);
}
