import { bestScoreSteps } from '../../core/comparison/runSummary.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { readColumn } from './tableColumns.ts';

/** The best score of a run as it grows: `bestScore` of a run's summary, with each row looked at once. */
export class BestScore {
  /** Rows taken in. */
  private counted: number;
  /** First row of the window that ends with the last row taken in. */
  private start: number;
  private sum = 0;
  private scored = 0;
  private best: number | null = null;

  /** `from`: the first row that counts. */
  constructor(private readonly from = 0) {
    this.counted = from;
    this.start = from;
  }

  /** Best mean score over 20 consecutive steps; of all steps, where there are fewer; null: none has a score. */
  get value(): number | null {
    return this.best ?? (this.scored === 0 ? null : this.sum / this.scored);
  }

  /** Takes in the rows up to `rows`. */
  update(table: MetricTable, key: string | undefined, rows: number): void {
    const offset = this.start;
    const scores = key === undefined ? undefined : readColumn(table, key, offset, rows);
    const first = table.steps[this.from];
    if (!scores || first === undefined) return;
    const steps = table.steps.subarray(offset);
    for (let row = this.counted; row < rows; row++) {
      const step = steps[row - offset] as number;
      const score = scores[row - offset] as number;
      if (Number.isFinite(score)) {
        this.sum += score;
        this.scored++;
      }
      for (; (steps[this.start - offset] as number) <= step - bestScoreSteps; this.start++) {
        const gone = scores[this.start - offset] as number;
        if (!Number.isFinite(gone)) continue;
        this.sum -= gone;
        this.scored--;
      }
      if (step - first < bestScoreSteps - 1 || this.scored === 0) continue;
      this.best = Math.max(this.best ?? -Infinity, this.sum / this.scored);
    }
    this.counted = rows;
  }
}
