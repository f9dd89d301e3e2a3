import { centreAndBand } from '../figure/aggregate.ts';
import type { Aggregation } from '../figure/aggregate.ts';
import type { Curve } from './curve.ts';
import type { RunSeries } from './runSeries.ts';
import { commonEnd } from './seriesBand.ts';

export interface BaselineMember {
  readonly series: RunSeries;
  readonly collapsed: boolean;
}

/** What is known of a run of a baseline; more may be by now. */
interface Seen {
  readonly length: number;
  readonly revision: number;
  readonly lastStep: number;
}

/** Values over whose mean a run that collapsed and was stopped counts on. */
const lastValues = 20;

/**
 * What other runs are compared with at a step: the values of some runs there, as one. Between two steps that a run logged it is taken to
 * move in a straight line; before the first there is nothing. A run that collapsed and was stopped counts on in a mean, and drops out of
 * a median; the baseline goes as far as at least half of its other runs do, as the line of a series in a chart does.
 */
export class Baseline {
  readonly #members: readonly BaselineMember[];
  readonly #aggregation: Aggregation;

  constructor(members: readonly BaselineMember[], aggregation: Aggregation) {
    this.#members = members;
    this.#aggregation = aggregation;
  }

  /** What is there to be read now. */
  get seen(): readonly Seen[] {
    return this.#members.map(({ series: { length, revision, steps } }) => ({ length, revision, lastStep: steps[length - 1] ?? -Infinity }));
  }

  /** The last step up to which it is as it was; Infinity: all of it is. */
  unchangedSince(seen: readonly Seen[]): number {
    return this.#members.reduce((step, { series: { length, revision } }, index) => {
      const before = seen[index];
      if (before?.length === length && before.revision === revision) return step;
      return Math.min(step, before?.revision === revision ? before.lastStep : -Infinity);
    }, Infinity);
  }

  /** Reads it at steps that ascend; NaN: there is nothing there. */
  reader(): (step: number) => number {
    const runs = this.#members
      .map(({ series, collapsed }) => ({
        series,
        collapsed,
        curve: series.curve({ log: false }),
        point: 0,
        final: Number.NaN,
      }))
      .filter(({ curve }) => curve.length > 0);
    const end = commonEnd(runs.map(({ series, curve, collapsed }) => ({ at: lastStepOf(series, curve), collapsed })));
    for (const run of runs) if (run.collapsed && this.#aggregation === 'mean') run.final = finalLevel(run.curve);
    const values: number[] = [];
    return (step) => {
      if (step > end) return Number.NaN;
      values.length = 0;
      for (const run of runs) {
        run.point = run.curve.pointAt(run.series.steps, step, run.point);
        const value = run.point === run.curve.length ? run.final : valueAt(run.series, run.curve, run.point, step);
        if (!Number.isNaN(value)) values.push(value);
      }
      return values.length === 0 ? Number.NaN : centreAndBand(values, this.#aggregation).centre;
    };
  }
}

/** `point`: the first that is not before the step. */
function valueAt({ steps }: RunSeries, { rows, values }: Curve, point: number, step: number): number {
  const value = values[point] as number;
  const at = steps[rows[point] as number] as number;
  if (at === step) return value;
  if (point === 0) return Number.NaN;
  const before = steps[rows[point - 1] as number] as number;
  const from = values[point - 1] as number;
  return from + ((step - before) / (at - before)) * (value - from);
}

function lastStepOf({ steps }: RunSeries, { rows, length }: Curve): number {
  return steps[rows[length - 1] as number] as number;
}

function finalLevel({ pyramid, length }: Curve): number {
  const start = Math.max(0, length - lastValues);
  return pyramid.sum(start, length) / (length - start);
}
