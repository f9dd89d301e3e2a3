import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunColumns } from '../../src/core/panel/runColumns.ts';
import type { XAxisKind } from '../../src/core/panel/view.ts';
import type { ChartModel, ChartRun } from '../../webview/chart/chartModel.ts';
import { chartTable } from '../../webview/export/tsv.ts';

function run(label: string, steps: readonly number[], values: readonly number[], x: XAxisKind = 'step'): ChartRun {
  const columns = new RunColumns();
  const tokens = Float64Array.from(steps, (step) => 1000 * step);
  columns.accept({ from: 0, steps: Float64Array.from(steps), columns: { norm: Float64Array.from(values), '@tokens': tokens } });
  const data = columns.series(x, 'norm');
  assert.ok(data !== null);
  return { id: label, label, onset: null, data };
}

function table(runs: readonly ChartRun[], xRange: ChartModel['xRange'], x: XAxisKind = 'step'): string {
  return chartTable({
    ...{
      heading: 'Gradient norm',
      compact: false,
      xHeading: 'Step',
      yScale: 'auto',
      robust: true,
      yRange: null,
      others: null,
      comparedAs: null,
    },
    ...{
      limits: { low: null, high: null },
      smoothing: { by: 'range', share: 0.02 },
      aggregation: 'median',
      highlighted: null,
      onsets: [],
      notes: [],
    },
    x,
    extent: [1, 4],
    xRange,
    series: [{ name: 'opo', color: '#000000', dash: [], band: true, runs }],
  });
}

test('the table of a chart has a row a step in sight and a column a run that is shown, with every digit', () => {
  const a = run('a seed 1', [1, 2, 3, 4], [0.1, 1 / 3, Number.NaN, 1e-12]);
  const b = run('b\tseed 1', [2, 4], [Infinity, 7]);
  assert.equal(table([a, b], [2, 4]), `step\ta seed 1\tb seed 1\n2\t${1 / 3}\tInfinity\n3\t\t\n4\t1e-12\t7\n`);
  assert.equal(table([a], null).split('\n').length, 6);
});

test('on another axis it has the place of each run there', () => {
  const a = run('a', [1, 2], [5, 6], 'tokens');
  assert.equal(table([a], [2000, 4000], 'tokens'), 'step\ta tokens\ta\n2\t2000\t6\n');
});
