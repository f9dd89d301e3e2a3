import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PanelSubject } from '../../../src/core/panel/view.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { comparisonColumns } from '../../../src/runs/panel/comparisonColumns.ts';
import { exampleOverview, runsDir } from './fakeRuns.ts';

const estimators = ['reinforce', 'dr_grpo', 'opo', 'grpo', 'rloo', 'optimal_token_baseline'] as const;
const group: PanelSubject = { kind: 'group', runsDir, group: 'g', series: null };

function run(index: number, estimator: (typeof estimators)[number], seed: number): RunOverview {
  return exampleOverview(`run-${index}`, {}, { estimator, seed, createdAt: `2026-01-02T03:04:${10 + index}Z` });
}

function grid(count: number, seeds: readonly number[]): RunOverview[] {
  return estimators.slice(0, count).flatMap((estimator, i) => seeds.map((seed, j) => run(i * seeds.length + j, estimator, seed)));
}

function dirs(...indices: readonly number[]): PanelSubject {
  return { kind: 'runs', runs: indices.map((index) => `${runsDir}/run-${index}`) };
}

describe('the columns of a comparison', () => {
  it('are the estimators of a group, in the order of their start', () => {
    assert.deepEqual(comparisonColumns([group], grid(3, [1, 2]).reverse()), [
      { ...group, series: ['reinforce'] },
      { ...group, series: ['dr_grpo'] },
      { ...group, series: ['opo'] },
    ]);
  });

  it('are at most four, which estimators then share as evenly as they can', () => {
    const columns = comparisonColumns([group], grid(6, [1]));
    assert.deepEqual(
      columns.map((column) => column.kind === 'group' && column.series?.length),
      [2, 1, 2, 1],
    );
    assert.deepEqual(
      columns.flatMap((column) => (column.kind === 'group' ? (column.series ?? []) : [])),
      [...estimators],
    );
  });

  it('are the seeds of a group that has one estimator', () => {
    assert.deepEqual(comparisonColumns([group], grid(1, [1, 2])), [dirs(0), dirs(1)]);
  });

  it('are the chosen runs and groups themselves, where they are few', () => {
    const chosen = [dirs(3), group, dirs(0)];
    assert.deepEqual(comparisonColumns(chosen, grid(3, [1, 2])), chosen);
  });

  it('are the series of the chosen runs, where these are many', () => {
    const runs = grid(2, [1, 2, 3]);
    assert.deepEqual(
      comparisonColumns(
        runs.map((_, index) => dirs(index)),
        runs,
      ),
      [dirs(0, 1, 2), dirs(3, 4, 5)],
    );
  });

  it('are fewer than two where there is nothing to compare', () => {
    assert.deepEqual(comparisonColumns([], grid(2, [1])), []);
    assert.equal(comparisonColumns([dirs(0)], grid(2, [1])).length, 1);
    assert.equal(comparisonColumns([group], grid(1, [1])).length, 1);
  });
});
