import { MetricTable } from './metricTable.ts';
import type { MetricRows, MetricTableData } from './metricTable.ts';
import type { MetricsRecord } from './metrics.ts';

/**
 * The steps of records in the order of a file, for as long as none goes back. A line that adds other metrics to a step, or a step that
 * was missing (as a program does that writes its evaluations late), is no way back: nothing that was written is written again.
 */
export class Stretch {
  /** Number of records. */
  records = 0;
  /** Steps that had a value replaced by the next line. */
  replaced = 0;
  private lastReplaced = Number.NaN;

  constructor(
    readonly table = new MetricTable(),
    /** Step of the last record, where that was a step of its own and no addition to another. */
    private written = Number.NaN,
  ) {}

  /** Takes over the arrays of `data`. */
  static from({ table, written, records }: StretchData): Stretch {
    const stretch = new Stretch(MetricTable.from(table), written);
    stretch.records = records;
    return stretch;
  }

  get data(): StretchData {
    const { written, records } = this;
    return { table: this.table.data, written, records };
  }

  /** Whether a record writes again what stands at its step, or what stands first where its step comes before that. */
  goesBack({ step, data }: MetricsRecord): boolean {
    const { firstStep = Infinity, lastStep = -Infinity, length } = this.table;
    if (step > lastStep || step === this.written) return false;
    if (step < firstStep) return length > 1 && this.table.hasMostOf(0, data);
    const row = this.table.row(step);
    return row !== undefined && this.table.hasMostOf(row, data);
  }

  /** Adds a record. Returns the first row that is not what it was. */
  append(record: MetricsRecord): number {
    const { table } = this;
    const { step } = record;
    const row = step > (table.lastStep ?? -Infinity) ? undefined : table.row(step);
    if (row !== undefined && step !== this.lastReplaced && table.hasAnyOf(row, record.data)) {
      this.replaced++;
      this.lastReplaced = step;
    }
    this.records++;
    if (row === undefined) this.written = step;
    else if (step !== this.written) this.written = Number.NaN;
    return table.put(record);
  }

  /** Adds rows that ascend and lie beyond the last step, a record each. */
  appendRows(rows: MetricRows): void {
    this.table.appendRows(rows);
    this.records += rows.steps.length;
    this.written = rows.steps.at(-1) ?? this.written;
  }

  /** Adds the rows of another stretch from `from` on, the first of which lies beyond the last step. */
  join({ table, written }: Stretch, from = 0): void {
    this.table.appendRows(slice(table.allRows(), from, table.length));
    this.written = written;
  }

  /** Takes the values of these metrics away, from a step on. Returns the first row that is not what it was. */
  forget(from: number, keys: readonly string[]): number {
    const row = this.table.rowsBefore(from);
    this.table.forget(row, keys);
    return row;
  }

  /** Takes all but the first rows away, and returns them. */
  cut(rows: number): MetricRows {
    const { steps, times, columns } = slice(this.table.allRows(), rows, this.table.length);
    const own = columns.map(({ key, values, present }) => ({ key, values: values.slice(), present: present?.slice() }));
    const taken = { steps: steps.slice(), times: times.slice(), columns: own };
    this.table.truncate(rows);
    this.written = this.table.lastStep ?? Number.NaN;
    return taken;
  }
}

/** The first rows, without copying. */
export function firstRows(rows: MetricRows, count: number): MetricRows {
  return slice(rows, 0, count);
}

/** A stretch as plain data, for another thread. */
export interface StretchData {
  readonly table: MetricTableData;
  readonly written: number;
  readonly records: number;
}

/** Stretches beyond which a file is no log of a run, and not worth the memory: each has columns of its own. */
const mostStretches = 256;

/**
 * The records of a part of a file, as stretches of ascending steps in which no value is replaced. Nobody knows yet what comes before
 * the part: whoever does (`RunHistory.takeStretch`) decides what each beginning means. The first record stands alone at its step.
 */
export class Stretches {
  constructor(readonly all: Stretch[] = []) {}

  /** Whether there are so many that the rest is better read record by record. */
  get isFull(): boolean {
    return this.all.length > mostStretches;
  }

  /** Number of steps; those of all stretches together. */
  get steps(): number {
    return this.all.reduce((sum, { table }) => sum + table.length, 0);
  }

  /** Takes in a record. */
  append(record: MetricsRecord): void {
    const current = this.all.at(-1);
    if (current && goesOn(current.table, record)) current.append(record);
    else this.begin().append(record);
  }

  /** Takes in rows in the order of the file. */
  appendRows(rows: MetricRows): void {
    for (let at = 0; at < rows.steps.length;) {
      const current = this.all.at(-1) ?? this.begin();
      const end = ascendingEnd(rows.steps, at, current.table.lastStep);
      if (end > at) current.appendRows(slice(rows, at, end));
      at = end;
      if (at < rows.steps.length) this.append(recordAt(rows, at++));
    }
  }

  /** Takes in the stretches of the next part. */
  join(next: Stretches): void {
    for (const stretch of next.all) {
      const current = this.all.at(-1);
      if (current && (stretch.table.firstStep ?? -Infinity) > (current.table.lastStep ?? -Infinity)) {
        current.join(stretch);
        current.records += stretch.records;
      } else this.all.push(stretch);
    }
  }

  /** Makes room in the current stretch for so many steps. */
  reserve(rows: number): void {
    this.all.at(-1)?.table.reserve(rows);
  }

  private begin(): Stretch {
    const stretch = new Stretch();
    this.all.push(stretch);
    return stretch;
  }
}

/** Whether a record is of a later step, or adds metrics to the last one, which is not the first as well. */
function goesOn(table: MetricTable, { step, data }: MetricsRecord): boolean {
  const { length, lastStep = -Infinity } = table;
  return step > lastStep || (step === lastStep && length > 1 && !table.hasAnyOf(length - 1, data));
}

/** End of the rows from `at` on that ascend and lie beyond `last`. */
function ascendingEnd(steps: Float64Array, at: number, last = -Infinity): number {
  let highest = last;
  let end = at;
  while (end < steps.length && (steps[end] as number) > highest) highest = steps[end++] as number;
  return end;
}

/** The rows [from, to), without copying. */
function slice(rows: MetricRows, from: number, to: number): MetricRows {
  if (from === 0 && to === rows.steps.length) return rows;
  return {
    steps: rows.steps.subarray(from, to),
    times: rows.times.subarray(from, to),
    columns: rows.columns.map(({ key, values, present }) => ({
      key,
      values: values.subarray(from, to),
      present: present?.subarray(from, to),
    })),
  };
}

/** A row as a record. */
export function recordAt({ steps, times, columns }: MetricRows, row: number): MetricsRecord {
  const has = columns.filter(({ present }) => present?.[row] !== 0);
  const data = Object.fromEntries(has.map(({ key, values }) => [key, values[row] as number]));
  return { step: steps[row] as number, time: times[row] as number, data };
}
