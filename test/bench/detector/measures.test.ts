import assert from 'node:assert/strict';
import test from 'node:test';
import type { LabelledRun } from '../../../bench/detector/labelledRun.ts';
import { measure, measureGroups } from '../../../bench/detector/measures.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { Judge, Verdict } from '../../../bench/detector/verdict.ts';

const silent: Verdict = { alarms: [], onset: null, warnings: [], spikes: [], finalState: 'healthy' };

/** A run of 1,000 steps; `collapse`: its step, with an onset ten steps before. */
function run(name: string, collapse: number | null): LabelledRun {
  return {
    name,
    half: 'reporting',
    collapse: collapse === null ? null : { step: collapse, onset: collapse - 10 },
    finalState: collapse === null ? 'healthy' : 'collapsed',
    steps: Array.from({ length: 1000 }, (_, step) => ({ step, data: {} })),
  };
}

/** Says of each run what is written here; of others, that nothing is wrong. */
function judge(verdicts: Readonly<Record<string, Partial<Verdict>>>): Judge {
  return { name: 'written', judge: ({ name }) => ({ ...silent, ...verdicts[name] }), start: () => () => undefined };
}

test('the first alarm of a collapsed run is caught from 100 steps before the collapse to 50 after it, early before, late after', () => {
  const at = { 399: 'early', 400: 'caught', 550: 'caught', 551: 'late' } as const;
  for (const [step, what] of Object.entries(at)) {
    const measures = measure('set', [run('a', 500)], judge({ a: { alarms: [Number(step), 500] } }));
    for (const kind of ['early', 'caught', 'late'] as const)
      assert.equal(measures[kind].count, kind === what ? 1 : 0, `${kind} at ${step}`);
    assert.equal(measures.inWindow.count, 1);
  }
});

test('where scores are rare, a collapse may be called within three of them', () => {
  const rare = {
    ...run('a', 500),
    steps: run('a', 500).steps.map(({ step }) => ({ step, data: step % 50 === 0 ? { [metricNames.score]: 1 } : {} })),
  };
  const at = (alarm: number) => measure('set', [rare], judge({ a: { alarms: [alarm] } }));
  assert.deepEqual([at(650).caught.count, at(651).late.count], [1, 1]);
});

test('an alarm after the onset is never early', () => {
  const slow = { ...run('a', 500), collapse: { step: 500, onset: 200 } };
  assert.equal(measure('set', [slow], judge({ a: { alarms: [201] } })).caught.count, 1);
});

test('a healthy run with an alarm is flagged', () => {
  const { flagged, caught } = measure('set', [run('a', null), run('b', null)], judge({ b: { alarms: [3] } }));
  assert.deepEqual(
    [flagged, caught],
    [
      { count: 1, of: 2 },
      { count: 0, of: 0 },
    ],
  );
});

test('delay and onset error are those of the collapses that were caught', () => {
  const verdicts = { a: { alarms: [495], onset: 480 }, b: { alarms: [10], onset: 5 } };
  const { delay, onsetError, onsetRight } = measure('set', [run('a', 500), run('b', 500)], judge(verdicts));
  assert.deepEqual([delay[1], onsetError[1], onsetRight], [-5, -10, { count: 1, of: 1 }]);
});

test('warnings and spikes count in healthy runs, and before a collapse is near', () => {
  const verdicts = { a: { warnings: [100, 450], spikes: [399] }, b: { warnings: [900], spikes: [] } };
  const { warnings, spikes, warned, healthySteps } = measure('set', [run('a', 500), run('b', null)], judge(verdicts));
  assert.deepEqual([warnings, spikes, warned, healthySteps], [2, 1, { count: 1, of: 1 }, 1400]);
});

test('a run has to end in its state, but for a spike at the end of a healthy one', () => {
  const wrong = (finalState: Verdict['finalState']) => measure('set', [run('a', null)], judge({ a: { finalState } })).wrongState;
  assert.deepEqual(wrong('spike'), { count: 0, of: 1 });
  assert.deepEqual(wrong('unstable'), { count: 1, of: 1 });
  assert.deepEqual(wrong(null), { count: 0, of: 0 });
});

test('a verdict that differs from that of the plain run counts', () => {
  const plain = new Map([['a', { ...silent, alarms: [500], onset: 490 }]]);
  const unlike = (verdict: Partial<Verdict>) => measure('set', [run('a', 500)], judge({ a: verdict }), plain).unlikePlain.count;
  assert.deepEqual(
    [unlike({ alarms: [500, 700], onset: 490 }), unlike({ alarms: [501], onset: 490 }), unlike({ alarms: [500], onset: 1 })],
    [0, 1, 1],
  );
});

test('groups are what names begin with', () => {
  const runs = [run('healthy/long 1', null), run('healthy/long 2', null), run('collapse/late 1', 500)];
  assert.deepEqual(
    measureGroups('all', runs, judge({})).map(({ set, flagged, caught }) => [set, flagged.of, caught.of]),
    [
      ['all', 2, 1],
      ['healthy/long', 2, 0],
      ['collapse/late', 0, 1],
    ],
  );
});
