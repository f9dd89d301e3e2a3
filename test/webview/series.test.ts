import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chosenColors, palette } from '../../src/core/figure/palette.ts';
import { panelSeries, withRuns } from '../../webview/series.ts';
import { columns, parameterColumns } from '../../webview/table/columns.ts';
import { sortedRuns } from '../../webview/table/sorting.ts';
import { recordedRun } from './harness/recordedRuns.ts';

const { run } = recordedRun('main_opo_6e-3_s7', 'opo');
const slow = { series: 'opo, learningRate 0.001', parameters: { 'optimizer.learningRate': 0.001 } };
const runs = [
  { ...run, id: 'a', seed: 2 },
  { ...run, id: 'b', seed: 1 },
  { ...run, ...slow, id: 'c', seed: 1, collapse: 'healthy' as const, onsetStep: null },
  { ...run, id: 'd', seed: 1, series: 'dr_grpo', estimator: 'dr_grpo' },
];
const series = panelSeries(runs);

describe('series of runs', () => {
  test('runs that differ in their seed only are one series, in order of their first run', () => {
    assert.deepEqual(
      series.map(({ name, runs: members, collapsed }) => [name, members.map(({ id }) => id), collapsed]),
      [
        ['opo', ['a', 'b'], 2],
        ['opo, learningRate 0.001', ['c'], 0],
        ['dr_grpo', ['d'], 1],
      ],
    );
  });

  test('a run that repeats another one belongs to its series, but does not count in it', () => {
    const [only] = panelSeries([...runs.slice(0, 1), { ...run, id: 'e', seed: 2, repeatOf: 'a' }]);
    assert.deepEqual([only?.runs.length, only?.counted.map(({ id }) => id), only?.collapsed], [2, ['a'], 1]);
  });

  test('a series is drawn in the colour that somebody gave to all of its runs, with the marker of its estimator', () => {
    const [blue, some] = [
      runs.map((one) => ({ ...one, color: 'blue' as const })),
      runs.map((one, index) => (index === 0 ? { ...one, color: 'blue' as const } : one)),
    ];
    assert.deepEqual(
      panelSeries(blue).map(({ style }) => style),
      [palette.opo, palette.opo, palette.dr_grpo].map((style) => ({ ...style, ...chosenColors.blue })),
    );
    assert.equal(panelSeries(some)[0]?.style, palette.opo);
  });

  test('the tags of runs have a column where there are any, and runs without them come last', () => {
    const column = columns.find(({ id }) => id === 'tags');
    assert.equal(column?.isFor?.(runs), false);
    const tagged = runs.map((one) =>
      one.id === 'c' ? { ...one, tags: ['lr', 'paper'] } : one.id === 'a' ? { ...one, tags: ['long'] } : one,
    );
    assert.equal(column?.isFor?.(tagged), true);
    assert.deepEqual(
      sortedRuns(tagged, column, false).map((one) => column?.text(one)),
      ['long', 'lr, paper', '', ''],
    );
  });

  test('series of one estimator share its colour and differ in their dashes', () => {
    const [first, second, other] = series;
    assert.equal(first?.style, palette.opo);
    assert.equal(second?.style, palette.opo);
    assert.notDeepEqual(first?.dash, second?.dash);
    assert.deepEqual(first?.dash, other?.dash);
  });

  test('a series of which some runs are left out counts the others; one of which none is left is gone', () => {
    assert.deepEqual(
      withRuns(series, ({ id }) => id !== 'b' && id !== 'd').map(({ name, counted, collapsed }) => [name, counted.length, collapsed]),
      [
        ['opo', 1, 1],
        ['opo, learningRate 0.001', 1, 0],
      ],
    );
  });
});

describe('series that are grouped by something else', () => {
  const grouped = (groupBy: string | null, colorBy: string | null = null) => panelSeries(runs, { groupBy, colorBy });
  const names = (groupBy: string) => grouped(groupBy).map(({ name, runs: members }) => [name, members.map(({ id }) => id).join('')]);

  test('its runs agree in the parameter, the estimator, or each is on its own', () => {
    assert.deepEqual(names('parameter:optimizer.learningRate'), [
      ['learningRate –', 'abd'],
      ['learningRate 0.001', 'c'],
    ]);
    assert.deepEqual(names('estimator'), [
      ['opo', 'abc'],
      ['dr_grpo', 'd'],
    ]);
    assert.equal(names('run').length, new Set(runs.map(({ label }) => label)).size);
  });

  test('a parameter that does not differ any more groups nothing', () => {
    assert.deepEqual(grouped('parameter:dropout'), series);
  });

  test('a series has the colour of its estimator, unless it is grouped or coloured by something else', () => {
    assert.deepEqual(
      grouped('estimator').map(({ style }) => style),
      [palette.opo, palette.dr_grpo],
    );
    const byRate = grouped('parameter:optimizer.learningRate').map(({ style }) => style);
    assert.equal(new Set(byRate).size, 2);
    // Series of one estimator that differ in the learning rate.
    const [, slower] = grouped(null, 'parameter:optimizer.learningRate');
    const [first, , other] = grouped(null, 'parameter:optimizer.learningRate');
    assert.notEqual(first?.style, slower?.style);
    assert.equal(first?.style, other?.style);
    assert.notDeepEqual(first?.dash, other?.dash);
    // Runs of several estimators have the colour of neither.
    const [mixed] = grouped('parameter:optimizer.learningRate', 'estimator');
    assert.equal(mixed?.runs.length, 3);
    assert.notEqual(mixed.style, palette.opo);
  });
});

describe('order of the run table', () => {
  const column = (id: string) => [...columns, ...parameterColumns(runs)].find((candidate) => candidate.id === id);
  const order = (id: string, descending: boolean): string =>
    sortedRuns(runs, column(id), descending)
      .map((entry) => entry.id)
      .join('');

  test('what has no value goes last, whichever the direction', () => {
    assert.equal(order('onset', false).at(-1), 'c');
    assert.equal(order('onset', true).at(-1), 'c');
    assert.equal(order('parameter:optimizer.learningRate', true)[0], 'c');
  });

  test('equal runs are ordered by series and seed', () => {
    assert.equal(order('step', false), 'dbac');
    assert.equal(order('step', true), 'dbac');
    assert.equal(order('no such column', false), 'dbac');
  });

  test('numbers in names count as numbers', () => {
    const named = ['b10', 'b9', 'b1'].map((name) => ({ ...run, id: name, series: name }));
    assert.deepEqual(
      sortedRuns(named, column('estimator'), false).map(({ id }) => id),
      ['b1', 'b9', 'b10'],
    );
  });
});
