import { Column } from './column.ts';
import type { Curve, CurveKind } from './curve.ts';
import { lowerBound } from './search.ts';
import { GrowingArray } from './growingArray.ts';
import { pseudoColumns, rowCount } from './rows.ts';
import type { Rows, StepColumn } from './rows.ts';
import type { RunSeries } from './runSeries.ts';
import type { XAxisKind } from './view.ts';

/** Rows of one run, column by column, as they arrive. */
export class RunColumns {
  readonly #steps = GrowingArray.floats();
  readonly #columns = new Map<string, Column>();
  readonly #series = new Map<string, RunSeries>();
  readonly #tokens = new Ascent(0);
  readonly #time = new Ascent(null);
  readonly #isThinned: boolean;

  /** `isThinned`: these are some of the run's rows only, of which its lines look like those of all. */
  constructor({ isThinned = false }: { readonly isThinned?: boolean } = {}) {
    this.#isThinned = isThinned;
  }

  /** Number of rows. */
  get length(): number {
    return this.#steps.length;
  }

  get steps(): Float64Array {
    return this.#steps.values;
  }

  /**
   * Takes in rows. Those that were there from `rows.from` on are replaced; a column that the rows do not carry keeps its values as far
   * as the steps are the same, so that a column can be sent later than the others.
   */
  accept(rows: Rows): void {
    const count = rowCount(rows.steps);
    const end = rows.from + count;
    const kept = rows.from + this.#sameSteps(rows.from, rows.steps);
    this.#steps.pad(rows.from, Number.NaN);
    this.#steps.truncate(kept);
    const steps = this.#steps.extend(end);
    for (let row = kept; row < end; row++) steps[row] = stepAt(rows.steps, row - rows.from);
    for (const [name, column] of this.#columns) if (!Object.hasOwn(rows.columns, name)) column.truncate(kept);
    for (const [name, values] of Object.entries(rows.columns)) this.#column(name).replace(rows.from, values);
    for (const column of this.#columns.values()) column.resize(end);
    for (const ascent of [this.#tokens, this.#time]) ascent.truncate(rows.from);
  }

  /** A metric against `x`; null as long as either has not arrived. The same object at every call. */
  series(x: XAxisKind, metric: string): RunSeries | null {
    const y = this.#columns.get(metric);
    if (y === undefined || this.#xValues(x) === null) return null;
    const key = `${x} ${metric}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new ColumnSeries(
        () => this.steps,
        () => this.#xValues(x) ?? this.steps,
        y,
      );
      this.#series.set(key, series);
    }
    return series;
  }

  /** Where a step lies on an axis: at the first row that is not before it; null: no row reaches it, or the axis has not arrived. */
  xAtStep(x: XAxisKind, step: number): number | null {
    return this.#xValues(x)?.[lowerBound(this.steps, step)] ?? null;
  }

  /** The step that lies at a place of an axis, or is the first after it; null: no row reaches it, or the axis has not arrived. */
  stepAt(x: XAxisKind, place: number): number | null {
    const values = this.#xValues(x);
    return values === null ? null : (this.steps[lowerBound(values, place)] ?? null);
  }

  /** Ascending; time in seconds since the first row. */
  #xValues(x: XAxisKind): Float64Array | null {
    if (x === 'step') return this.steps;
    const column = this.#columns.get(pseudoColumns[x]);
    if (column === undefined) return null;
    return (x === 'tokens' ? this.#tokens : this.#time).follow(column.values);
  }

  #column(name: string): Column {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Column(this.#isThinned);
      this.#columns.set(name, column);
    }
    return column;
  }

  /** How many of the given steps, from row `from` on, are there already. */
  #sameSteps(from: number, steps: StepColumn): number {
    const known = this.#steps.values;
    const most = Math.min(known.length - from, rowCount(steps));
    let same = 0;
    while (same < most && known[from + same] === stepAt(steps, same)) same++;
    return same;
  }
}

/** Values of an axis, which must ascend for a search, relative to an origin: a clock may have been set back, a row may lack its value. */
class Ascent {
  readonly #values = GrowingArray.floats();
  #origin: number | null;
  readonly #fixedOrigin: number | null;

  /** `origin` null: the first value. */
  constructor(origin: number | null) {
    this.#fixedOrigin = origin;
    this.#origin = origin;
  }

  follow(column: Float64Array): Float64Array {
    const start = this.#values.length;
    if (start === column.length) return this.#values.values;
    const values = this.#values.extend(column.length);
    let last = start === 0 ? 0 : (values[start - 1] as number);
    for (let row = start; row < column.length; row++) {
      const value = column[row] as number;
      if (Number.isFinite(value)) {
        this.#origin ??= value;
        last = Math.max(last, value - this.#origin);
      }
      values[row] = last;
    }
    return values;
  }

  truncate(rows: number): void {
    this.#values.truncate(rows);
    if (rows === 0) this.#origin = this.#fixedOrigin;
  }
}

class ColumnSeries implements RunSeries {
  readonly #steps: () => Float64Array;
  readonly #x: () => Float64Array;
  readonly #y: Column;

  constructor(steps: () => Float64Array, x: () => Float64Array, y: Column) {
    this.#steps = steps;
    this.#x = x;
    this.#y = y;
  }

  get length(): number {
    return this.#y.values.length;
  }

  get revision(): number {
    return this.#y.revision;
  }

  get steps(): Float64Array {
    return this.#steps();
  }

  get x(): Float64Array {
    return this.#x();
  }

  get y(): Float64Array {
    return this.#y.values;
  }

  curve(kind: CurveKind): Curve {
    return this.#y.curve(kind);
  }
}

function stepAt(steps: StepColumn, index: number): number {
  return steps instanceof Float64Array ? (steps[index] as number) : steps.first + index * steps.stride;
}
