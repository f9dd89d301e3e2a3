import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve } from '../../../src/core/panel/curve.ts';
import type { CurveKind } from '../../../src/core/panel/curve.ts';
import { Random } from '../../../src/core/random.ts';

function curveOf(column: readonly number[], kind: CurveKind): Curve {
  const curve = new Curve(kind);
  curve.follow(Float64Array.from(column));
  return curve;
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, index) => {
    const difference = Math.abs((actual[index] as number) - value);
    assert.ok(actual[index] === value || difference <= 1e-9 * Math.max(1, Math.abs(value)), `${index}: ${actual[index]} is not ${value}`);
  });
}

test('a curve has the points that were logged, and knows their rows', () => {
  const curve = curveOf([Number.NaN, 3, Number.NaN, 5, -1], { log: false });
  assert.deepEqual(Array.from(curve.rows), [1, 3, 4]);
  assert.deepEqual(Array.from(curve.values), [3, 5, -1]);
});

test('on a log axis zeros are kept apart, and negative values are left out', () => {
  const curve = curveOf([100, 0, -5, 0.1, Infinity], { log: true });
  assert.deepEqual(Array.from(curve.rows), [0, 3, 4]);
  assertClose(curve.values, [2, -1, Infinity]);
  assert.deepEqual(Array.from(curve.zeros), [1]);
  const long = curveOf([0, 1, 0, 0, 2, 0], { log: true });
  assert.deepEqual(Array.from(long.zeros), [0, 2, 3, 5]);
  long.truncate(3);
  assert.deepEqual(Array.from(long.zeros), [0, 2]);
  long.follow(Float64Array.of(0, 1, 0, 7, 0));
  assert.deepEqual(Array.from(long.zeros), [0, 2, 4]);
  assert.deepEqual(Array.from(curveOf([0, 1], { log: false }).zeros), []);
});

test('a curve that follows a column through appends and replacements is the one that sees all of it at once', () => {
  const random = new Random(3);
  const value = (): number => {
    const kind = random.uniform();
    return kind < 0.1 ? Number.NaN : kind < 0.13 ? Infinity : random.uniform() * 10 - 1;
  };
  for (const kind of [{ log: false }, { log: true }]) {
    const curve = new Curve(kind);
    let column: number[] = [];
    for (let round = 0; round < 200; round++) {
      if (random.uniform() < 0.3) {
        column = column.slice(0, Math.floor(random.uniform() * (column.length + 1)));
        curve.truncate(column.length);
      }
      for (let more = Math.floor(random.uniform() * 30); more > 0; more--) column.push(value());
      curve.follow(Float64Array.from(column));
      const whole = curveOf(column, kind);
      assert.deepEqual(curve.rows, whole.rows);
      assertClose(curve.values, Array.from(whole.values));
      assert.deepEqual(curve.infinite, whole.infinite);
      const values = Array.from(curve.values).filter(Number.isFinite);
      assert.deepEqual(curve.pyramid.extremes(0, curve.length), { low: Math.min(...values), high: Math.max(...values) });
    }
  }
});

test('a point is found at any x, from any guess', () => {
  const random = new Random(8);
  const column = Array.from({ length: 500 }, () => (random.uniform() < 0.3 ? Number.NaN : 1));
  let at = 0;
  const x = Float64Array.from(column, () => (at += random.uniform() < 0.2 ? 0 : random.uniform() * 3));
  for (const curve of [
    curveOf(column, { log: false }),
    curveOf(
      column.map(() => 1),
      { log: false },
    ),
  ]) {
    const points = Array.from(curve.rows, (row) => x[row] as number);
    for (let query = 0; query < 500; query++) {
      const wanted = query % 2 === 0 ? (x[Math.floor(random.uniform() * x.length)] as number) : random.uniform() * at * 1.2 - at * 0.1;
      const first = points.findIndex((point) => point >= wanted);
      assert.equal(curve.pointAt(x, wanted, Math.floor(random.uniform() * 510)), first < 0 ? points.length : first);
    }
  }
});
