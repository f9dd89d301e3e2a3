import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sparkline } from '../../../src/runs/catalog/sparkline.ts';

describe('the sparkline of a run', () => {
  it('has at most 24 values and never loses a surge, however long the run is', () => {
    for (const steps of [1, 5, 23, 24, 25, 100, 1000, 12_345]) {
      const sparkline = new Sparkline();
      const surge = Math.ceil(0.7 * steps);
      for (let step = 1; step <= steps; step++) sparkline.add(step, step === surge ? 1000 : 1);
      const { values } = sparkline;
      assert.ok(values.length <= 24 && values.length >= Math.min(steps, 12), `${steps} steps: ${values.length} values`);
      const place = values.indexOf(1000) / values.length;
      assert.ok(Math.abs(place - 0.7) < 0.1 || steps < 24, `${steps} steps: surge at ${place}`);
      assert.equal(Math.max(...values), 1000);
    }
  });

  it('is the same in whatever order values come', () => {
    const numbers = Array.from({ length: 500 }, (_, index) => index + 1);
    const height = (step: number): number => (step * 7919) % 101;
    const [forwards, backwards] = [new Sparkline(), new Sparkline()];
    for (const step of numbers) forwards.add(step, height(step));
    for (const step of numbers.toReversed()) backwards.add(step, height(step));
    assert.deepEqual(backwards.values, forwards.values);
  });

  it('shows nothing of steps that a resumed run has not done', () => {
    const sparkline = new Sparkline();
    for (let step = 1; step <= 100; step++) sparkline.add(step, step > 60 ? 50 : 1);
    sparkline.rewind(60);
    assert.deepEqual([...new Set(sparkline.values)], [1]);
  });

  it('leaves out what is no number', () => {
    const sparkline = new Sparkline();
    [1, Number.NaN, 3].forEach((value, index) => sparkline.add(index + 1, value));
    assert.deepEqual(sparkline.values, [1, 3]);
  });
});
