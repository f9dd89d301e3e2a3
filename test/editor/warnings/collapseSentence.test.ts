import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collapseKey, collapseSentence, nothingToStop, toStop } from '../../../src/editor/warnings/collapseSentence.ts';
import type { CollapseRunEvent } from '../../../src/core/records/events.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../../runs/exampleRun.ts';

const event: CollapseRunEvent = {
  type: 'collapse',
  step: 190,
  onsetStep: 181,
  time: 5,
  message: 'The score fell to 0.1.',
  advice: '',
  data: {},
};

function run(seed: number, estimator = 'dr_grpo', name = 'ledger-figure1'): RunOverview {
  return overviewOf({ dir: `/runs/${estimator}-${seed}`, record: exampleRecord({ estimator, seed, name }), step: 200 });
}

function collapsed(seed: number, estimator?: string, name?: string): RunOverview {
  const collapse = { collapse: 'collapsed', onsetStep: 180 + seed, detectedStep: 190, collapseEvents: [event] } as const;
  return { ...run(seed, estimator, name), ...collapse };
}

test('one run that collapsed is told with the onset and the sentence of the detector, also where others of its estimator go on', () => {
  const sentence = 'dr_grpo seed 2 of ledger-figure1 collapsed: onset at step 182. The score fell to 0.1.';
  assert.equal(collapseSentence([[collapsed(2)]]), sentence);
  assert.equal(collapseSentence([[run(1), collapsed(2), run(3)]]), sentence);
});

test('several of an estimator are counted, with the earliest onset', () => {
  const runs = [run(1), collapsed(3), collapsed(2)];
  assert.equal(collapseSentence([runs]), 'dr_grpo of ledger-figure1: 2 of 3 runs collapsed, first onset at step 182.');
});

test('several estimators are told together, and only the first few by name', () => {
  const two = [[collapsed(1), collapsed(2), run(3)], [collapsed(1, 'opo')]];
  const words = '3 runs of ledger-figure1 collapsed: dr_grpo (2 of 3, first onset at step 181) and opo seed 1 (onset at step 181).';
  assert.equal(collapseSentence(two), words);
  const five = ['grpo', 'opo', 'rloo', 'dr_grpo', 'reinforce'].map((estimator) => [collapsed(1, estimator)]);
  assert.match(collapseSentence(five), /^5 runs of .*, rloo seed 1 \(onset at step 181\) and 2 more\.$/);
});

test('many runs of as many names are told without these, and a name that says nothing more is left out', () => {
  const many = [1, 2, 3, 4].map((seed) => collapsed(seed, 'dr_grpo', `experiment-${seed}x`));
  assert.match(collapseSentence([many]), /^dr_grpo: 4 of 4 runs /);
  assert.match(collapseSentence([[collapsed(1, 'dr_grpo', 'dr_grpo-s1')]]), /^dr_grpo seed 1 collapsed: /);
});

test('to stop are runs that are collapsed and go on at that moment, not those that have recovered or ended', () => {
  const ended = { ...collapsed(1), process: 'stopped' as const };
  const recovered = { ...collapsed(2), collapse: 'recovered' as const };
  assert.deepEqual(
    toStop([ended, recovered, collapsed(3)]).map(({ dir }) => dir),
    ['/runs/dr_grpo-3'],
  );
  assert.equal(nothingToStop([ended]), 'There is nothing to stop: dr_grpo seed 1 of ledger-figure1 has ended.');
  assert.equal(nothingToStop([recovered]), 'There is nothing to stop: dr_grpo seed 2 of ledger-figure1 has recovered.');
  assert.equal(nothingToStop([ended, ended]), 'There is nothing to stop: the 2 runs that collapsed have ended.');
  assert.equal(nothingToStop([ended, recovered]), 'There is nothing to stop: the 2 runs that collapsed have recovered or ended.');
  assert.equal(nothingToStop([recovered, recovered]), 'There is nothing to stop: the 2 runs that collapsed have recovered.');
  assert.equal(nothingToStop([]), 'There is nothing to stop: the runs are gone.');
});

test('the same collapse has the same key in every window, and another after the run was resumed', () => {
  assert.equal(collapseKey(collapsed(1)), collapseKey(collapsed(1)));
  assert.notEqual(collapseKey(collapsed(1)), collapseKey({ ...collapsed(1), collapseEvents: [{ ...event, time: 6 }] }));
  assert.notEqual(collapseKey(collapsed(1)), collapseKey(collapsed(2)));
});
