import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alone, inRuns, inverted, shownIds, withRun, withSeries } from '../../../src/core/panel/shownRuns.ts';
import { allShown } from '../../../src/core/panel/view.ts';
import type { ShownRuns } from '../../../src/core/panel/view.ts';

const series = [
  { name: 'opo', runs: [{ id: '/o1' }, { id: '/o2' }, { id: '/o3' }] },
  { name: 'rloo', runs: [{ id: '/r1' }] },
];
const only = (...names: string[]): ShownRuns => ({ rule: 'only', names });
const seen = (shown: ShownRuns): string => [...shownIds(shown, series)].join(' ');

describe('which runs are shown', () => {
  test('a series that is shown alone takes in runs that start later; one that is hidden hides them', () => {
    const later = [{ name: 'opo', runs: [{ id: '/o1' }, { id: '/new' }] }, ...series.slice(1)];
    assert.deepEqual([...shownIds(only('opo'), later)], ['/o1', '/new']);
    assert.deepEqual([...shownIds(inverted(only('opo')), later)], ['/r1']);
  });

  test('everything is shown where all that was shown alone is gone', () => {
    assert.equal(seen(only('grpo')), '/o1 /o2 /o3 /r1');
    assert.equal(seen(only('grpo', 'rloo')), '/r1');
  });

  test('a run is hidden and shown again, also out of a series that is shown or hidden as a whole', () => {
    assert.equal(seen(withRun(allShown, '/o2', false, series)), '/o1 /o3 /r1');
    assert.deepEqual(withRun(withRun(allShown, '/o2', false, series), '/o2', true, series), allShown);
    assert.equal(seen(withRun(only('opo'), '/o2', false, series)), '/o1 /o3');
    assert.equal(seen(withRun(only('opo'), '/r1', true, series)), '/o1 /o2 /o3 /r1');
    assert.equal(seen(withRun(inverted(only('opo')), '/o2', true, series)), '/o2 /r1');
  });

  test('hiding the last run that is shown leaves none', () => {
    assert.equal(seen(withRun(only('rloo'), '/r1', false, series)), '');
  });

  test('a click shows a series or a run alone, a second one everything again', () => {
    assert.deepEqual(alone(allShown, 'opo'), only('opo'));
    assert.deepEqual(alone(only('opo'), '/r1'), only('/r1'));
    assert.deepEqual(alone(only('/r1'), '/r1'), allShown);
  });

  test('a click with ctrl takes a series to the others or away, and shows everything where none is left', () => {
    assert.deepEqual(withSeries(allShown, 'opo', series), only('opo'));
    assert.deepEqual(withSeries(only('opo'), 'rloo', series), only('opo', 'rloo'));
    assert.deepEqual(withSeries(only('opo', 'rloo'), 'opo', series), only('rloo'));
    assert.deepEqual(withSeries(only('rloo'), 'rloo', series), allShown);
    assert.equal(seen(withSeries(withRun(allShown, '/o2', false, series), 'opo', series)), '/r1');
  });

  test('what is inverted twice is as it was', () => {
    assert.equal(seen(inverted(only('/o1', 'rloo'))), '/o2 /o3');
    assert.deepEqual(inverted(inverted(only('/o1'))), only('/o1'));
  });

  test('it is kept, run by run, when the series are made in another way', () => {
    assert.deepEqual(inRuns(only('opo', '/r1', '/gone'), series), only('/o1', '/o2', '/o3', '/r1', '/gone'));
  });
});
