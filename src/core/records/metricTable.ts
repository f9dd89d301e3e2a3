import { setOwn } from './json.ts';
import { MetricColumn, grown } from './metricColumn.ts';
import type { ColumnView, MetricColumnData } from './metricColumn.ts';
import type { MetricsRecord } from './metrics.ts';

/** The values of one metric, in order of step. Both arrays have the same length; a step without the metric is not there. */
export interface MetricSeries {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Many steps at once, by column. */
export interface MetricRows {
  readonly steps: Float64Array;
  readonly times: Float64Array;
  /** Each as long as `steps`; `present` as in a ColumnView. */
  readonly columns: readonly ({ readonly key: string } & ColumnView)[];
}

/** Up to so many metrics, a run may have as many steps as there are. */
const mostMetrics = 1000;
/** Beyond this each column has memory of its own: of two that are there while a table grows, the old one can go sooner. */
const mostBytesAtOnce = 64 << 20;
/** Steps from one value of a metric to the next. */
const usualGap = 64;
/** With more metrics, rows of all columns together, at 9 bytes each: enough for 10,000 metrics that are logged in 3,000 steps. */
const mostCells = 1 << 25;

/**
 * The metrics of a run, a row for each step in order of step, kept by column: a million steps of twenty metrics take 180 MB where
 * objects would take gigabytes. A step that is there already (a resumed run wrote it again) is overwritten, metric by metric.
 */
export class MetricTable {
  private rows = 0;
  private stepColumn = new Float64Array(64);
  private timeColumn = new Float64Array(64);
  private readonly columns = new Map<string, MetricColumn>();
  /** Values that were left out because the metrics are too many. */
  private tooMany = 0;
  /** Rows of all columns together, of what came after there were many metrics. */
  private cells = 0;

  /** The table that another thread made; takes over its arrays. */
  static from({ rows, steps, times, columns }: MetricTableData): MetricTable {
    const table = new MetricTable();
    table.rows = rows;
    table.stepColumn = steps;
    table.timeColumn = times;
    for (const { key, ...column } of columns) table.columns.set(key, MetricColumn.from(column));
    return table;
  }

  /** The table's own arrays, for another thread; they may be longer than the table. */
  get data(): MetricTableData {
    const columns = Array.from(this.columns, ([key, column]) => ({ key, ...column.data }));
    return { rows: this.rows, steps: this.stepColumn, times: this.timeColumn, columns };
  }

  /** Values that were left out, because a file with ever new metrics is no log of a run and would fill the memory. */
  get leftOut(): number {
    return this.tooMany;
  }

  /** Number of steps. */
  get length(): number {
    return this.rows;
  }

  /** Names of the metrics, in order of appearance. */
  get keys(): readonly string[] {
    return [...this.columns.keys()];
  }

  get firstStep(): number | undefined {
    return this.rows > 0 ? this.stepColumn[0] : undefined;
  }

  get lastStep(): number | undefined {
    return this.rows > 0 ? this.stepColumn[this.rows - 1] : undefined;
  }

  /** [rows] The steps, without copying; holds until the table changes. */
  get steps(): Float64Array {
    return this.stepColumn.subarray(0, this.rows);
  }

  /** [rows] Seconds since 1970 of each step, NaN where it is not known, without copying; holds until the table changes. */
  get times(): Float64Array {
    return this.timeColumn.subarray(0, this.rows);
  }

  /** One metric by row, without copying; holds until the table changes. Undefined where no step has it. */
  column(key: string): ColumnView | undefined {
    return this.columns.get(key)?.view(this.rows);
  }

  /** The row of a step; undefined where it is not there. */
  row(step: number): number | undefined {
    const row = this.findRow(step);
    return row < this.rows && this.stepColumn[row] === step ? row : undefined;
  }

  /** Number of rows with lower steps. */
  rowsBefore(step: number): number {
    return this.findRow(step);
  }

  /** Whether a row has one of these metrics. */
  hasAnyOf(row: number, data: MetricsRecord['data']): boolean {
    for (const key in data) if (this.columns.get(key)?.has(row)) return true;
    return false;
  }

  /** Whether at least half of the metrics that a row has are among these. */
  hasMostOf(row: number, data: MetricsRecord['data']): boolean {
    let all = 0;
    let common = 0;
    for (const [key, column] of this.columns) {
      if (!column.has(row)) continue;
      all++;
      if (Object.hasOwn(data, key)) common++;
    }
    return common > 0 && 2 * common >= all;
  }

  /** Everything, for another table to take in; holds until this one changes. */
  allRows(): MetricRows {
    const columns = Array.from(this.columns, ([key, column]) => ({ key, ...column.view(this.rows) }));
    return { steps: this.steps, times: this.times, columns };
  }

  /** Forgets all but the first rows, and the metrics that none of them has. */
  truncate(rows: number): void {
    this.rows = Math.min(this.rows, rows);
    for (const [key, column] of this.columns) {
      column.truncate(rows);
      if (column.isEmpty) this.columns.delete(key);
    }
  }

  /** Forgets these metrics from a row on, and the last rows that have no metric then. */
  forget(row: number, keys: readonly string[]): void {
    for (const key of keys) {
      const column = this.columns.get(key);
      column?.truncate(row);
      if (column?.isEmpty === true) this.columns.delete(key);
    }
    let { rows } = this;
    const columns = [...this.columns.values()];
    while (rows > row && !columns.some((column) => column.has(rows - 1))) rows--;
    this.truncate(rows);
  }

  /** Adds a step. Returns whether it came in order; false: it was there already, or a later one was. */
  append(record: MetricsRecord): boolean {
    const { rows } = this;
    return this.put(record) === rows;
  }

  /** Adds steps. Returns the first row that is not what it was. */
  appendAll(records: readonly MetricsRecord[]): number {
    let changed = this.rows;
    for (const record of records) changed = Math.min(changed, this.put(record));
    return changed;
  }

  /** Adds steps as if one by one; metrics that are new come in the order of `columns`. Returns the first row that is not what it was. */
  appendRows({ steps, times, columns }: MetricRows): number {
    let changed = this.rows;
    const back = stepsBack(steps, this.lastStep);
    for (let i = 0; i < back; i++) {
      const row = this.rowFor(steps[i] as number);
      this.timeColumn[row] = times[i] as number;
      for (const { key, values, present } of columns) if (present?.[i] !== 0) this.set(key, row, values[i] as number);
      changed = Math.min(changed, row);
    }
    const from = this.rows;
    this.reserve(from + steps.length - back);
    this.stepColumn.set(steps.subarray(back), from);
    this.timeColumn.set(times.subarray(back), from);
    this.rows += steps.length - back;
    for (const { key, values, present } of columns) {
      const flags = present?.subarray(back);
      if (back === steps.length || (flags && !flags.includes(1))) continue;
      const column = this.columnFor(key, this.rows);
      if (column) column.setRows(from, values.subarray(back), flags);
      else this.tooMany += flags ? flags.reduce((sum, flag) => sum + flag, 0) : steps.length - back;
    }
    return changed;
  }

  /** Makes room for so many steps. */
  reserve(rows: number): void {
    const capacity = this.stepColumn.length;
    if (rows <= capacity) return;
    const larger = Math.max(rows, 2 * capacity);
    const growing = this.columns.size <= mostMetrics ? [...this.columns.values()].filter((column) => column.lacksRoom(larger)) : [];
    const allocate = allocator(2 + growing.length, larger);
    this.stepColumn = grown(this.stepColumn, allocate());
    this.timeColumn = grown(this.timeColumn, allocate());
    for (const column of growing) column.moveTo(allocate());
  }

  /** One metric over the steps that have it; undefined where no step does. */
  series(key: string): MetricSeries | undefined {
    return this.columns.get(key)?.series(this.stepColumn);
  }

  /** The steps of the rows [from, to) again as records, in order of step; with these metrics alone, where they are named. */
  *records(keys?: readonly string[], from = 0, to = this.rows): IterableIterator<MetricsRecord> {
    const columns = [...this.columns].filter(([key]) => keys?.includes(key) ?? true);
    for (let row = from; row < Math.min(to, this.rows); row++) {
      const data: Record<string, number> = {};
      for (const [key, column] of columns) if (column.has(row)) setOwn(data, key, column.get(row));
      yield { step: this.stepColumn[row] as number, time: this.timeColumn[row] as number, data };
    }
  }

  /** Writes a step into its row, and returns which that is. */
  put({ step, time, data }: MetricsRecord): number {
    const row = this.rowFor(step);
    this.timeColumn[row] = time;
    for (const key in data) this.set(key, row, data[key] as number);
    return row;
  }

  /** The row of a step, made if need be. */
  private rowFor(step: number): number {
    const inOrder = this.rows === 0 || step > (this.stepColumn[this.rows - 1] as number);
    const row = inOrder ? this.rows : this.findRow(step);
    if (row === this.rows || this.stepColumn[row] !== step) this.insertRow(row);
    this.stepColumn[row] = step;
    return row;
  }

  private set(key: string, row: number, value: number): void {
    const column = this.columnFor(key, row + 1);
    if (column) column.set(row, value);
    else this.tooMany++;
  }

  /** The column of a metric, for values before the row `end`; undefined where there is no room for it. */
  private columnFor(key: string, end: number): MetricColumn | undefined {
    let column = this.columns.get(key);
    if (this.columns.size >= mostMetrics && !this.hasRoom(column, end)) return undefined;
    if (!column) this.columns.set(key, (column = new MetricColumn(this.columns.size < mostMetrics ? this.stepColumn.length : 0)));
    return column;
  }

  private hasRoom(column: MetricColumn | undefined, end: number): boolean {
    const more = end - (column?.length ?? 0);
    // What goes on being logged takes no more room than the file itself.
    if (more <= usualGap) return true;
    if (this.cells + more > mostCells) return false;
    this.cells += more;
    return true;
  }

  /** First row whose step is not below `step`. */
  private findRow(step: number): number {
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stepColumn[middle] as number) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insertRow(row: number): void {
    this.reserve(this.rows + 1);
    const tail = this.rows++;
    if (row === tail) return;
    this.stepColumn.copyWithin(row + 1, row, tail);
    this.timeColumn.copyWithin(row + 1, row, tail);
    for (const column of this.columns.values()) column.insert(row);
  }
}

/**
 * Makes arrays of one length. Those of a table that is not very long come out of one piece of memory: many pieces that are given up each
 * time the table grows leave holes, and a process that follows runs for hours would take twice what they need.
 */
function allocator(arrays: number, length: number): () => Float64Array<ArrayBuffer> {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  if (arrays * bytes > mostBytesAtOnce) return () => new Float64Array(length);
  const memory = new ArrayBuffer(arrays * bytes);
  let next = 0;
  return () => new Float64Array(memory, bytes * next++, length);
}

/** A table as plain data, for another thread. The arrays may be longer than the table, and share their memory. */
export interface MetricTableData {
  readonly rows: number;
  readonly steps: Float64Array<ArrayBuffer>;
  readonly times: Float64Array<ArrayBuffer>;
  readonly columns: readonly ({ readonly key: string } & MetricColumnData)[];
}

/** How many steps come first until all that follow ascend, and are above these and `last`. */
function stepsBack(steps: Float64Array, last = Number.NEGATIVE_INFINITY): number {
  let back = 0;
  let highest = last;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as number;
    if (step > highest) highest = step;
    else back = i + 1;
  }
  return back;
}
