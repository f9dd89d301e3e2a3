import assert from 'node:assert/strict';
import test from 'node:test';
import { riseThresholds } from '../../../src/core/collapse/options.ts';
import { Rise } from '../../../src/core/collapse/rise.ts';

function riseOver(values: readonly number[]): Rise {
  const rise = new Rise(riseThresholds);
  values.forEach((value, i) => rise.add(i + 1, value));
  return rise;
}
const calm = (steps: number): number[] => Array.from({ length: steps }, (_, i) => 1 + 0.2 * Math.sin(i));
const repeat = (value: number, steps: number): number[] => Array<number>(steps).fill(value);

test('the baseline is frozen while the metric is high', () => {
  const rise = riseOver([...calm(120), ...repeat(5, 95)]);
  assert.ok(Math.abs(rise.usual - 1) < 0.05, `usual ${rise.usual}`);
  assert.ok(rise.duration >= 75);
});

test('the rise begins where the metric left its usual level', () => {
  assert.equal(riseOver([...calm(120), ...repeat(5, 10)]).startedAt, 121);
});

test('one value, however huge, is not a rise', () => {
  const rise = riseOver([...calm(120), 1e30]);
  assert.ok(rise.deviations > 100);
  assert.equal(rise.active, false);
  assert.equal(riseOver([...calm(120), 1e30, ...calm(10)]).evidence, 0);
});

test('the end of a long rise is noticed as soon as that of a short one', () => {
  const stepsToEnd = (steps: number): number => {
    const rise = riseOver([...calm(120), ...repeat(50, steps)]);
    let count = 0;
    while (rise.active) rise.add(120 + steps + ++count, 1);
    return count;
  };
  assert.equal(stepsToEnd(500), stepsToEnd(10));
});

test('a rise that goes on is not settled; one that stays where it is, is', () => {
  const climbing = Array.from({ length: 150 }, (_, i) => 5 * 1.03 ** i);
  assert.ok(riseOver([...calm(120), ...climbing]).settledDuration < 20);
  assert.ok(riseOver([...calm(120), ...repeat(5, 150)]).settledDuration > 120);
});

test('after adopting, the new level is the usual one', () => {
  const rise = riseOver([...calm(120), ...repeat(5, 50)]);
  rise.adopt();
  for (let step = 171; step <= 200; step++) rise.add(step, 5);
  assert.ok(Math.abs(rise.usual - 5) < 1e-9);
  assert.equal(rise.active, false);
});
