import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimate } from '../../../src/core/panel/decimation.ts';
import { Polyline } from '../../../src/core/panel/polyline.ts';
import { RunColumns } from '../../../src/core/panel/runColumns.ts';
import type { RunSeries } from '../../../src/core/panel/runSeries.ts';
import { SmoothedWalk, smoothingSteps } from '../../../src/core/panel/smoothing.ts';
import { Random } from '../../../src/core/random.ts';

/** As TensorBoard smooths, written down plainly. */
function smoothed(values: readonly number[], weight: number): number[] {
  let last = 0;
  let count = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    last = last * weight + (1 - weight) * value;
    count++;
    return last / (1 - weight ** count);
  });
}

function seriesOf(values: readonly number[], stride = 1, times?: readonly number[]): RunSeries {
  const run = new RunColumns();
  const time = times === undefined ? {} : { '@time': Float64Array.from(times) };
  run.accept({ from: 0, steps: { first: 0, stride, count: values.length }, columns: { value: Float64Array.from(values), ...time } });
  const series = run.series(times === undefined ? 'step' : 'time', 'value');
  assert.ok(series !== null);
  return series;
}

/** The average after each point. */
function walked(values: readonly number[], steps: number, { log = false, stride = 1 } = {}): number[] {
  const series = seriesOf(values, stride);
  const curve = series.curve({ log });
  const walk = new SmoothedWalk(series, curve, steps);
  return Array.from(curve.values, (_, point) => walk.take(point + 1));
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-9): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, index) => {
    assert.ok(
      Math.abs((actual[index] as number) - value) <= tolerance * Math.max(1, Math.abs(value)),
      `${index}: ${actual[index]} is not ${value}`,
    );
  });
}

function noise(length: number): number[] {
  const random = new Random(5);
  return Array.from({ length }, (_, index) => Math.sin(index / 900) + random.uniform());
}

test('smoothing begins at the first value, as in TensorBoard, and leaves out what is not finite', () => {
  const averages = walked([5, 6, 7, 2, 3, Infinity], 10);
  const expected = smoothed([5, 6, 7, 2, 3], 0.9);
  assertClose(averages, [...expected, expected[4] as number]);
  assert.equal(averages[0], 5);
});

test('on a log axis a surge is smoothed by its decades: the average of norms is their geometric mean', () => {
  assertClose(walked([1, 1e6], 2, { log: true }), [0, smoothed([0, 6], 0.5)[1] as number]);
});

test('a value counts for the steps up to it: a run that logs every tenth step is smoothed over the same steps', () => {
  assertClose(walked([1, 5, 2, 8], 20, { stride: 10 }), smoothed([1, 5, 2, 8], 0.95 ** 10));
});

test('wherever a walk begins, and over whatever stretches it goes, it finds about the same average', () => {
  const values = noise(60_000);
  const expected = smoothed(values, 1 - 1 / 1000);
  const series = seriesOf(values);
  const curve = series.curve({ log: false });
  const walk = new SmoothedWalk(series, curve, 1000);
  for (const point of [0, 1, 700, 12_345, 59_999]) assertClose([walk.at(point)], [expected[point] as number], 0.005);
  walk.seek(30_000);
  for (let end = 30_050; end <= 60_000; end += 50) assertClose([walk.take(end)], [expected[end - 1] as number], 0.005);
});

test('of a long run the smoothed line is the moving average at each of its points, and goes on where the view moves', () => {
  const values = noise(200_000);
  const series = seriesOf(values);
  const curve = series.curve({ log: false });
  const window = { from: 50_000, to: 150_000, columns: 500 };
  const steps = smoothingSteps({ by: 'range', share: 0.02 }, series, window);
  assert.equal(steps, 2000);
  const expected = smoothed(values, 1 - 1 / steps);
  const lines = { raw: new Polyline(), smooth: new Polyline() };
  assert.equal(decimate(series, curve, window, steps, lines), true);
  assert.ok(lines.smooth.length <= 2 * window.columns + 2);
  for (let i = 0; i < lines.smooth.length; i++) {
    assertClose([lines.smooth.y[i] as number], [expected[lines.smooth.x[i] as number] as number], 0.01);
  }
  assert.equal(lines.raw.length % 2, 0, 'of a dense line, lowest and highest values');
});

test('a share of what is in sight is that share of its steps, on any axis, and never less than a pixel; 0 is nothing', () => {
  const step = seriesOf(noise(1000));
  const time = seriesOf(
    noise(1000),
    1,
    noise(1000).map((_, index) => 100 + 5 * index),
  );
  const columns = 500;
  assert.equal(smoothingSteps({ by: 'range', share: 0.02 }, step, { from: 0, to: 600, columns }), 12);
  assert.equal(smoothingSteps({ by: 'range', share: 0.02 }, time, { from: 0, to: 3000, columns }), 12);
  assert.equal(smoothingSteps({ by: 'steps', steps: 50 }, time, { from: 0, to: 3000, columns }), 50);
  assert.equal(smoothingSteps({ by: 'steps', steps: 5 }, step, { from: 0, to: 1e6, columns }), 2000);
  assert.equal(smoothingSteps({ by: 'range', share: 0.02 }, step, { from: 0, to: 10, columns }), 1);
  for (const none of [{ by: 'range', share: 0 } as const, { by: 'steps', steps: 0 } as const]) {
    assert.equal(smoothingSteps(none, step, { from: 0, to: 1e6, columns }), 0);
  }
});
