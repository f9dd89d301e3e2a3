import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xTicks, yTicks } from '../../../src/core/panel/axisTicks.ts';
import type { AxisTick } from '../../../src/core/panel/axisTicks.ts';

function labels(ticks: readonly AxisTick[]): string {
  return ticks.map(({ label }) => label).join(' ');
}

test('steps and tokens are whole numbers, however far one zooms in', () => {
  assert.equal(labels(xTicks('step', [0, 600], 6)), '0 100 200 300 400 500 600');
  assert.equal(labels(xTicks('step', [10, 12], 6)), '10 11 12');
  assert.equal(labels(xTicks('tokens', [0, 8e6], 4)), '0 2M 4M 6M 8M');
});

test('time has round ticks in the unit that reads best', () => {
  assert.equal(labels(xTicks('time', [0, 62], 6)), '0 s 10 s 20 s 30 s 40 s 50 s 60 s');
  assert.equal(labels(xTicks('time', [0, 3700], 4)), '0 min 15 min 30 min 45 min 60 min');
  assert.equal(labels(xTicks('time', [0, 7300], 4)), '0 h 0.5 h 1 h 1.5 h 2 h');
});

test('a log axis has powers of ten at their logarithms', () => {
  assert.deepEqual(yTicks(true, [-1.2, 2.3], 6), [
    { value: -1, label: '10⁻¹' },
    { value: 0, label: '10⁰' },
    { value: 1, label: '10¹' },
    { value: 2, label: '10²' },
  ]);
});

test('a linear axis has plain numbers, and powers of ten where numbers are too long to read', () => {
  assert.equal(labels(yTicks(false, [0, 1], 5)), '0 0.2 0.4 0.6 0.8 1');
  assert.equal(labels(yTicks(false, [0, 4e14], 4)), '0 1·10¹⁴ 2·10¹⁴ 3·10¹⁴ 4·10¹⁴');
});
