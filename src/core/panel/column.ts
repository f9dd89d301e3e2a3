import { Curve } from './curve.ts';
import type { CurveKind } from './curve.ts';
import { GrowingArray } from './growingArray.ts';
import type { ValueColumn } from './rows.ts';

/** The values of a metric by row, with the curves that charts draw of it. */
export class Column {
  readonly #values = GrowingArray.floats();
  /** By whether they are on a log axis. */
  readonly #curves = new Map<boolean, Curve>();
  readonly #isThinned: boolean;
  #revision = 0;

  /** `isThinned`: of some of a run's rows only. */
  constructor(isThinned: boolean) {
    this.#isThinned = isThinned;
  }

  get values(): Float64Array {
    return this.#values.values;
  }

  /** How often values that were there have been replaced or taken back. */
  get revision(): number {
    return this.#revision;
  }

  /** Replaces everything from row `from` on. */
  replace(from: number, values: ValueColumn): void {
    this.truncate(from);
    this.#values.pad(from, Number.NaN);
    this.#values.append(values);
  }

  truncate(rows: number): void {
    if (rows < this.#values.length) this.#revision++;
    this.#values.truncate(rows);
    for (const curve of this.#curves.values()) curve.truncate(rows);
  }

  /** Cuts it off, or fills it up with NaN. */
  resize(rows: number): void {
    this.truncate(rows);
    this.#values.pad(rows, Number.NaN);
  }

  curve(kind: CurveKind): Curve {
    let curve = this.#curves.get(kind.log);
    if (curve === undefined) this.#curves.set(kind.log, (curve = new Curve(kind, this.#isThinned)));
    curve.follow(this.values);
    return curve;
  }
}
