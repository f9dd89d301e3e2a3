import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aggregation } from '../../../src/core/figure/aggregate.ts';
import { Baseline } from '../../../src/core/panel/baseline.ts';
import { DifferenceSeries } from '../../../src/core/panel/differenceSeries.ts';
import type { ComparedAs } from '../../../src/core/panel/differenceSeries.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import type { RunSeries } from '../../../src/core/panel/runSeries.ts';

const { NaN: nothing } = Number;

class Run {
  readonly columns = new RunColumns();

  constructor(...values: readonly number[]) {
    this.write(0, values);
  }

  /** Values from step `from` on; those that were there are replaced. */
  write(from: number, values: readonly number[]): void {
    this.columns.accept({ from, steps: { first: from, stride: 1, count: values.length }, columns: { value: Float64Array.from(values) } });
  }

  get series(): RunSeries {
    const series = this.columns.series('step', 'value');
    assert.ok(series !== null);
    return series;
  }
}

interface Against {
  readonly as?: ComparedAs;
  readonly aggregation?: Aggregation;
  /** Indices of runs of the baseline that collapsed. */
  readonly collapsed?: readonly number[];
}

function against(run: Run, baseline: readonly Run[], { as = 'difference', aggregation = 'mean', collapsed = [] }: Against = {}): RunSeries {
  const members = baseline.map(({ series }, index) => ({ series, collapsed: collapsed.includes(index) }));
  return new DifferenceSeries(run.series, new Baseline(members, aggregation), as);
}

test('a run is compared with the mean of a baseline at the same step, or with its median', () => {
  const seeds = [new Run(0, 10), new Run(1, 20), new Run(5, 90)];
  assert.deepEqual([...against(new Run(3, 30), seeds).y], [1, -10]);
  assert.deepEqual([...against(new Run(3, 30), seeds, { aggregation: 'median' }).y], [2, 10]);
});

test('a ratio says how many times the baseline a value is; where the baseline is zero, there is none', () => {
  assert.deepEqual([...against(new Run(6, 1, 7, 0), [new Run(2, 4, 0, 3)], { as: 'ratio' }).y], [3, 0.25, nothing, 0]);
});

test('what overflowed in a run shows, what overflowed in the baseline is compared with nothing', () => {
  assert.deepEqual([...against(new Run(Infinity, 1), [new Run(1, Infinity)]).y], [Infinity, nothing]);
});

test('between two steps that it logged a baseline moves in a straight line; before and after there is nothing', () => {
  assert.deepEqual([...against(new Run(5, 5, 5, 5, 5), [new Run(nothing, 1, nothing, 3)]).y], [nothing, 4, 3, 2, nothing]);
});

test('runs of a baseline that collapsed and were stopped count on in a mean with their last level, and drop out of a median', () => {
  const seeds = [new Run(1, 1, 1), new Run(0, 4)];
  assert.deepEqual([...against(new Run(0, 0, 0), seeds, { collapsed: [1] }).y], [-0.5, -2.5, -1.5]);
  assert.deepEqual([...against(new Run(0, 0, 0), seeds, { collapsed: [1], aggregation: 'median' }).y], [-0.5, -2.5, -1]);
});

test('a baseline goes as far as at least half of its runs', () => {
  const seeds = [new Run(1), new Run(1, 1), new Run(1, 1, 1)];
  assert.deepEqual([...against(new Run(2, 2, 2), seeds).y], [1, 1, nothing]);
});

test('a difference follows the run and the baseline as either grows', () => {
  const run = new Run(5);
  const baseline = new Run(1);
  const difference = against(run, [baseline]);
  assert.deepEqual([...difference.y], [4]);
  run.write(1, [6, 7]);
  assert.deepEqual([...difference.y], [4, nothing, nothing]);
  baseline.write(1, [2]);
  assert.deepEqual([...difference.y], [4, 4, nothing]);
  baseline.write(2, [3, 4]);
  assert.deepEqual([...difference.y], [4, 4, 4]);
  assert.equal(difference.length, 3);
});

test('what a resumed run writes again is compared again, in the run and in the baseline', () => {
  const run = new Run(5, 6, 7);
  const baseline = new Run(1, 1, 1);
  const difference = against(run, [baseline]);
  assert.deepEqual([...difference.y], [4, 5, 6]);
  run.write(1, [0, 0]);
  assert.deepEqual([...difference.y], [4, -1, -1]);
  baseline.write(1, [2, 3]);
  assert.deepEqual([...difference.y], [4, -2, -3]);
});

test('a slow seed of a live baseline changes the mean where it arrives', () => {
  const [fast, slow] = [new Run(1, 1, 1), new Run(3)];
  const difference = against(new Run(0, 0, 0), [fast, slow]);
  assert.deepEqual([...difference.y], [-2, -1, -1]);
  slow.write(1, [3]);
  assert.deepEqual([...difference.y], [-2, -2, -1]);
});

test('on a log axis a ratio is the distance in decades', () => {
  const ratio = against(new Run(10, 1000), [new Run(1, 1)], { as: 'ratio' });
  assert.deepEqual([...ratio.curve({ log: true }).values], [1, 3]);
});
