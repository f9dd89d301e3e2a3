/** The values of one metric by row of a table. */
export class MetricColumn {
  /** Rows that have the metric. */
  private count = 0;
  /** Rows taken in; those from here on lack the metric, and the arrays say nothing of them. */
  private end = 0;
  private values: Float64Array<ArrayBuffer>;
  /** [rows] 1: the row has the metric, whose value may be NaN. Undefined: every row below `end` has it, as is the rule. */
  private flags: Uint8Array<ArrayBuffer> | undefined;
  /** Flags that were needed once, with a 1 for each row before `spareEnd`. */
  private spare: Uint8Array<ArrayBuffer> | undefined;
  private spareEnd = 0;

  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  /** Takes over the arrays of `data`. */
  static from({ values, flags, end, count }: MetricColumnData): MetricColumn {
    const column = new MetricColumn(0);
    column.values = values;
    column.flags = flags;
    column.end = end;
    column.count = count;
    return column;
  }

  /** The column's own arrays, which may be longer than it is. */
  get data(): MetricColumnData {
    const { values, flags, end, count } = this;
    return { values, flags, end, count };
  }

  /** Rows taken in. */
  get length(): number {
    return this.end;
  }

  has(row: number): boolean {
    return row < this.end && (this.flags === undefined || this.flags[row] === 1);
  }

  get(row: number): number {
    return this.has(row) ? (this.values[row] as number) : Number.NaN;
  }

  set(row: number, value: number): void {
    if (row >= this.end) this.extend(row, 1);
    else if (this.flags?.[row] === 0) this.mark(row, row + 1);
    this.values[row] = value;
  }

  /** Sets many rows, none of which the column has yet. `flags` as for a column; without them all rows have the metric. */
  setRows(from: number, values: Float64Array, flags?: Uint8Array): void {
    const { length } = values;
    this.extend(from, length);
    this.values.set(values, from);
    if (!flags) return;
    for (let i = 0; i < length; i++) {
      if (flags[i] === 1) continue;
      this.flags ??= this.allPresent();
      this.flags[from + i] = 0;
      this.values[from + i] = Number.NaN;
      this.count--;
    }
  }

  /** Makes room for a row, which lacks the metric, before `row`. */
  insert(row: number): void {
    if (row >= this.end) return;
    const { end } = this;
    this.reserve(end + 1);
    const flags = (this.flags ??= this.allPresent());
    this.values.copyWithin(row + 1, row, end);
    flags.copyWithin(row + 1, row, end);
    this.values[row] = Number.NaN;
    flags[row] = 0;
    this.end++;
  }

  /** Whether no row has the metric. */
  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Forgets all but the first rows. */
  truncate(rows: number): void {
    if (rows >= this.end) return;
    let gone = this.end - rows;
    if (this.flags) for (let row = rows; row < this.end; row++) if (this.flags[row] === 0) gone--;
    this.count -= gone;
    this.end = rows;
    if (this.count === this.end) this.dropFlags();
  }

  /** The first rows, without copying; holds until the column changes. `rows`: all that the table has. */
  view(rows: number): ColumnView {
    this.pad(rows);
    return { values: this.values.subarray(0, rows), present: this.flags?.subarray(0, rows) };
  }

  /** The values of the rows that have the metric, with the steps of these rows. */
  series(steps: Float64Array): { readonly steps: Float64Array; readonly values: Float64Array } {
    const { end, flags, count } = this;
    if (!flags) return { steps: steps.slice(0, end), values: this.values.slice(0, end) };
    const series = { steps: new Float64Array(count), values: new Float64Array(count) };
    for (let row = 0, i = 0; row < end; row++) {
      if (flags[row] === 0) continue;
      series.steps[i] = steps[row] as number;
      series.values[i++] = this.values[row] as number;
    }
    return series;
  }

  lacksRoom(rows: number): boolean {
    return rows > this.values.length;
  }

  reserve(rows: number): void {
    if (this.lacksRoom(rows)) this.moveTo(new Float64Array(Math.max(rows, 2 * this.values.length)));
  }

  /** Has its values in this array from now on, which is longer than its own. */
  moveTo(memory: Float64Array<ArrayBuffer>): void {
    this.values = grown(this.values, memory);
    if (this.flags) this.flags = grown(this.flags, new Uint8Array(memory.length));
  }

  /** Takes in `rows` rows from `from`, which is not before the end, as having the metric; those before as lacking it. */
  private extend(from: number, rows: number): void {
    this.pad(from);
    this.reserve(from + rows);
    this.end = from + rows;
    this.mark(from, this.end);
  }

  /** Takes in rows up to `end` as lacking the metric. */
  private pad(end: number): void {
    if (end <= this.end) return;
    this.reserve(end);
    this.flags ??= this.allPresent();
    this.values.fill(Number.NaN, this.end, end);
    this.flags.fill(0, this.end, end);
    this.end = end;
  }

  /** Rows that had lacked the metric have it now. A column that has it everywhere needs no flags any more. */
  private mark(from: number, to: number): void {
    this.flags?.fill(1, from, to);
    this.count += to - from;
    if (this.count === this.end) this.dropFlags();
  }

  private dropFlags(): void {
    [this.spare, this.spareEnd] = [this.flags, this.end];
    this.flags = undefined;
  }

  /** Flags that say that every row has the metric. */
  private allPresent(): Uint8Array<ArrayBuffer> {
    const { spare, values, end } = this;
    this.spare = undefined;
    // A file whose rows are inserted before one that came too early would need them at every row.
    if (spare?.length === values.length) return spare.fill(1, this.spareEnd, end);
    return new Uint8Array(values.length).fill(1, 0, end);
  }
}

/** A column as it is. */
export interface ColumnView {
  /** [rows] NaN where the metric is missing. */
  readonly values: Float64Array;
  /** [rows] 1: the row has the metric, 0: it has not. Undefined: all have. */
  readonly present: Uint8Array | undefined;
}

/** A column as plain data, for another thread. */
export interface MetricColumnData {
  readonly values: Float64Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer> | undefined;
  readonly end: number;
  readonly count: number;
}

/** `to`, beginning with what `from` has. */
export function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
