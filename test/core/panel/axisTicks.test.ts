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
  assert.equal(labels(xTicks('tokens', [0, 8e6], 4)), '0 2·10⁶ 4·10⁶ 6·10⁶ 8·10⁶');
  assert.equal(labels(xTicks('step', [1_000_000, 1_000_003], 4)), '1000000 1000001 1000002 1000003');
});

test('time has round ticks in the unit that reads best', () => {
  assert.equal(labels(xTicks('time', [0, 62], 6)), '0 s 10 s 20 s 30 s 40 s 50 s 60 s');
  assert.equal(labels(xTicks('time', [0, 3700], 4)), '0 min 15 min 30 min 45 min 60 min');
  assert.equal(labels(xTicks('time', [0, 7300], 4)), '0 h 0.5 h 1 h 1.5 h 2 h');
});

test('times late in a run can be told apart, however far one zooms in', () => {
  assert.equal(labels(xTicks('time', [12_340, 12_360], 4)), '12340 s 12345 s 12350 s 12355 s 12360 s');
  assert.equal(labels(xTicks('time', [360_000, 361_200], 4)), '100 h 100.08 h 100.17 h 100.25 h 100.33 h');
  assert.equal(labels(xTicks('time', [100.001, 100.003], 2)), '100.001 s 100.002 s 100.003 s');
});

test('a log axis has powers of ten at their logarithms', () => {
  assert.deepEqual(yTicks(true, [-1.2, 2.3], 6), [
    { value: -1, label: '10⁻¹' },
    { value: 0, label: '10⁰' },
    { value: 1, label: '10¹' },
    { value: 2, label: '10²' },
  ]);
});

test('a log axis may reach beyond the largest and the smallest number', () => {
  assert.equal(yTicks(true, [0, 320], 4).at(-1)?.label, '10²³⁴');
  assert.ok(yTicks(true, [-330, 0], 4).length > 2);
});

test('a linear axis has plain numbers, and powers of ten where numbers are too long to read', () => {
  assert.equal(labels(yTicks(false, [0, 1], 5)), '0 0.2 0.4 0.6 0.8 1');
  assert.equal(labels(yTicks(false, [0, 4e14], 4)), '0 1·10¹⁴ 2·10¹⁴ 3·10¹⁴ 4·10¹⁴');
});
