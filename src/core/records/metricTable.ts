import type { MetricsRecord } from './metrics.ts';

/** The values of one metric, in order of step. Both arrays have the same length; a step without the metric is not there. */
export interface MetricSeries {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/**
 * The metrics of a run, a row for each step in order of step, kept by column: a million steps of twenty metrics take 180 MB where
 * objects would take gigabytes. A step that is there already (a resumed run wrote it again) is overwritten, metric by metric.
 */
export class MetricTable {
  private rows = 0;
  private stepColumn = new Float64Array(64);
  private timeColumn = new Float64Array(64);
  private readonly columns = new Map<string, Column>();

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

  /** Adds a step. Returns whether it came in order; false: it was there already, or a later one was. */
  append({ step, time, data }: MetricsRecord): boolean {
    const inOrder = this.rows === 0 || step > (this.stepColumn[this.rows - 1] ?? 0);
    const row = inOrder ? this.rows : this.findRow(step);
    if (row === this.rows || this.stepColumn[row] !== step) this.insertRow(row);
    this.stepColumn[row] = step;
    this.timeColumn[row] = time;
    for (const key in data) {
      let column = this.columns.get(key);
      if (!column) this.columns.set(key, (column = { values: new Float64Array(this.stepColumn.length), present: new Uint8Array(this.stepColumn.length), count: 0 }));
      if (column.present[row] === 0) column.count++;
      column.present[row] = 1;
      column.values[row] = data[key] ?? Number.NaN;
    }
    return inOrder;
  }

  /** One metric over the steps that have it; undefined where no step does. */
  series(key: string): MetricSeries | undefined {
    const column = this.columns.get(key);
    if (!column) return undefined;
    const steps = new Float64Array(column.count);
    const values = new Float64Array(column.count);
    for (let row = 0, i = 0; row < this.rows; row++) {
      if (column.present[row] === 0) continue;
      steps[i] = this.stepColumn[row] ?? Number.NaN;
      values[i++] = column.values[row] ?? Number.NaN;
    }
    return { steps, values };
  }

  /** The steps again as records, in order of step. */
  *records(): IterableIterator<MetricsRecord> {
    const columns = [...this.columns];
    for (let row = 0; row < this.rows; row++) {
      const data: Record<string, number> = {};
      for (const [key, column] of columns) if (column.present[row] === 1) data[key] = column.values[row] ?? Number.NaN;
      yield { step: this.stepColumn[row] ?? Number.NaN, time: this.timeColumn[row] ?? Number.NaN, data };
    }
  }

  /** First row whose step is not below `step`. */
  private findRow(step: number): number {
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stepColumn[middle] ?? 0) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insertRow(row: number): void {
    if (this.rows === this.stepColumn.length) this.grow(2 * this.rows);
    const tail = this.rows++;
    if (row === tail) return;
    this.stepColumn.copyWithin(row + 1, row, tail);
    this.timeColumn.copyWithin(row + 1, row, tail);
    for (const { values, present } of this.columns.values()) {
      values.copyWithin(row + 1, row, tail);
      present.copyWithin(row + 1, row, tail);
      present[row] = 0;
    }
  }

  private grow(capacity: number): void {
    this.stepColumn = enlarged(this.stepColumn, new Float64Array(capacity));
    this.timeColumn = enlarged(this.timeColumn, new Float64Array(capacity));
    for (const column of this.columns.values()) {
      column.values = enlarged(column.values, new Float64Array(capacity));
      column.present = enlarged(column.present, new Uint8Array(capacity));
    }
  }
}

interface Column {
  values: Float64Array<ArrayBuffer>;
  /** [rows] 1: the step has the metric, whose value may be NaN. */
  present: Uint8Array<ArrayBuffer>;
  count: number;
}

function enlarged<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
