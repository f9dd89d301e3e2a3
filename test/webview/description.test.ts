import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../src/core/panel/runColumns.ts';
import type { RunSeries } from '../../src/core/panel/runSeries.ts';
import type { ChartModel } from '../../webview/chart/chartModel.ts';
import { describeChart } from '../../webview/chart/description.ts';

function seriesOf(values: readonly number[]): RunSeries {
  const columns = new RunColumns();
  columns.accept({ from: 0, steps: { first: 1, stride: 1, count: values.length }, columns: { norm: Float64Array.from(values) } });
  const series = columns.series('step', 'norm');
  assert.ok(series !== null);
  return series;
}

function modelOf(data: RunSeries): ChartModel {
  return {
    heading: 'Gradient norm',
    compact: false,
    x: 'step',
    xHeading: 'Step',
    yScale: 'auto',
    robust: true,
    limits: { low: null, high: null },
    yRange: null,
    comparedAs: null,
    others: null,
    extent: [1, data.length],
    xRange: null,
    smoothing: { by: 'range', share: 0.02 },
    aggregation: 'median',
    series: [{ name: 'opo', color: '#000000', dash: [], band: true, runs: [{ id: 'a', label: 'opo seed 1', onset: 3, data }] }],
    highlighted: null,
    onsets: [],
    notes: [],
  };
}

test('a chart in words has the last, the median and the highest value and the onset of a run, on either scale', () => {
  const data = seriesOf([1, 100, 10, 1000, 20]);
  const words = 'Gradient norm against step. opo: last value 20 (step 5), median 20, highest 1000; collapsed, onset at 3.';
  for (const log of [false, true]) assert.equal(describeChart(modelOf(data), log), words);
});

test('it is made from the curves that the chart draws, not from others of the same million points', () => {
  const data = seriesOf([1, 100, 10]);
  for (const log of [false, true]) {
    const scales: boolean[] = [];
    const watched: RunSeries = {
      length: data.length,
      revision: data.revision,
      steps: data.steps,
      x: data.x,
      y: data.y,
      curve(kind) {
        scales.push(kind.log);
        return data.curve(kind);
      },
    };
    describeChart(modelOf(watched), log);
    assert.deepEqual(scales, [log]);
  }
});

test('a last value that is no number is told as that, and what compares with a baseline as its axis does', () => {
  const lost = modelOf(seriesOf([1, 2, Infinity]));
  assert.match(describeChart(lost, false), /last value NaN or ∞ \(step 3\), median 2/);
  assert.match(
    describeChart({ ...modelOf(seriesOf([1, 2, 4])), comparedAs: 'ratio' }, true),
    /last value ×4 \(step 3\), median ×2, highest ×4/,
  );
});

test('a chart in words counts the zeros that a log axis has no place for', () => {
  const words = 'Gradient norm against step. opo: last value 0 (step 7), median 0, highest 100; collapsed, onset at 3.';
  assert.equal(describeChart(modelOf(seriesOf([10, 100, 0, 9.63, 0, 0, 0])), true), words);
  const none = 'Gradient norm against step. opo: last value 0 (step 2), median 0, highest 0; collapsed, onset at 3.';
  assert.equal(describeChart(modelOf(seriesOf([0, 0])), true), none);
});
