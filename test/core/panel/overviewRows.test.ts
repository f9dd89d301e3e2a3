import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverviewRows } from '../../../src/core/panel/overviewRows.ts';

function overviewRows(columns: readonly Float64Array[], length: number, parts: number): number[] {
  const overview = new OverviewRows(columns, length, parts);
  for (let turns = 0; overview.advance(130); turns++) assert.ok(turns < 100);
  return [...overview.rows];
}

test('every part keeps its first row and the extremes of every column; the last row is kept', () => {
  const length = 1000;
  const flat = Float64Array.from({ length }, () => 1);
  const norm = flat.slice();
  norm[333] = 1e4;
  const score = flat.slice();
  score[777] = -5;
  score[120] = Number.POSITIVE_INFINITY;
  const rows = overviewRows([norm, score], length, 10);
  assert.deepEqual(
    rows,
    [...new Set(rows)].sort((a, b) => a - b),
    'ascending, each once',
  );
  for (const wanted of [333, 777, 120, 999, 0, 100, 200, 900]) assert.ok(rows.includes(wanted), String(wanted));
  assert.ok(rows.length <= 10 * 5 + 1);
});

test('what was not logged is no extreme', () => {
  const sparse = new Float64Array(100).fill(Number.NaN);
  sparse[37] = 2;
  assert.deepEqual(overviewRows([sparse], 100, 4), [0, 25, 37, 50, 75, 99]);
});

test('more parts than rows: every row', () => {
  assert.deepEqual(overviewRows([Float64Array.of(3, 1, 2)], 3, 8), [0, 1, 2]);
  assert.deepEqual(overviewRows([], 0, 8), []);
});
