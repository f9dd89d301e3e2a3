import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsual, limitedRange, limitText, parseLimits, usualAxis } from '../../../src/core/panel/chartAxis.ts';

test('an axis has the ends that were chosen, and otherwise those of its values', () => {
  assert.deepEqual(limitedRange([0, 8], { low: null, high: null }, false), [0, 8]);
  assert.deepEqual(limitedRange([0, 8], { low: 2, high: null }, false), [2, 8]);
  assert.deepEqual(limitedRange([0, 8], { low: -1, high: 0.5 }, false), [-1, 0.5]);
  assert.deepEqual(limitedRange([-1, 3], { low: 1, high: 100 }, true), [0, 2]);
});

test('an end that lies beyond all values still leaves an axis', () => {
  assert.deepEqual(limitedRange([0, 8], { low: 10, high: null }, false), [10, 20]);
  assert.deepEqual(limitedRange([2, 8], { low: null, high: 1 }, false), [0, 1]);
  assert.deepEqual(limitedRange([0, 1], { low: 1000, high: null }, true), [3, 4]);
});

test('on a log axis an end at or below 0, chosen on a linear one, is left out', () => {
  assert.deepEqual(limitedRange([-1, 3], { low: 0, high: 10 }, true), [-1, 1]);
});

test('what is typed is taken as any program writes numbers, and nothing typed as no limit', () => {
  assert.deepEqual(parseLimits(' 1e-3', '', false), { low: 0.001, high: null });
  assert.deepEqual(parseLimits('−2', '.5', false), { low: -2, high: 0.5 });
  assert.equal(limitText(1e-7), '1e-7');
  assert.equal(limitText(null), '');
});

test('what cannot be an axis is said', () => {
  assert.equal(parseLimits('abc', '1', false), '“abc” is not a number.');
  assert.equal(parseLimits('', '1/0', false), '“1/0” is not a number.');
  assert.equal(parseLimits('3', '3', false), '3 is not below 3.');
  assert.equal(parseLimits('0', '1', true), 'A log scale needs limits above 0, not 0.');
  assert.deepEqual(parseLimits('0', '1', false), { low: 0, high: 1 });
});

test('an axis of which nothing was chosen is as usual', () => {
  assert.ok(isUsual(usualAxis));
  assert.ok(!isUsual({ ...usualAxis, scale: 'log' }));
  assert.ok(!isUsual({ ...usualAxis, high: 0 }));
});

test('an axis is a range that can be drawn, however large or small its ends are', () => {
  for (const [low, high] of [
    [1e308, null],
    [null, -1e308],
    [-1.7e308, 1.7e308],
    [5e-324, 1e-323],
    [null, 1e-320],
  ] as const) {
    const [from, to] = limitedRange([1, 2], { low, high }, false);
    assert.ok(from < to && Number.isFinite(1.5 * (to - from)) && Number.isFinite(1e4 / (to - from)), `${low} ${high}: ${from} ${to}`);
  }
});

test('what is no number is quoted in short', () => {
  assert.ok(parseLimits('x'.repeat(10_000), '', false).toString().length < 80);
});
