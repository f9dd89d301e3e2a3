import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactValues } from '../../../src/core/panel/rows.ts';

test('values are made small only where single precision holds them all', () => {
  const plain = Float64Array.of(0, -0.1, 1e30, Number.NaN, Number.POSITIVE_INFINITY, 1e-30);
  assert.deepEqual(compactValues(plain), Float32Array.from(plain));
  for (const lost of [1e39, -1e39, 1e-40]) {
    const values = Float64Array.of(1, lost);
    assert.deepEqual(compactValues(values), values);
  }
});
