import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { pseudoColumns } from '../../src/core/panel/rows.ts';
import type { XAxisKind } from '../../src/core/panel/view.ts';
import { PanelState } from '../../webview/panelState.ts';
import { unplacedText } from '../../webview/runTexts.ts';
import { recordedRun } from './harness/recordedRuns.ts';

const { gradNorm } = roleColumns;
const { entropy, turns } = metricNames;
const { run } = recordedRun('main_opo_6e-3_s7', 'opo');
const long = { ...run, id: 'long', seed: 1, label: 'opo seed 1' };
const short = { ...run, id: 'short', seed: 2, label: 'opo seed 2' };

function stateOf(runs: readonly PanelRun[], x: XAxisKind = 'step'): PanelState {
  const state = new PanelState(null);
  state.setRuns(runs);
  state.setView({ x });
  return state;
}

/** Rows at steps 1, 2, … with these columns, each as long as the first. */
function logs(state: PanelState, id: string, columns: Readonly<Record<string, readonly number[]>>): void {
  const count = Object.values(columns)[0]?.length ?? 0;
  const values = Object.entries(columns).map(([name, column]) => [name, Float64Array.from(column)] as const);
  state.dataOf(id).accept({ from: 0, steps: { first: 1, stride: 1, count }, columns: Object.fromEntries(values) });
}

describe('small charts', () => {
  test('a chosen metric that no run logs is not drawn, and is as soon as one does', () => {
    const state = stateOf([{ ...run, metrics: [gradNorm, entropy] }]);
    state.setView({ multiples: [entropy, turns] });
    assert.deepEqual(state.multiples, [entropy]);
    assert.ok(!state.wantedColumns.includes(turns));
    state.setRuns([{ ...run, metrics: [gradNorm, entropy, turns] }]);
    assert.deepEqual(state.multiples, [entropy, turns]);
  });
});

describe('the horizontal axis', () => {
  test('reaches over all rows of all runs, whichever of them log a metric', () => {
    const state = stateOf([long, short]);
    logs(state, long.id, { [gradNorm]: [1, 2, 3, 4, 5] });
    logs(state, short.id, { [gradNorm]: [1, 2], [entropy]: [1, 2] });
    assert.deepEqual(state.extent, [1, 5]);
    state.setRuns([short]);
    assert.deepEqual(state.extent, [1, 2]);
  });

  test('has some width where there is one row, or none', () => {
    const state = stateOf([short]);
    assert.deepEqual(state.extent, [0, 1]);
    logs(state, short.id, { [gradNorm]: [1] });
    assert.deepEqual(state.extent, [0.5, 1.5]);
  });

  for (const x of ['tokens', 'time'] as const) {
    test(`of ${x} has no place for a run without any, which is told once it is known`, () => {
      const state = stateOf([long, short], x);
      logs(state, long.id, { [gradNorm]: [1, 2, 3] });
      assert.deepEqual(state.unplaced, [], 'its column may still come');
      logs(state, long.id, { [pseudoColumns[x]]: [Number.NaN, Number.NaN, Number.NaN] });
      logs(state, short.id, { [gradNorm]: [1, 2], [pseudoColumns[x]]: [0, 10] });
      assert.deepEqual(state.unplaced, [long]);
      assert.equal(state.dataOf(long.id).series(x, gradNorm), null);
      assert.equal(state.dataOf(long.id).xAtStep(x, 2), null);
      assert.deepEqual(state.extent, [0, 10]);
      state.setView({ x: 'step' });
      assert.deepEqual(state.unplaced, []);
    });
  }

  test('says what runs lack that are not on it', () => {
    assert.equal(unplacedText([], 'tokens'), '');
    assert.equal(unplacedText([long], 'tokens'), 'opo seed 1 logs no token counts and is not drawn on this axis.');
    assert.equal(unplacedText([long, short], 'time'), 'opo seed 1 and opo seed 2 log no times and are not drawn on this axis.');
    assert.match(
      unplacedText(
        Array.from({ length: 8 }, () => long),
        'time',
      ),
      /, opo seed 1 and 3 more log no times/,
    );
  });
});
