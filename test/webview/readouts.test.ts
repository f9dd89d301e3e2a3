import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../src/core/panel/runColumns.ts';
import type { Smoothing } from '../../src/core/panel/view.ts';
import type { ChartModel, Reading } from '../../webview/chart/chartModel.ts';
import { Projection } from '../../webview/chart/projection.ts';
import { markedValue, readingAt } from '../../webview/chart/readouts.ts';
import { SceneBuilder } from '../../webview/chart/scene.ts';
import type { Scene } from '../../webview/chart/scene.ts';

const smoothing: Smoothing = { by: 'steps', steps: 10 };
const none: Smoothing = { by: 'steps', steps: 0 };

/** Runs of one series from step 0 on, drawn as one line where there are several. */
function modelOf(runs: readonly (readonly number[])[], changes: Partial<ChartModel> = {}): ChartModel {
  const drawn = runs.map((values, index) => {
    const columns = new RunColumns();
    columns.accept({ from: 0, steps: { first: 0, stride: 1, count: values.length }, columns: { norm: Float64Array.from(values) } });
    const data = columns.series('step', 'norm');
    assert.ok(data !== null);
    return { id: String(index), label: `opo seed ${index}`, onset: null, data };
  });
  return {
    heading: 'Gradient norm',
    compact: false,
    x: 'step',
    xHeading: 'Step',
    yScale: 'log',
    robust: true,
    limits: { low: null, high: null },
    yRange: null,
    comparedAs: null,
    others: null,
    extent: [0, Math.max(...runs.map(({ length }) => length)) - 1],
    xRange: null,
    smoothing,
    aggregation: 'median',
    series: [{ name: 'opo', color: '#000000', dash: [], band: true, runs: drawn }],
    highlighted: null,
    onsets: [],
    notes: [],
    ...changes,
  };
}

const area = { left: 0, right: 600, top: 0, bottom: 300 };

function read(model: ChartModel, x: number, isFull = true): { readonly scene: Scene; readonly reading: Reading; readonly on: Projection } {
  const scene = new SceneBuilder().build(model, 600);
  const on = new Projection(scene, area);
  return { scene, on, reading: readingAt(scene, model, on, x, { pointer: null, isFull }) };
}

const waves = Array.from({ length: 100 }, (_, step) => 2 + Math.sin(step));

test('the marker stands on the value that is told, which is that of the line that is drawn bold', () => {
  for (const yScale of ['linear', 'log'] as const) {
    const { scene, reading, on } = read(modelOf([waves], { yScale }), 40.2);
    const [told] = reading.readouts;
    assert.ok(told !== undefined && told.smoothed !== null && told.value === waves[40] && told.smoothed !== told.value);
    const toAxis = yScale === 'log' ? Math.log10 : (value: number) => value;
    assert.equal(told.top, on.top(toAxis(told.smoothed)));
    const line = scene.series[0]?.runs[0]?.smooth;
    const drawn = line?.y[line.x.indexOf(40)] ?? Number.NaN;
    assert.ok(Math.abs(drawn - toAxis(told.smoothed)) < 1e-9, `${drawn} is drawn`);
    const unsmoothed: Reading = read(modelOf([waves], { yScale, smoothing: none }), 40.2).reading;
    const [raw] = unsmoothed.readouts;
    assert.deepEqual([raw?.smoothed, raw?.top], [null, on.top(toAxis(waves[40] as number))]);
  }
});

test('of several runs it is told what their line and what their logged values are', () => {
  const runs = [1, 2, 4].map((factor) => waves.map((value) => factor * value));
  const { scene, reading } = read(modelOf(runs), 40);
  const [together, ...seeds] = reading.readouts;
  assert.ok(together !== undefined && together.run === null);
  const value = waves[40] as number;
  assert.deepEqual(together.spread, { centre: 'median', low: value, high: 4 * value, count: 3 });
  assert.ok(Math.abs(together.value - 2 * value) < 1e-9);
  const band = scene.series[0]?.band;
  assert.equal(markedValue(together), 10 ** (band?.centre[band.x.indexOf(40)] ?? Number.NaN));
  assert.deepEqual(
    seeds.map(({ label, value: logged }) => [label, logged]),
    [1, 2, 4].map((factor, index) => [`opo seed ${index}`, factor * value]),
  );
  assert.equal(read(modelOf(runs), 40, false).reading.readouts.length, 1, 'nobody asked for the runs');
});

test('a zero on a log axis is told as zero, of one run and of several, and marked in its lane', () => {
  const zeros = waves.map((value, step) => (step > 60 ? 0 : value));
  const { reading, scene, on } = read(modelOf([zeros, zeros, waves]), 80);
  const lane = on.top(scene.zeros ?? Number.NaN);
  const [together, first, , last] = reading.readouts;
  assert.deepEqual([together?.value, together?.spread?.low, together?.spread?.count, together?.top], [0, 0, 3, lane]);
  assert.deepEqual([first?.value, first?.smoothed, first?.top], [0, null, lane]);
  assert.equal(last?.value, waves[80]);
});

test('where a run has ended, or the line of all, nothing is told of it', () => {
  const { reading } = read(modelOf([waves, waves.slice(0, 30)]), 70);
  assert.deepEqual(
    reading.readouts.map(({ label }) => label),
    ['opo seed 0'],
  );
});

test('a run that collapsed and has ended counts on in the mean with its last value, as in the line', () => {
  const model = modelOf([waves, [...waves.slice(0, 29), 0.5]], { aggregation: 'mean', yScale: 'linear', smoothing: none });
  const [series] = model.series;
  assert.ok(series !== undefined);
  const runs = series.runs.map((run, index) => (index === 1 ? { ...run, onset: 20 } : run));
  const [together] = read({ ...model, series: [{ ...series, runs }] }, 70).reading.readouts;
  assert.deepEqual(together?.spread, { centre: 'mean', low: 0.5, high: waves[70], count: 2 });
  assert.equal(together.value, (0.5 + (waves[70] as number)) / 2);
});

test('what is ignored as outliers is counted, above, below and far to the right, in sight only', () => {
  const values = Array.from({ length: 400 }, (_, step) => (step === 150 ? 1e9 : step === 270 ? -1e9 : 2 + Math.sin(step)));
  const model = modelOf([values], { yScale: 'linear' });
  assert.equal(read(model, 0).scene.hidden, 2);
  assert.equal(read({ ...model, robust: false }, 0).scene.hidden, 0);
  assert.equal(read({ ...model, xRange: [200, 399] }, 0).scene.hidden, 1);
  assert.equal(read({ ...model, extent: [0, 389] }, 0).scene.hidden, 12);
});
