import type { CollapseDetector } from '../../core/collapse/detector.ts';
import type { CollapseRunEvent } from '../../core/records/events.ts';
import { setOwn } from '../../core/records/json.ts';
import { mayBe } from '../../core/records/metricRoles.ts';
import type { MetricRole } from '../../core/records/metricRoles.ts';
import type { ColumnView } from '../../core/records/metricColumn.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import { Stretch } from '../../core/records/stretch.ts';
import { stepsBeforeStrays } from '../../core/records/strays.ts';
import { detectorFor } from './detectCollapse.ts';
import type { JudgedRun } from './detectCollapse.ts';

/** What the detector looks at. */
const watchedRoles = ['gradNorm', 'score', 'entropy', 'responseLength', 'clipRatio'] as const satisfies readonly MetricRole[];

/** How many metrics a step has in all, where only a few of them are kept; no metric has such a name. */
const sizeKey = '@size';

/** Steps that are judged at one go, in a few milliseconds. */
const sliceRows = 5000;

/**
 * The collapse detector for a run whose own process says nothing of collapse, while the run grows: what it says is what
 * `detectCollapse` says of all that there is. Keeps the few metrics that it looks at, because a run that was resumed takes steps again,
 * and a metric may turn out to be the score only when it comes.
 */
export class CollapseJudge {
  private history = new RunHistory();
  private detector: CollapseDetector;
  /** What the detector was told of the run. */
  private told: string;
  /** Rows that the detector has seen, and of these those that are as it saw them. */
  private judged = 0;
  private seen = 0;
  private readonly isWatched = new Map<string, boolean>();

  constructor(private run: JudgedRun) {
    this.detector = detectorFor(run);
    this.told = whatIsTold(run);
  }

  /** What it has kept. */
  get table(): MetricTable {
    return this.history.table;
  }

  /** Takes in what is known of the run now; another metric in a role means that everything is judged anew. */
  setRun(run: JudgedRun): void {
    const told = whatIsTold(run);
    this.run = run;
    if (told !== this.told) this.seen = 0;
    this.told = told;
  }

  take(records: readonly MetricsRecord[]): void {
    for (const record of records) {
      const { table } = this.history;
      const kept = this.watchedOf(record);
      const changed = this.addsTo(record) ? this.history.takeMore(kept) : this.history.take(withSize(kept, sizeOf(record)));
      this.seen = Math.min(this.seen, table === this.history.table ? changed : 0);
    }
  }

  /** Takes in steps without taking them over. */
  takeStretches(stretches: readonly Stretch[]): void {
    for (const stretch of stretches) {
      const { steps, times, columns } = stretch.table.allRows();
      const own = new Stretch();
      const sizes = { key: sizeKey, values: sizesOf(columns, steps.length), present: undefined };
      own.appendRows({ steps, times, columns: [...columns.filter(({ key }) => this.watches(key)), sizes] });
      own.records = stretch.records;
      const goesOn = (own.table.firstStep ?? Infinity) > (this.history.table.lastStep ?? -Infinity);
      this.history.takeStretch(own);
      if (!goesOn) this.seen = 0;
    }
  }

  /** The metrics begin anew. */
  clear(): void {
    this.history = new RunHistory();
    this.seen = 0;
  }

  /** The steps from this one on, or these metrics of them, no longer hold. */
  forget(from: number, keys?: readonly string[]): void {
    this.seen = Math.min(this.seen, this.history.forget(from, keys));
  }

  /**
   * What the detector says of what was taken in since. `isAnew`: what it said before no longer holds. `isDone`: it has seen everything;
   * else call again, because of a long run it sees a part at a time.
   */
  update(): { readonly isAnew: boolean; readonly events: readonly CollapseRunEvent[]; readonly isDone: boolean } {
    const { table } = this.history;
    const end = stepsBeforeStrays(table.steps);
    const isAnew = this.judged > 0 && (this.seen < this.judged || this.judged > end);
    if (isAnew || this.judged === 0) this.detector = detectorFor(this.run);
    const from = isAnew ? 0 : this.judged;
    const to = Math.min(end, from + sliceRows);
    const events: CollapseRunEvent[] = [];
    for (const { step, time, data } of table.records(undefined, from, to))
      for (const event of this.detector.update(step, data)) events.push({ ...event, time });
    this.seen = this.judged = to;
    return { isAnew, events, isDone: to === end };
  }

  /**
   * Whether a record only adds a few metrics to a step that has many: of the metrics kept here it may have most, of all of them it has not.
   */
  private addsTo({ step, data }: MetricsRecord): boolean {
    const { table } = this;
    const row = table.row(step);
    const size = row === undefined ? undefined : table.column(sizeKey)?.values[row];
    return size !== undefined && 2 * sizeOf({ data }) < size;
  }

  private watches(key: string): boolean {
    let watched = this.isWatched.get(key);
    if (watched === undefined) {
      watched = watchedRoles.some((role) => mayBe(role, key)) || Object.values(this.run.metricKeys).includes(key);
      this.isWatched.set(key, watched);
    }
    return watched;
  }

  /** The record with the metrics that the detector may look at. */
  private watchedOf({ step, time, data }: MetricsRecord): MetricsRecord {
    const kept: Record<string, number> = {};
    for (const key in data) if (this.watches(key)) setOwn(kept, key, data[key] as number);
    return { step, time, data: kept };
  }
}

function withSize({ step, time, data }: MetricsRecord, size: number): MetricsRecord {
  return { step, time, data: { ...data, [sizeKey]: size } };
}

function sizeOf({ data }: Pick<MetricsRecord, 'data'>): number {
  return Object.keys(data).length;
}

function sizesOf(columns: readonly ColumnView[], rows: number): Float64Array {
  const sizes = new Float64Array(rows);
  for (const { present } of columns) for (let row = 0; row < rows; row++) sizes[row] = (sizes[row] as number) + (present?.[row] ?? 1);
  return sizes;
}

function whatIsTold({ metricKeys, estimator, maxGradNorm, sensitivity }: JudgedRun): string {
  return JSON.stringify([metricKeys, estimator, maxGradNorm, sensitivity]);
}
