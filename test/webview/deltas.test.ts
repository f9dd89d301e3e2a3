import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { chosenBaseline } from '../../webview/comparedWith.ts';
import { panelSeries } from '../../webview/series.ts';
import { baselineFirst, deltaText, tableBaseline } from '../../webview/table/deltas.ts';
import type { TableBaseline } from '../../webview/table/deltas.ts';
import { recordedRun } from './harness/recordedRuns.ts';

const { run } = recordedRun('main_opo_6e-3_s7', 'opo');

function runOf(id: string, series: string, numbers: Partial<PanelRun['numbers']>): PanelRun {
  return { ...run, id, series, label: `${series} ${id}`, numbers: { ...run.numbers, ...numbers } };
}

const first = runOf('a', 'grpo', { score: 0.4, medianGradNorm: 1, maxGradNorm: Number.MAX_VALUE });
const second = runOf('b', 'grpo', { score: 0.6, medianGradNorm: 3, maxGradNorm: 9 });
const other = runOf('c', 'otb', { score: 0.55, medianGradNorm: 1, maxGradNorm: 4.5, bestScore: null });
const all = [other, first, second];

function baselineOf(kind: 'run' | 'series', id: string): TableBaseline {
  const baseline = chosenBaseline({ kind, run: id }, panelSeries(all));
  assert.ok(baseline !== null);
  return tableBaseline(baseline);
}

test('scores are told as differences to a pinned run, norms as how many times it they are', () => {
  assert.equal(deltaText(other, 'score', baselineOf('run', 'a')), '+0.15');
  assert.equal(deltaText(first, 'score', baselineOf('run', 'b')), '−0.20');
  assert.equal(deltaText(other, 'maxGradNorm', baselineOf('run', 'b')), '×0.5');
});

test('several runs of a baseline count as their mean score and median norm, and each is compared with these', () => {
  const series = baselineOf('series', 'a');
  assert.equal(deltaText(other, 'score', series), '+0.05');
  assert.equal(deltaText(other, 'medianGradNorm', series), '×0.5');
  assert.equal(deltaText(second, 'score', series), '+0.10');
});

test('a pinned run is not compared with itself, nor is what is missing or overflowed', () => {
  assert.equal(deltaText(first, 'score', baselineOf('run', 'a')), '');
  assert.equal(deltaText(other, 'bestScore', baselineOf('run', 'a')), '');
  assert.equal(deltaText(other, 'maxGradNorm', baselineOf('run', 'a')), '');
});

test('the runs of a baseline stand first, in the order of the others', () => {
  const ids = (baseline: TableBaseline | null): readonly string[] => baselineFirst(all, baseline).map(({ id }) => id);
  assert.deepEqual(ids(null), ['c', 'a', 'b']);
  assert.deepEqual(ids(baselineOf('run', 'b')), ['b', 'c', 'a']);
  assert.deepEqual(ids(baselineOf('series', 'b')), ['a', 'b', 'c']);
});
