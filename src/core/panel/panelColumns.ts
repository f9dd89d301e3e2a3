import { RunColumns } from './runColumns.ts';
import { rowCount } from './rows.ts';
import type { Rows } from './rows.ts';
import type { RunSeries } from './runSeries.ts';
import type { XAxisKind } from './view.ts';

/** What a panel holds of one run: its rows, and an overview of them for as long as they are on their way. */
export class PanelColumns {
  readonly #all = new RunColumns();
  #overview: RunColumns | null = null;

  /** Number of rows that can be drawn. */
  get length(): number {
    return this.steps.length;
  }

  get steps(): Float64Array {
    return (this.#arrived ?? this.#overview ?? this.#all).steps;
  }

  accept(rows: Rows): void {
    this.#all.accept(rows);
  }

  /** Takes in an overview of the run, which stands for each of its columns until that has arrived. */
  acceptOverview(rows: Rows): void {
    this.#overview = rowCount(rows.steps) === 0 ? null : new RunColumns({ isThinned: true });
    this.#overview?.accept(rows);
  }

  /** A metric against `x`; null as long as either has not arrived. */
  series(x: XAxisKind, metric: string): RunSeries | null {
    return this.#arrived?.series(x, metric) ?? this.#overview?.series(x, metric) ?? this.#all.series(x, metric);
  }

  /** Where a step lies on an axis; null: no row reaches it, or the axis has not arrived. */
  xAtStep(x: XAxisKind, step: number): number | null {
    return this.#arrived?.xAtStep(x, step) ?? this.#overview?.xAtStep(x, step) ?? null;
  }

  /** The step at a place of an axis, or the first after it; null: no row reaches it. */
  stepAt(x: XAxisKind, place: number): number | null {
    return this.#arrived?.stepAt(x, place) ?? this.#overview?.stepAt(x, place) ?? null;
  }

  /** All rows; null as long as the overview reaches further. */
  get #arrived(): RunColumns | null {
    const lastStep = ({ steps }: RunColumns): number => steps.at(-1) ?? -Infinity;
    return this.#overview !== null && lastStep(this.#overview) > lastStep(this.#all) ? null : this.#all;
  }
}
