import { PanelColumns } from '../src/core/panel/panelColumns.ts';
import { pseudoColumns } from '../src/core/panel/rows.ts';
import type { Rows } from '../src/core/panel/rows.ts';
import type { RunSeries } from '../src/core/panel/runSeries.ts';
import type { XAxisKind } from '../src/core/panel/view.ts';
import { stepsBeforeStrays } from '../src/core/records/strays.ts';

/** What a panel has of one run's metrics, and which horizontal axes they have a place on. */
export class RunData {
  private readonly columns = new PanelColumns();
  private readonly placed = new Set<XAxisKind>(['step']);

  /** Number of rows. */
  get length(): number {
    return this.columns.length;
  }

  accept(rows: Rows): void {
    this.columns.accept(rows);
    this.place(rows);
  }

  acceptOverview(rows: Rows): void {
    this.columns.acceptOverview(rows);
    this.place(rows);
  }

  /** Whether its column of the axis has arrived without any value. */
  lacks(x: XAxisKind): boolean {
    return x !== 'step' && !this.placed.has(x) && this.columns.series('step', pseudoColumns[x]) !== null;
  }

  /** A metric against `x`; null: one of them has not arrived, or the run lacks the axis. The same object at every call. */
  series(x: XAxisKind, metric: string): RunSeries | null {
    return this.placed.has(x) ? this.columns.series(x, metric) : null;
  }

  /** The value of a metric that was logged last; null: none. */
  last(metric: string): number | null {
    const y = this.columns.series('step', metric)?.y;
    for (let row = (y?.length ?? 0) - 1; row >= 0; row--) if (!Number.isNaN(y?.[row])) return y?.[row] ?? null;
    return null;
  }

  /** Where a step lies on an axis; null: no row reaches it, or the run has no place there. */
  xAtStep(x: XAxisKind, step: number): number | null {
    return this.placed.has(x) ? this.columns.xAtStep(x, step) : null;
  }

  /** The step at a place of an axis, or the first after it; null: no row reaches it, or the run has no place there. */
  stepAt(x: XAxisKind, place: number): number | null {
    return this.placed.has(x) ? this.columns.stepAt(x, place) : null;
  }

  /** First and last x of its rows, `robust`: without those of steps that lie far beyond all others; null: it has none there. */
  extent(x: XAxisKind, robust = false): readonly [number, number] | null {
    const { steps } = this.columns;
    const first = this.xAtStep(x, steps[0] ?? 0);
    const last = this.xAtStep(x, steps[(robust ? stepsBeforeStrays(steps) : steps.length) - 1] ?? 0);
    return first === null || last === null ? null : [first, last];
  }

  private place({ columns }: Rows): void {
    for (const x of ['tokens', 'time'] as const) if (columns[pseudoColumns[x]]?.some(Number.isFinite)) this.placed.add(x);
  }
}
