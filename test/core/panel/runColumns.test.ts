import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import type { RunSeries } from '../../../src/core/panel/runSeries.ts';

const nothing = Number.NaN;

function floats(...values: number[]): Float64Array {
  return Float64Array.from(values);
}

function seriesOf(run: RunColumns, metric = 'score'): RunSeries {
  const series = run.series('step', metric);
  assert.ok(series !== null);
  return series;
}

test('rows that follow are appended, and the series that a chart holds grows with them', () => {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 2 }, columns: { score: floats(0.1, 0.2) } });
  const series = seriesOf(run);
  run.accept({ from: 2, steps: floats(3, 7), columns: { score: floats(0.3, 0.7) } });
  assert.deepEqual(series.x, floats(1, 2, 3, 7));
  assert.deepEqual(series.y, floats(0.1, 0.2, 0.3, 0.7));
  assert.equal(seriesOf(run), series);
});

test('a resumed run writes steps again: its rows replace those from there on, also when they are fewer', () => {
  const run = new RunColumns();
  run.accept({
    from: 0,
    steps: { first: 0, stride: 10, count: 5 },
    columns: { score: floats(1, 2, 3, 4, 5), norm: floats(1, 1, 1, 1, 1) },
  });
  run.accept({ from: 2, steps: { first: 15, stride: 10, count: 2 }, columns: { score: floats(8, 9) } });
  assert.deepEqual(run.steps, floats(0, 10, 15, 25));
  assert.deepEqual(seriesOf(run).y, floats(1, 2, 8, 9));
  assert.deepEqual(seriesOf(run, 'norm').y, floats(1, 1, nothing, nothing));
});

test('a metric that is asked for later comes with the rows that are there, and the others keep their values', () => {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 3 }, columns: { score: floats(1, 2, 3) } });
  assert.equal(run.series('step', 'entropy'), null);
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 3 }, columns: { entropy: floats(4, 5, 6) } });
  assert.deepEqual(seriesOf(run).y, floats(1, 2, 3));
  assert.deepEqual(seriesOf(run, 'entropy').y, floats(4, 5, 6));
});

test('a metric that begins late was not logged before', () => {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 2 }, columns: { score: floats(1, 2) } });
  run.accept({ from: 2, steps: { first: 3, stride: 1, count: 1 }, columns: { score: floats(3), accuracy: floats(0.5) } });
  assert.deepEqual(seriesOf(run, 'accuracy').y, floats(nothing, nothing, 0.5));
});

test('time is in seconds since the first row and never runs back', () => {
  const run = new RunColumns();
  const times = floats(1700000000, 1700000002, 1699999990, nothing, 1700000009);
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 5 }, columns: { score: floats(1, 1, 1, 1, 1), '@time': times } });
  assert.deepEqual(run.series('time', 'score')?.x, floats(0, 2, 2, 2, 9));
  run.accept({
    from: 0,
    steps: { first: 1, stride: 1, count: 2 },
    columns: { score: floats(1, 1), '@time': floats(1700000100, 1700000101) },
  });
  assert.deepEqual(run.series('time', 'score')?.x, floats(0, 1));
});

test('an axis that has not arrived has no series, and no place for a step', () => {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 1, stride: 1, count: 2 }, columns: { score: floats(1, 1) } });
  assert.equal(run.series('tokens', 'score'), null);
  assert.equal(run.xAtStep('tokens', 2), null);
});

test('a step lies at its row, one that was skipped at the next, one that is yet to come nowhere', () => {
  const run = new RunColumns();
  run.accept({ from: 0, steps: floats(1, 2, 5), columns: { score: floats(1, 1, 1), '@tokens': floats(100, 250, 700) } });
  assert.equal(run.xAtStep('tokens', 2), 250);
  assert.equal(run.xAtStep('tokens', 3), 700);
  assert.equal(run.xAtStep('step', 6), null);
});
