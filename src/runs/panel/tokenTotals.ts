import { metricNames } from '../../core/records/metricNames.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { readColumn } from './tableColumns.ts';

/** verl's name for the tokens of a step, prompts and responses of all trajectories. */
const tokensOfStep = 'perf/total_num_tokens';
/** TRL's names for the tokens of all steps so far, prompts and responses; W&B and TensorBoard have the second. */
const tokensSoFar = ['num_tokens', 'train/num_tokens'] as const;

/**
 * All tokens up to and including each row: `num_tokens`, where a run logs it, else the sum of its steps' tokens. These are
 * `perf/total_num_tokens`, where a run logs it; else tokens per second times seconds, which is how the built-in trainer logs them
 * (prompts and tool tokens included). A step that logs none of them adds nothing. Summed once; a panel asks for the latest rows again
 * and again.
 */
export class TokenTotals {
  private totals = new Float64Array(64);
  private counted = 0;

  constructor(private readonly table: () => MetricTable) {}

  /** Rows from here on are not what they were. */
  changed(from: number): void {
    this.counted = Math.min(this.counted, from);
  }

  /** [to − from]; NaN where the run logs nothing that tells: whoever shows it can say so. */
  read(from: number, to: number): Float64Array {
    const table = this.table();
    const known = (key: string): boolean => table.keys.includes(key);
    if (!known(tokensOfStep) && !tokensSoFar.some(known) && !(known(metricNames.throughput) && known(metricNames.stepSeconds)))
      return new Float64Array(to - from).fill(Number.NaN);
    this.count(table, to);
    return this.totals.slice(from, to);
  }

  private count(table: MetricTable, to: number): void {
    if (to <= this.counted) return;
    if (to > this.totals.length) {
      const larger = new Float64Array(2 * to);
      larger.set(this.totals.subarray(0, this.counted));
      this.totals = larger;
    }
    const soFarKey = tokensSoFar.find((key) => table.keys.includes(key));
    const soFar = soFarKey === undefined ? undefined : readColumn(table, soFarKey, this.counted, to);
    const logged = readColumn(table, tokensOfStep, this.counted, to);
    const rate = readColumn(table, metricNames.throughput, this.counted, to);
    const seconds = readColumn(table, metricNames.stepSeconds, this.counted, to);
    let total = this.counted > 0 ? (this.totals[this.counted - 1] as number) : 0;
    for (let row = this.counted, i = 0; row < to; row++, i++) {
      const tokens = logged?.[i] ?? Number.NaN;
      const step = Number.isFinite(tokens) ? tokens : (rate?.[i] ?? Number.NaN) * (seconds?.[i] ?? Number.NaN);
      const all = soFar?.[i] ?? Number.NaN;
      // An axis does not go back.
      if (soFar !== undefined) total = Number.isFinite(all) ? Math.max(total, all) : total;
      else if (Number.isFinite(step)) total += step;
      this.totals[row] = total;
    }
    this.counted = to;
  }
}
