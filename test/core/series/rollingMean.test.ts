import assert from 'node:assert/strict';
import test from 'node:test';
import { RollingMean } from '../../../src/core/series/rollingMean.ts';

test('the mean is that of the last values', () => {
  const mean = new RollingMean(3);
  assert.ok(Number.isNaN(mean.mean));
  for (const value of [100, 1, 2, 6]) mean.push(value);
  assert.equal(mean.mean, 3);
  assert.equal(mean.size, 3);
});

test('a huge value leaves nothing behind', () => {
  const mean = new RollingMean(2);
  for (const value of [1e300, 0.1, 0.3]) mean.push(value);
  assert.equal(mean.mean, 0.2);
});
