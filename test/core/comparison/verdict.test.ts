import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRuns } from '../../../src/core/comparison/comparison.ts';
import type { ComparedRun } from '../../../src/core/comparison/groups.ts';
import { makeGroup, makeRun } from './runs.ts';

const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const verdictOf = (...groups: readonly (readonly ComparedRun[])[]): string => compareRuns(groups.flat()).verdict.join('\n');
const otb = 'tir_optimal_token_baseline';

test('a significant difference is called so, with its test', () => {
  const text = verdictOf(makeGroup(otb, 10, [1]), makeGroup('dr_grpo', 10, all(10)));
  assert.match(text, /11 of 20 runs collapsed\. Fewest: tir_optimal_token_baseline \(1 of 10\); most: dr_grpo \(10 of 10\)\./);
  assert.match(text, /significantly fewer than dr_grpo \(10 of 10, p < 0\.001\)/);
});

test('a difference that may be chance is not called significant', () => {
  const text = verdictOf(makeGroup(otb, 10, [1, 2]), makeGroup('opo', 10, [1, 2, 3, 4]));
  assert.match(text, /no significant difference to opo \(4 of 10, p = 0\.63\)/);
  assert.doesNotMatch(text, /significantly/);
});

test('it says so when McNemar does not confirm Fisher', () => {
  const text = verdictOf(makeGroup(otb, 24, [1, 2, 3, 4, 5, 6, 7]), makeGroup('opo', 24, all(19).slice(4)));
  assert.match(text, /significantly fewer than opo \(15 of 24, p = 0\.041; paired by seed, McNemar's p = 0\.077\)/);
});

test('an optimal token baseline that does worse is told so', () => {
  const text = verdictOf(makeGroup(otb, 10, all(10)), makeGroup('dr_grpo', 10, [], 0.9));
  assert.match(text, /significantly more than dr_grpo \(0 of 10, p < 0\.001\)/);
  assert.match(text, /Final score: highest on average with dr_grpo/);
  assert.match(text, /Where tir_optimal_token_baseline does not win: dr_grpo collapsed no more often; dr_grpo ended no lower on average/);
});

test('a win by survival alone is told apart from a better score', () => {
  const text = verdictOf(makeGroup(otb, 10, [], 0.8), makeGroup('opo', 10, [1, 2, 3, 4, 5, 6], 0.85));
  assert.match(text, /where neither run of a seed collapsed, its final score is no higher than that of opo \(−0\.05, 4 seeds\)/);
  assert.doesNotMatch(text, /opo ended no lower/);
});

test('too few seeds: no claim, and how many would do', () => {
  const text = verdictOf(makeGroup(otb, 1, []), makeGroup('opo', 1, [1]), makeGroup('dr_grpo', 1, [1]));
  assert.match(text, /may be chance: with so few runs, no outcome of 2 comparisons could have been significant\. Run 5 seeds or more/);
  assert.doesNotMatch(text, /p = /);
});

test('nothing collapsed, everything collapsed, one run, no run', () => {
  assert.match(verdictOf(makeGroup(otb, 3, []), makeGroup('opo', 3, [])), /None of the 6 runs collapsed/);
  assert.match(verdictOf(makeGroup(otb, 3, all(3)), makeGroup('opo', 3, all(3))), /All 6 runs collapsed/);
  assert.equal(verdictOf([makeRun({ estimator: 'opo', seed: 1, onsetStep: 40 })]), 'The run collapsed.');
  assert.equal(verdictOf([]), 'There are no runs to compare.');
});

test('which p values are adjusted is said, and for how many comparisons', () => {
  const one = verdictOf(makeGroup(otb, 10, [1]), makeGroup('dr_grpo', 10, all(10)));
  assert.match(one, /p is that of Fisher's exact test, two-sided, not adjusted, since this is one comparison\./);
  const three = verdictOf(makeGroup(otb, 10, []), makeGroup('dr_grpo', 10, all(10)), makeGroup('opo', 10, [1]), makeGroup('grpo', 10, [1]));
  assert.match(three, /Holm-adjusted for 3 comparisons\./);
  assert.match(three, /95 % t intervals, not adjusted for the number of comparisons\./);
});

test('three seeds are never enough for a significant difference, and a group with too few of them is told apart', () => {
  const three = verdictOf(makeGroup(otb, 3, []), makeGroup('opo', 3, all(3)));
  assert.match(three, /no outcome of one comparison could have been significant\. Run 4 seeds or more of each/);
  assert.match(three, /Significant is p < 0\.05 by Fisher's exact test, two-sided, not adjusted/);
  const mixed = verdictOf(makeGroup(otb, 10, []), makeGroup('opo', 10, all(10)), makeGroup('grpo', 1, [1]));
  assert.match(mixed, /significantly fewer than opo .*; too few runs for a significant difference to grpo \(1 of 1, p = \d/);
});

test('a lead in the final score is claimed only where there is one', () => {
  assert.match(verdictOf(makeGroup(otb, 2, [], 0.5), makeGroup('opo', 2, [], 0.5)), /Final score: the same on average with all \(0\.50\)/);
});

test('runs that cannot be judged are not said to have come through', () => {
  const unknown = (seed: number): ComparedRun => {
    const run = makeRun({ estimator: 'opo', seed });
    return { ...run, summary: { ...run.summary, state: 'unknown' } };
  };
  assert.match(verdictOf([unknown(1)]), /^Whether the run collapsed cannot be judged: there are no steps/);
  assert.match(verdictOf([unknown(1), unknown(2)]), /^Whether the 2 runs collapsed cannot be judged/);
  assert.match(verdictOf(makeGroup(otb, 3, []), [unknown(1)]), /^None of the 4 runs collapsed\. 1 run cannot be judged\./);
  assert.match(verdictOf(makeGroup(otb, 3, [1]), [unknown(1)]), /^1 of 4 runs collapsed\. .* 1 run cannot be judged\./);
});

test('runs without a gradient are said to be silent, beside what collapsed', () => {
  const silent = (seed: number): ComparedRun => {
    const run = makeRun({ estimator: 'opo', seed });
    return { ...run, summary: { ...run.summary, state: 'silent' } };
  };
  assert.match(verdictOf([silent(1)]), /^The run did not collapse\. It is silent: its gradient norm is 0\./);
  assert.match(
    verdictOf(makeGroup(otb, 3, []), [silent(1)]),
    /^None of the 4 runs collapsed\. 1 run is silent, with a gradient norm of 0\./,
  );
  assert.match(
    verdictOf(makeGroup(otb, 3, [1]), [silent(1), silent(2)]),
    /^1 of 5 runs collapsed\. .* 2 runs are silent, with a gradient norm of 0\./,
  );
  assert.doesNotMatch(verdictOf(makeGroup(otb, 3, [1])), /silent/);
});
