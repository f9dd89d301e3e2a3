import type { MetricRows } from '../../../core/records/metricTable.ts';
import { Stretches, recordAt } from '../../../core/records/stretch.ts';
import type { RunSink } from '../format.ts';

/** Rows that are gathered before they are told. */
const mostRows = 4096;
/** Rows of all columns together, at 9 bytes each. */
const mostCells = 1 << 22;
/** Fewer rows are told as records. */
const fewRows = 256;
/** Ways back among the rows beyond which they are told as records: each would be a table of its own. */
const mostWaysBack = 4;

const noValues = new Float64Array(0);
const noFlags = new Uint8Array(0);

interface Column {
  readonly key: string;
  readonly index: number;
  values: Float64Array;
  present: Uint8Array;
  /** Rows that have it. */
  count: number;
  /** The last row that has it. */
  last: number;
}

/**
 * Makes rows, one a step, of values that come one by one, as they do in event files: values of the same step that follow each other are one row,
 * unless one of them is another value of a metric that the row has already. Tells the rows by column.
 */
export class StepRows {
  private readonly columns: Column[] = [];
  /** Those that a row has. */
  private used: Column[] = [];
  private readonly steps = new Float64Array(mostRows);
  private readonly times = new Float64Array(mostRows);
  /** The row that values go into; −1: none yet. */
  private row = -1;
  private step = Number.NaN;
  private highest = -Infinity;
  private waysBack = 0;
  private cells = 0;

  constructor(private readonly sink: RunSink) {}

  /** Number of metrics so far: the index of the next one. */
  get width(): number {
    return this.columns.length;
  }

  /** Adds a metric. Returns its index. */
  addColumn(key: string): number {
    return this.columns.push({ key, index: this.columns.length, values: noValues, present: noFlags, count: 0, last: -1 }) - 1;
  }

  /** Adds the first `count` values of a step, of the metrics with these indices. */
  addAll(step: number, time: number, indices: Int32Array, values: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) this.add(indices[i] as number, step, time, values[i] as number);
  }

  /** Adds a value of the metric with this index. */
  add(index: number, step: number, time: number, value: number): void {
    const column = this.columns[index] as Column;
    if (step !== this.step) this.begin(step);
    else if (column.last === this.row) {
      // Trainers say with an evaluation again of which epoch it is.
      if (Object.is(column.values[column.last], value)) return;
      this.begin(step);
    }
    const { row } = this;
    if (row >= column.values.length) this.widen(column);
    if (column.count++ === 0) this.used.push(column);
    column.values[row] = value;
    column.present[row] = 1;
    column.last = row;
    this.times[row] = time;
  }

  /**
   * Tells what there is. `isWhole`: more values of the last step are not to be expected now; else that step is held back where it lies
   * behind others, because what it means that a run goes back can be said of a whole step only.
   */
  tell(isWhole: boolean): void {
    const step = this.steps[this.row] as number;
    const isHeld = this.row >= 0 && !isWhole && step <= this.highest;
    const held = isHeld ? { step, time: this.times[this.row] as number, values: this.takeRow() } : undefined;
    this.flush();
    if (!held) return;
    for (const [index, value] of held.values) this.add(index, held.step, held.time, value);
  }

  /** Takes the last row away. */
  private takeRow(): readonly (readonly [index: number, value: number])[] {
    const { row } = this;
    const taken: (readonly [number, number])[] = [];
    for (const column of this.used) {
      if (column.last !== row) continue;
      taken.push([column.index, column.values[row] as number]);
      column.present[row] = 0;
      column.count--;
    }
    this.row--;
    return taken;
  }

  private begin(step: number): void {
    if (this.row >= 0) {
      const before = this.steps[this.row] as number;
      this.highest = Math.max(this.highest, before);
      if (step <= before) this.waysBack++;
    }
    if (this.row === mostRows - 1 || this.cells > mostCells) this.flush();
    this.row++;
    this.step = step;
    this.steps[this.row] = step;
  }

  private widen(column: Column): void {
    const rows = Math.min(mostRows, Math.max(64, 4 * column.values.length, this.row + 1));
    this.cells += rows - column.values.length;
    const { values, present } = column;
    column.values = new Float64Array(rows);
    column.values.set(values);
    column.present = new Uint8Array(rows);
    column.present.set(present);
  }

  private flush(): void {
    const count = this.row + 1;
    if (count > 0) {
      this.highest = Math.max(this.highest, this.steps[this.row] as number);
      this.tellRows(this.rows(count));
    }
    for (const column of this.used) {
      column.present.fill(0, 0, count);
      [column.count, column.last] = [0, -1];
    }
    if (this.cells > mostCells) {
      for (const column of this.columns) [column.values, column.present] = [noValues, noFlags];
      this.cells = 0;
    }
    this.used = [];
    [this.row, this.step, this.waysBack] = [-1, Number.NaN, 0];
  }

  /** The first rows, without copying. */
  private rows(count: number): MetricRows {
    const used = this.used.filter((column) => column.count > 0);
    for (const column of used) if (column.values.length < count) this.widen(column);
    const columns = used.map(({ key, values, present, count: having }) => ({
      key,
      values: values.subarray(0, count),
      present: having === count ? undefined : present.subarray(0, count),
    }));
    return { steps: this.steps.subarray(0, count), times: this.times.subarray(0, count), columns };
  }

  private tellRows(rows: MetricRows): void {
    const { length } = rows.steps;
    if (length < fewRows || this.waysBack > mostWaysBack) {
      this.sink.metrics(Array.from({ length }, (_, row) => recordAt(rows, row)));
      return;
    }
    const stretches = new Stretches();
    stretches.appendRows(rows);
    this.sink.stretches(stretches.all);
  }
}
