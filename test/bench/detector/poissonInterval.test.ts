import assert from 'node:assert/strict';
import test from 'node:test';
import { poissonInterval } from '../../../bench/detector/poissonInterval.ts';

// Garwood's table, as half of chi-squared quantiles with 2n and 2n + 2 degrees of freedom.
const table = [
  [0, 0, 3.688879],
  [1, 0.0253178, 5.571643],
  [5, 1.623486, 11.66833],
  [20, 12.21652, 30.88838],
  [100, 81.36391, 121.6273],
] as const;

test('the interval of a count is the exact one', () => {
  for (const [count, low, high] of table) {
    const interval = poissonInterval(count);
    assert.ok(Math.abs(interval.low - low) < 1e-4 * Math.max(1, low), `${count}: low ${interval.low}`);
    assert.ok(Math.abs(interval.high - high) < 1e-4 * high, `${count}: high ${interval.high}`);
  }
});
