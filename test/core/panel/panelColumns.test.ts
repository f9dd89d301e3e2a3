import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimate } from '../../../src/core/panel/decimation.ts';
import { PanelColumns } from '../../../src/core/panel/panelColumns.ts';
import { Polyline } from '../../../src/core/panel/polyline.ts';
import type { Rows } from '../../../src/core/panel/rows.ts';

const overview: Rows = {
  from: 0,
  steps: Float64Array.of(1, 300, 301, 1000),
  columns: { norm: Float64Array.of(1, 1, 50, 1), score: Float64Array.of(0, 0.1, 0.2, 1) },
};
const steps = { first: 1, stride: 1, count: 1000 };

test('each column is drawn from the overview until all its rows have arrived', () => {
  const run = new PanelColumns();
  run.acceptOverview(overview);
  assert.equal(run.length, 4);
  assert.equal(run.series('step', 'norm')?.length, 4);
  assert.equal(run.xAtStep('step', 250), 300);
  run.accept({ from: 0, steps, columns: { norm: new Float64Array(1000).fill(1) } });
  assert.equal(run.series('step', 'norm')?.length, 1000);
  assert.equal(run.series('step', 'score')?.length, 4);
  assert.equal(run.xAtStep('step', 250), 250);
  run.accept({ from: 0, steps, columns: { score: new Float64Array(1000) } });
  assert.equal(run.series('step', 'score')?.length, 1000);
});

test('while the first of its rows arrive, the run is drawn to its end', () => {
  const run = new PanelColumns();
  run.acceptOverview(overview);
  run.accept({ from: 0, steps: { ...steps, count: 500 }, columns: { norm: new Float64Array(500), score: new Float64Array(500) } });
  assert.equal(run.series('step', 'norm')?.x.at(-1), 1000);
  run.accept({
    from: 500,
    steps: { first: 501, stride: 1, count: 500 },
    columns: { norm: new Float64Array(500), score: new Float64Array(500) },
  });
  assert.equal(run.series('step', 'norm')?.length, 1000);
});

test('an overview without rows ends the one before', () => {
  const run = new PanelColumns();
  run.acceptOverview(overview);
  run.acceptOverview({ from: 0, steps: new Float64Array(), columns: {} });
  assert.deepEqual([run.length, run.series('step', 'norm')], [0, null]);
});

test('the line of an overview does not break where its rows are far apart', () => {
  const run = new PanelColumns();
  run.acceptOverview(overview);
  const series = run.series('step', 'norm');
  assert.ok(series);
  const line = new Polyline();
  decimate(series, series.curve({ log: false }), { from: 1, to: 1000, columns: 500 }, 0, { raw: line, smooth: new Polyline() });
  assert.deepEqual([...line.y].slice(0, line.length), [1, 1, 50, 1]);
});
