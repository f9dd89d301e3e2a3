import type { Curve } from '../../src/core/panel/curve.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';
import { stepsBeforeStrays } from '../../src/core/records/strays.ts';
import type { ChartModel } from './chartModel.ts';
import type { Scene } from './scene.ts';

/** A range near the wanted one that lies within the data and holds a few logged values at least. */
export function clampRange(model: ChartModel, from: number, to: number): readonly [number, number] {
  const [first, last] = model.extent;
  // All values may have been logged at the same time: the range must not become empty.
  const width = Math.min(last - first, Math.max(to - from, leastRange(model), (last - first) * 1e-9));
  const start = Math.max(first, Math.min(last - width, (from + to - width) / 2));
  return [start, start + width];
}

/** The narrowest range: four times the mean distance between the values of the run that logs most often. */
function leastRange({ series }: ChartModel): number {
  const runs = series.flatMap((entry) => entry.runs).filter(({ data }) => data.length > 1);
  const strides = runs.map(({ data }) => {
    const last = stepsBeforeStrays(data.steps) - 1;
    return ((data.x[last] as number) - (data.x[0] as number)) / last;
  });
  return strides.length === 0 ? 0 : 4 * Math.min(...strides);
}

/** The next visible x at which any run that is shown logged a value; `x` itself where there is none. */
export function neighbour(scene: Scene, x: number, direction: -1 | 1): number {
  const [from, to] = scene.x;
  const candidates = loggedAround(scene, x).filter((at) => (direction === 1 ? at > x : at < x) && at >= from && at <= to);
  if (candidates.length === 0) return x;
  return direction === 1 ? Math.min(...candidates) : Math.max(...candidates);
}

/** The first or the last x of a range at which any run that is shown logged a value; null: there is none. */
export function outermost(scene: Scene, [from, to]: readonly [number, number], end: 'first' | 'last'): number | null {
  const candidates = loggedAround(scene, end === 'first' ? from : to).filter((at) => at >= from && at <= to);
  if (candidates.length === 0) return null;
  return end === 'first' ? Math.min(...candidates) : Math.max(...candidates);
}

function zerosAround({ x }: RunSeries, curve: Curve, at: number): number[] {
  const { zeros } = curve;
  const next = curve.zeroAt(x, at);
  return [next - 1, next, next + 1].flatMap((index) => (index in zeros ? [x[zeros[index] as number] as number] : []));
}

/** Of each run that is shown, the logged x before, at and after the given one. */
function loggedAround({ series, log }: Scene, x: number): number[] {
  const runs = series.flatMap(({ model }) => model.runs);
  return runs.flatMap(({ data }) => {
    const curve = data.curve({ log });
    const at = curve.pointAt(data.x, x);
    // On a clock several values may have the same x.
    return [at - 1, at, curve.pointAfter(data.x, x, at)]
      .flatMap((point) => {
        const row = curve.rows[point];
        return row === undefined ? [] : [data.x[row] as number];
      })
      .concat(zerosAround(data, curve, x));
  });
}
