import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import { emptyRange, prefersLog, valueRange as rangeInSight } from '../../../src/core/panel/valueRange.ts';
import type { RangedRun, RangeOptions } from '../../../src/core/panel/valueRange.ts';
import { Random } from '../../../src/core/random.ts';

const everything = { from: -1, to: 1e6, columns: 500 };
const linear: RangeOptions = { log: false, robust: true, fixed: null };
const log: RangeOptions = { log: true, robust: true, fixed: null };

function ranged(values: readonly number[], { isLog = false, onset = null as number | null } = {}): RangedRun {
  const run = new RunColumns();
  run.accept({ from: 0, steps: { first: 0, stride: 1, count: values.length }, columns: { value: Float64Array.from(values) } });
  const series = run.series('step', 'value');
  assert.ok(series !== null);
  return { series, curve: series.curve({ log: isLog }), onset };
}

/** As a chart takes it that stands alone. */
function valueRange(...given: Parameters<typeof rangeInSight>): readonly [low: number, high: number] {
  return rangeInSight(...given) ?? emptyRange(given[2]);
}

function healthyNorms(length = 1000): number[] {
  const random = new Random(7);
  return Array.from({ length }, () => 0.5 + random.uniform());
}

test('without robustness every value lies in the range, however rare', () => {
  const norms = healthyNorms(5000);
  norms[3333] = 400;
  const [low, high] = valueRange([ranged(norms)], everything, { ...linear, robust: false });
  assert.ok(low === 0 && high >= 400 && high < 500);
  const [logLow, logHigh] = valueRange([ranged(norms, { isLog: true })], everything, { ...log, robust: false });
  assert.ok(logLow < Math.log10(0.5) && logHigh > Math.log10(400) && logHigh < 3);
});

test('a robust range leaves a rare spike out and keeps the rest readable', () => {
  const norms = healthyNorms();
  norms[500] = 400;
  const [low, high] = valueRange([ranged(norms)], everything, linear);
  assert.ok(low === 0 && high > 1.5 && high < 4, `${low} to ${high}`);
});

test('a robust log range shows five decades above the healthy level, not all fourteen of a surge', () => {
  const norms = [...healthyNorms(), ...Array.from({ length: 3000 }, () => 1e14)];
  const [low, high] = valueRange([ranged(norms, { isLog: true, onset: 1000 })], everything, log);
  assert.ok(low > -1 && low < -0.25, `from ${low}`);
  assert.ok(high > 4.9 && high < 5.5, `to ${high}`);
});

test('zoomed in on the surge, the range is that of the surge', () => {
  const norms = [...healthyNorms(), ...Array.from({ length: 3000 }, () => 1e14)];
  const [low, high] = valueRange([ranged(norms, { isLog: true, onset: 1000 })], { from: 2000, to: 2500, columns: 500 }, log);
  assert.ok(low > 13 && low < 14 && high > 14 && high < 15);
});

test('only what is visible counts', () => {
  const values = Array.from({ length: 1000 }, (_, index) => index);
  const [low, high] = valueRange([ranged(values)], { from: 700, to: 710, columns: 500 }, linear);
  assert.ok(low > 690 && low <= 700 && high >= 710 && high < 720);
});

test('the fixed range holds as long as all values lie in it', () => {
  const fixed: RangeOptions = { ...linear, fixed: [0, 1] };
  assert.deepEqual(valueRange([ranged([0.3, 0.4])], everything, fixed), [0, 1]);
  assert.ok(valueRange([ranged([0.3, 1.7])], everything, fixed)[1] > 1.7);
  for (const rewards of [
    [-10, -4, 0],
    [3, 8],
  ]) {
    const [low, high] = valueRange([ranged(rewards)], everything, fixed);
    assert.ok(low <= Math.min(...rewards) && high >= Math.max(...rewards) && high - low <= 12, `${low} to ${high}`);
  }
});

test('values that are missing, infinite or all the same still give a range', () => {
  for (const values of [[], [Number.NaN], [Infinity], [0, 0, 0], [7], [-Infinity, 3]]) {
    for (const options of [linear, { ...linear, robust: false }, log]) {
      const [low, high] = valueRange([ranged(values, { isLog: options.log })], everything, options);
      assert.ok(Number.isFinite(low) && Number.isFinite(high) && low < high, `${values.join()}: ${low} to ${high}`);
    }
  }
});

test('healthy norms are drawn on a linear scale; a surge or a span of decades asks for a log scale', () => {
  assert.equal(prefersLog([ranged(healthyNorms())], false, false), false);
  assert.equal(prefersLog([ranged([...healthyNorms(), ...Array.from({ length: 20 }, () => 1e5)], { onset: 1000 })], false, false), true);
  const fading = Array.from({ length: 1000 }, (_, index) => 10 ** (-index / 400));
  assert.equal(prefersLog([ranged(fading)], false, false), true);
  assert.equal(prefersLog([ranged([])], false, false), false);
});

test('a scale that is log stays log at the threshold, so that it does not flicker', () => {
  const nearly = Array.from({ length: 1000 }, (_, index) => 10 ** (-(index / 1000) * 1.65));
  assert.equal(prefersLog([ranged(nearly)], false, false), false);
  assert.equal(prefersLog([ranged(nearly, { isLog: true })], true, true), true);
});

test('the largest and the smallest numbers that there are have a range', () => {
  for (const values of [
    [1e308, -1e308, 5e-324],
    [1.7e308, 1.7e308, -1.7e308],
    [5e-324, 5e-324],
  ])
    for (const robust of [true, false]) {
      const columns = new RunColumns();
      columns.accept({ from: 0, steps: { first: 1, stride: 1, count: values.length }, columns: { m: Float64Array.from(values) } });
      const series = columns.series('step', 'm');
      assert.ok(series);
      const found = rangeInSight([{ series, curve: series.curve({ log: false }), onset: null }], everything, { ...linear, robust });
      assert.ok(found && found[0] < found[1] && Number.isFinite(found[1] - found[0]), String(found));
    }
});
