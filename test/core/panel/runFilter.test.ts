import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PanelRun } from '../../../src/core/panel/panelRun.ts';
import { filterProblem, filterSuggestions, matchesFilter, parseRunFilter } from '../../../src/core/panel/runFilter.ts';

const base: PanelRun = {
  id: 'a',
  label: 'dr_grpo seed 1',
  name: 'ledger',
  estimator: 'dr_grpo',
  seed: 1,
  series: 'dr_grpo',
  parameters: { 'optimizer.learningRate': 0.008, 'rollout.groupSize': 8, 'loss.norm_by_std': true, onCollapse: 'warn', note: null },
  process: 'finished',
  note: null,
  collapse: 'collapsed',
  notJudged: '',
  onsetStep: 137,
  detectedStep: 154,
  marks: [],
  plannedSteps: 600,
  metrics: [],
  numbers: { step: 600, gradNorm: 3.5, medianGradNorm: 2, maxGradNorm: 900, score: 0.25, bestScore: 0.75, stepsPerSecond: 9 },
  createdAt: '2026-02-01T10:00:00.000Z',
};
const runs: readonly PanelRun[] = [
  base,
  { ...base, id: 'b', label: 'dr_grpo seed 2', seed: 2, parameters: { ...base.parameters, 'optimizer.learningRate': 1e-6 } },
  {
    ...base,
    id: 'c',
    label: 'opo seed 1',
    estimator: 'opo',
    series: 'opo',
    name: 'long run',
    group: 'night shift · 23 Nov, 18:24',
    process: 'running',
    collapse: 'healthy',
    onsetStep: null,
    numbers: { ...base.numbers, step: 90, score: 0.6 },
  },
  {
    ...base,
    id: 'd',
    label: 'opo seed 2',
    givenName: 'the odd one',
    tags: ['paper', 'to keep'],
    estimator: 'opo',
    series: 'opo',
    seed: 2,
    collapse: 'recovered',
    process: 'lost',
    isDeleted: true,
  },
];

/** Ids of the runs that match. */
function matching(filter: string): string {
  const terms = parseRunFilter(filter);
  if (typeof terms === 'string') throw new Error(terms);
  assert.equal(filterProblem(terms, runs), '', filter);
  return runs
    .filter((run) => matchesFilter(terms, run))
    .map(({ id }) => id)
    .join('');
}

describe('a filter for runs', () => {
  const filters: readonly (readonly [filter: string, ids: string])[] = [
    ['', 'abcd'],
    ['  ', 'abcd'],
    // Words.
    ['opo', 'cd'],
    ['OPO "seed 2"', 'd'],
    ['-opo', 'ab'],
    ['ledger -"seed 1"', 'bd'],
    ['"night shift"', 'c'],
    // What is known of every run.
    ['state:collapsed', 'abd'],
    ['state:recovered', 'd'],
    ['state:running,lost', 'cd'],
    ['-state:collapsed', 'c'],
    ['State=healthy', 'c'],
    ['state:deleted', 'd'],
    ['seed:2', 'bd'],
    ['seed:1,2', 'abcd'],
    ['seed>1', 'bd'],
    ['estimator:grpo', 'ab'],
    ['estimator=grpo', ''],
    ['estimator=dr_grpo,opo seed=1', 'ac'],
    ['name:"long run"', 'c'],
    ['group:night', 'c'],
    // What somebody said of them.
    ['paper', 'd'],
    ['tag:keep', 'd'],
    ['tags="to keep" name:odd', 'd'],
    ['-tag:paper', 'abc'],
    // Parameters, by the last part of their path, all of it, or their short name.
    ['lr > 1e-5', 'acd'],
    ['lr<=1e-6', 'b'],
    ['lr ≤ 1e-6', 'b'],
    ['learningrate:0.008', 'acd'],
    ['learning_rate = 8e-3', 'acd'],
    ['optimizer.learningRate != 0.008', 'b'],
    ['groupSize>=8', 'abcd'],
    ['-groupSize>=8', ''],
    ['norm_by_std:true', 'abcd'],
    ['onCollapse:"warn"', 'abcd'],
    // Numbers of the table.
    ['score > 0.5', 'c'],
    ['steps < 100', 'c'],
    ['best>0.5 max-norm:900', 'abcd'],
    ['onset<200', 'abd'],
    // Everything together.
    ['lr > 1e-5 state:collapsed dr_grpo seed:1 -opo', 'a'],
    // A quote that is not closed yet.
    ['"seed 2', 'bd'],
  ];
  for (const [filter, ids] of filters)
    test(`${filter === '' ? 'of nothing' : filter} finds the runs that it means`, () => assert.equal(matching(filter), ids));

  test('a run that lacks a number is neither above nor below it', () => {
    assert.equal(matching('onset>0'), 'abd');
    assert.equal(matching('-onset>0'), 'c');
  });

  const wrong: readonly (readonly [filter: string, complaint: RegExp])[] = [
    ['score >', /^“score >” has no value, as in score > 0\.5\.$/],
    ['opo state:', /^“state:” has no value, as in state:collapsed\.$/],
    ['> 0.5', /^“> 0\.5” does not say what is compared/],
    ['score > high', /^“score > high” compares with “high”, which is not a number\.$/],
    ['opo -', /^“-” leaves out nothing/],
    ['a ! b', /^“! b” cannot be read here\.$/],
  ];
  for (const [filter, complaint] of wrong)
    test(`what is wrong with ${filter} is said`, () => assert.match(String(parseRunFilter(filter)), complaint));

  test('a key that no run has and a state that there is not are told, since no run could match', () => {
    const problem = (filter: string): string => filterProblem(parseRunFilter(filter) as never, runs);
    assert.match(problem('opo dropout > 0'), /^No number is called “dropout”, and no parameter of that name differs/);
    assert.match(problem('state:colapsed'), /^There is no state “colapsed”\. States are waiting, cancelled, starting, running, /);
    assert.match(problem('remark:1'), /“remark”/, 'a parameter that is null everywhere');
    assert.equal(problem('state:coll'), '');
  });

  test('it is completed with what the runs have, behind what has been written', () => {
    assert.ok(filterSuggestions('', runs).includes('state:collapsed'));
    assert.deepEqual(filterSuggestions('tag', runs), ['tag:paper', 'tag:"to keep"']);
    assert.deepEqual(filterSuggestions('opo learn', runs), ['opo learningRate:']);
    assert.deepEqual(filterSuggestions('-state:l', runs), ['-state:lost']);
  });
});

test('a value of commas alone is none, and what is wrong is quoted in short', () => {
  assert.match(String(parseRunFilter('seed:,')), /has no value/);
  for (const text of [`a !${'b'.repeat(10_000)}`, `lr > ${'c'.repeat(10_000)}`]) assert.ok(String(parseRunFilter(text)).length < 200);
});
