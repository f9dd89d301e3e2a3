import type { Baseline } from './baseline.ts';
import { Column } from './column.ts';
import type { Curve, CurveKind } from './curve.ts';
import type { RunSeries } from './runSeries.ts';
import { lowerBound } from './search.ts';

/** How a value is compared with a baseline: value − baseline, or value ÷ baseline. */
export type ComparedAs = 'difference' | 'ratio';

/** A run against a baseline: its values, each compared with the baseline at the same step. Follows both as they grow. */
export class DifferenceSeries implements RunSeries {
  readonly #run: RunSeries;
  readonly #baseline: Baseline;
  readonly #as: ComparedAs;
  readonly #column = new Column(false);
  #seen: Baseline['seen'] = [];
  #revision = -1;

  constructor(run: RunSeries, baseline: Baseline, as: ComparedAs) {
    this.#run = run;
    this.#baseline = baseline;
    this.#as = as;
  }

  get length(): number {
    return this.#follow().values.length;
  }

  get revision(): number {
    return this.#follow().revision;
  }

  get steps(): Float64Array {
    return this.#run.steps;
  }

  get x(): Float64Array {
    return this.#run.x;
  }

  get y(): Float64Array {
    return this.#follow().values;
  }

  curve(kind: CurveKind): Curve {
    return this.#follow().curve(kind);
  }

  /** Compares what is new, of the run or of the baseline. */
  #follow(): Column {
    const { length, revision, steps, y } = this.#run;
    const unchanged = this.#baseline.unchangedSince(this.#seen);
    const followed = this.#column.values.length;
    if (unchanged === Infinity && revision === this.#revision && length === followed) return this.#column;
    const same = revision === this.#revision ? Math.min(followed, length) : 0;
    const from = unchanged === Infinity ? same : Math.min(same, lowerBound(steps, unchanged));
    const baselineAt = this.#baseline.reader();
    const values = new Float64Array(length - from);
    for (let row = from; row < length; row++) values[row - from] = compared(y[row] as number, baselineAt(steps[row] as number), this.#as);
    this.#column.replace(from, values);
    this.#seen = this.#baseline.seen;
    this.#revision = revision;
    return this.#column;
  }
}

/** NaN where there is nothing to compare with: no baseline, or for a ratio none above zero. */
function compared(value: number, baseline: number, as: ComparedAs): number {
  if (!Number.isFinite(baseline)) return Number.NaN;
  if (as === 'difference') return value - baseline;
  return baseline > 0 ? value / baseline : Number.NaN;
}
