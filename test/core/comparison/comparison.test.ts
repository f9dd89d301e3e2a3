import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRuns } from '../../../src/core/comparison/comparison.ts';
import { groupRuns } from '../../../src/core/comparison/groups.ts';
import { pairedTests } from '../../../src/core/comparison/pairedTests.ts';
import { makeGroup, makeRun } from './runs.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const near = (actual: number | undefined, expected: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('runs are grouped by estimator and summarized over seeds', () => {
  const [group] = groupRuns([...makeGroup('opo', 5, [2, 4])].reverse()).map(({ summary }) => summary);
  assert.ok(group !== undefined);
  assert.deepEqual(group.seeds, [1, 2, 3, 4, 5]);
  assert.equal(group.collapsed, 2);
  assert.deepEqual(group.onsetStep, { median: 63, min: 62, max: 64 });
  near(group.finalScore?.mean, (3 * 0.8 + 2 * 0.1) / 5);
  near(group.finalScore?.std, Math.sqrt((3 * 0.28 ** 2 + 2 * 0.42 ** 2) / 4));
  near(group.collapseRateInterval.low, 0.1176207742);
  assert.equal(group.worstGradNorm, 1e4);
  assert.ok((group.maxGradNorm ?? 0) < 2, 'the typical run did not surge');
});

test('a long value of a config separates groups, but is named by its ends only', () => {
  const data = (end: string): unknown => ({ steps: 100, data: `/data/${'x'.repeat(1_000_000)}/${end}` });
  const groups = groupRuns([
    makeRun({ estimator: 'opo', seed: 1, config: data('train.parquet') }),
    makeRun({ estimator: 'opo', seed: 1, config: data('small.parquet') }),
  ]);
  for (const [index, end] of ['train.parquet', 'small.parquet'].entries())
    assert.match(groups[index]?.summary.label ?? '', new RegExp(`^opo \\(data /data/x+…x+/${end}\\)$`));
  assert.ok(groups.every(({ summary }) => summary.label.length < 80));
});

test('what differs between configs, seed and estimator aside, separates groups and names them', () => {
  const config = (learningRate: number, seed: number): unknown => ({
    name: 'a',
    seed,
    steps: 100,
    optimizer: { learningRate, maxGradNorm: null },
  });
  const groups = groupRuns([
    makeRun({ estimator: 'opo', seed: 1, config: config(0.004, 1) }),
    makeRun({ estimator: 'opo', seed: 1, config: config(0.008, 1) }),
    makeRun({ estimator: 'opo', seed: 2, config: config(0.008, 2) }),
  ]).map(({ summary }) => summary);
  assert.deepEqual(
    groups.map((group) => group.label),
    ['opo (learningRate 0.004)', 'opo (learningRate 0.008)'],
  );
  assert.deepEqual(
    groups.map((group) => group.parameters),
    [{ 'optimizer.learningRate': 0.004 }, { 'optimizer.learningRate': 0.008 }],
  );
  assert.deepEqual(
    groups.map((group) => group.count),
    [1, 2],
  );
});

test('a recovered run is counted among the collapsed and named apart', () => {
  const run = makeRun({ estimator: 'opo', seed: 1, onsetStep: 50 });
  const [group] = groupRuns([{ ...run, summary: { ...run.summary, state: 'recovered' } }]);
  assert.deepEqual([group?.summary.collapsed, group?.summary.recovered], [1, 1]);
});

test('paired tests agree with SciPy: 7 of 24 against 15 of 24, 4 seeds only here and 12 only there', () => {
  const groups = groupRuns([...makeGroup('tir_optimal_token_baseline', 24, range(1, 7)), ...makeGroup('opo', 24, range(5, 19))]);
  const [reference, other] = groups.map(({ summary }) => summary);
  assert.ok(reference !== undefined && other !== undefined);
  const [result] = pairedTests(reference, [other]);
  assert.deepEqual([result?.collapse.mcnemar.onlyReference, result?.collapse.mcnemar.onlyOther], [4, 12]);
  near(result?.collapse.mcnemar.p, 0.076812744140625);
  near(result?.collapse.fisher.p, 0.041463591290063356);
  assert.deepEqual([result?.finalScore?.pairs, result?.finalScore?.referenceHigher], [24, 12]);
  near(result?.finalScore?.meanDifference, (8 * 0.7) / 24);
  assert.deepEqual([result?.survivors?.pairs, result?.survivors?.meanDifference], [5, 0]);
});

test('p values are adjusted for the number of comparisons', () => {
  const { tests } = compareRuns([
    ...makeGroup('tir_optimal_token_baseline', 5, []),
    ...makeGroup('opo', 5, range(1, 5)),
    ...makeGroup('dr_grpo', 5, range(1, 5)),
  ]);
  near(tests[0]?.collapse.fisher.p, 0.007936507936507938);
  near(tests[0]?.collapse.fisher.adjusted, 2 * 0.007936507936507938);
});

test('only shared seeds are pairs', () => {
  const groups = groupRuns(
    [...makeGroup('tir_optimal_token_baseline', 4, []), ...makeGroup('opo', 6, [])].filter(
      (run) => run.summary.estimator !== 'opo' || (run.summary.seed ?? 0) > 3,
    ),
  );
  const [reference, other] = groups.map(({ summary }) => summary);
  assert.ok(reference !== undefined && other !== undefined);
  assert.equal(pairedTests(reference, [other])[0]?.pairs, 1);
});

test('the reference is the optimal token baseline where it was run, else the group with the fewest collapses', () => {
  const others = [...makeGroup('opo', 4, [1]), ...makeGroup('dr_grpo', 4, [1, 2])];
  assert.equal(compareRuns(others).reference?.estimator, 'opo');
  assert.equal(
    compareRuns([...others, ...makeGroup('tir_optimal_token_baseline', 4, [1, 2, 3])]).reference?.estimator,
    'tir_optimal_token_baseline',
  );
  assert.equal(compareRuns([]).reference, null);
});

test('a branch is a group of its own, and no test or verdict counts it', () => {
  const runs = [...makeGroup('dr_grpo', 6, [1, 2, 3]), ...makeGroup('tir_optimal_token_baseline', 6, [])];
  const branchedFrom = { id: 'dr_grpo-s1', dir: '/runs/dr_grpo-s1', step: 40 };
  const branch = { ...makeRun({ estimator: 'tir_optimal_token_baseline', seed: 1 }), branchedFrom };
  const without = compareRuns(runs);
  const { groups, tests, reference, verdict } = compareRuns([...runs, branch]);
  assert.deepEqual(
    groups.map(({ summary: { label, count } }) => [label, count]),
    [
      ['dr_grpo', 6],
      ['tir_optimal_token_baseline', 6],
      ['tir_optimal_token_baseline seed 1 from step 40', 1],
    ],
  );
  assert.deepEqual(groups.at(-1)?.summary.branchedFrom, branchedFrom);
  assert.deepEqual(tests, without.tests);
  assert.equal(reference?.count, 6);
  assert.deepEqual(verdict.slice(0, -1), without.verdict);
  assert.match(verdict.at(-1) ?? '', /^1 run is a branch of another, and is left out of averages, tests and verdict:/);
  // With nothing else there is, the branches themselves are compared.
  assert.match(compareRuns([branch]).verdict[0] ?? '', /^The run did not collapse/);
});

test('branches of two runs that would be called the same are called by these', () => {
  const of = (id: string) => ({ ...makeRun({ estimator: 'opo', seed: 1 }), branchedFrom: { id, dir: `/runs/${id}`, step: 40 } });
  assert.deepEqual(
    groupRuns([of('a'), of('b')]).map(({ summary }) => summary.label),
    ['opo seed 1 from step 40 of a', 'opo seed 1 from step 40 of b'],
  );
});
