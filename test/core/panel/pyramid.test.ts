import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrowingArray } from '../../../src/core/panel/growingArray.ts';
import { Pyramid } from '../../../src/core/panel/pyramid.ts';
import { Random } from '../../../src/core/random.ts';

test('a pyramid answers as a look at every value does, after any appends and replacements', () => {
  const random = new Random(11);
  const below = (limit: number): number => Math.floor(random.uniform() * limit);
  const values = GrowingArray.floats();
  const pyramid = new Pyramid();
  for (let round = 0; round < 300; round++) {
    const kept = random.uniform() < 0.7 ? values.length : below(values.length + 1);
    values.truncate(kept);
    pyramid.truncate(kept);
    values.append(Array.from({ length: below(round % 10 === 0 ? 3000 : 40) }, () => Math.round(1000 * (random.uniform() - 0.5))));
    pyramid.extend(values.values);
    for (let query = 0; query < 20; query++) {
      const start = below(values.length + 1);
      const end = start + below(values.length - start + 1);
      const stretch = Array.from(values.values.subarray(start, end));
      const brute = { low: Math.min(...stretch), high: Math.max(...stretch) };
      assert.deepEqual(pyramid.extremes(start, end), brute);
      assert.equal(
        pyramid.sum(start, end),
        stretch.reduce((sum, value) => sum + value, 0),
      );
      const outside = stretch.filter((value) => value < -400 || value > 450).length;
      assert.equal(pyramid.countOutside(start, end, -400, 450, Infinity), outside);
      assert.equal(pyramid.countOutside(start, end, -400, 450, 5), Math.min(5, outside));
    }
  }
});

test('values that are not finite are left out', () => {
  const values = Float64Array.from({ length: 100 }, (_, index) => (index === 37 ? Infinity : index === 80 ? -Infinity : index));
  const pyramid = new Pyramid();
  pyramid.extend(values);
  assert.deepEqual(pyramid.extremes(0, 100), { low: 0, high: 99 });
  assert.deepEqual(pyramid.extremes(30, 40), { low: 30, high: 39 });
  assert.equal(pyramid.sum(0, 100), 4950 - 37 - 80);
  assert.deepEqual(pyramid.extremes(37, 38), { low: Infinity, high: -Infinity });
  assert.equal(pyramid.countOutside(0, 100, 10, 89, Infinity), 20, 'they lie outside of no range');
});
