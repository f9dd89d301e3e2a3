import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { median } from '../../../src/core/statistics/quantiles.ts';
import { medianInPlace } from '../../../src/core/statistics/selection.ts';

test('the median by selection is the median by sorting, also with repeated and infinite numbers', () => {
  const random = new Random(1);
  for (let round = 0; round < 500; round++) {
    const length = 1 + Math.floor(random.uniform() * 40);
    const levels = 1 + Math.floor(random.uniform() * 50);
    const values = Float64Array.from({ length }, () => (random.uniform() < 0.05 ? Infinity : Math.floor(random.uniform() * levels)));
    assert.equal(medianInPlace(values.slice()), median([...values]), String(values));
    const part = 1 + Math.floor(random.uniform() * length);
    assert.equal(medianInPlace(values.slice(), part), median([...values.subarray(0, part)]), `${part} of ${values}`);
  }
  assert.ok(Number.isNaN(medianInPlace(new Float64Array())));
});
