import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanedRange, lostLine, zeroLine } from '../../../src/core/panel/lanes.ts';
import { Polyline } from '../../../src/core/panel/polyline.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';

function zerosOf(values: readonly number[], from: number, to: number, columns: number): (number | null)[] {
  const runColumns = new RunColumns();
  runColumns.accept({ from: 0, steps: { first: 1, stride: 1, count: values.length }, columns: { norm: Float64Array.from(values) } });
  const series = runColumns.series('step', 'norm');
  assert.ok(series !== null);
  const line = new Polyline();
  zeroLine(series, series.curve({ log: true }), { from, to, columns }, line);
  assert.ok([...line.y.subarray(0, line.length)].every((value) => Number.isNaN(value) || value === -Infinity));
  return Array.from(line.x.subarray(0, line.length), (x) => (Number.isNaN(x) ? null : x));
}

test('zeros in sight are stretches from the first to the last of neighbours; a single one is a point', () => {
  const values = [0, 0, 0, 1, 0, 2, 0, 0];
  assert.deepEqual(zerosOf(values, 1, 8, 700), [null, 1, 3, null, 5, null, 7, 8]);
  assert.deepEqual(zerosOf(values, 2, 7, 700), [null, 2, 3, null, 5, null, 7]);
  assert.deepEqual(zerosOf(values, 4, 4.5, 700), []);
  assert.deepEqual(zerosOf([1, 2], 1, 2, 700), []);
});

test('zeros within a pixel are one stretch, however many there are', () => {
  const values = Array.from({ length: 100_000 }, (_, index) => index % 2);
  assert.deepEqual(zerosOf(values, 1, 100_000, 500), [null, 1, 99_999]);
});

test('what is not finite is a stretch on either scale, with what overflowed downwards apart', () => {
  const columns = new RunColumns();
  const values = [1, Infinity, Infinity, 2, -Infinity, 3];
  columns.accept({ from: 0, steps: { first: 1, stride: 1, count: values.length }, columns: { norm: Float64Array.from(values) } });
  const series = columns.series('step', 'norm');
  assert.ok(series !== null);
  const line = new Polyline();
  lostLine(series, series.curve({ log: false }), { from: 1, to: 6, columns: 700 }, line);
  assert.deepEqual([...line.x.subarray(0, line.length)], [NaN, 2, 3, NaN, 5]);
  assert.deepEqual([...line.y.subarray(0, line.length)], [NaN, Infinity, Infinity, NaN, -Infinity]);
});

test('lanes stand outside of the values, each with the same share of the height', () => {
  assert.deepEqual(lanedRange([0, 1], { zeros: false, lost: false }), { y: [0, 1], values: [0, 1], zeros: null, lost: null });
  const { y, values, zeros, lost } = lanedRange([-1, 3], { zeros: true, lost: true });
  assert.deepEqual(values, [-1, 3]);
  const height = y[1] - y[0];
  assert.ok(Math.abs((-1 - y[0]) / height - 0.08) < 1e-12);
  assert.ok(Math.abs((y[1] - 3) / height - 0.08) < 1e-12);
  assert.ok(Math.abs((zeros ?? 0) - (y[0] - 1) / 2) < 1e-12);
  assert.ok(Math.abs((lost ?? 0) - (y[1] + 3) / 2) < 1e-12);
});
