import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collapseKey, collapseSentence } from '../../../src/editor/warnings/collapseSentence.ts';
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

function collapsed(seed: number): RunOverview {
  const record = exampleRecord({ estimator: 'dr_grpo', seed, name: 'ledger-figure1' });
  const collapse = { collapse: 'collapsed', onsetStep: 181, detectedStep: 190, collapseEvents: [event] } as const;
  return overviewOf({ dir: `/runs/${seed}`, record, step: 200, ...collapse });
}

test('one run that collapsed is told with the onset and the sentence of the detector', () => {
  assert.equal(collapseSentence([collapsed(2)]), 'dr_grpo seed 2 of ledger-figure1 collapsed: onset at step 181. The score fell to 0.1.');
});

test('several are told together, and only the first few by name', () => {
  const two = '2 runs of ledger-figure1 collapsed: dr_grpo seed 1 (onset at step 181) and dr_grpo seed 2 (onset at step 181).';
  assert.equal(collapseSentence([1, 2].map(collapsed)), two);
  assert.match(collapseSentence([1, 2, 3, 4, 5].map(collapsed)), /^5 runs of .*, dr_grpo seed 3 \(onset at step 181\) and 2 more\.$/);
});

test('many runs of as many names are told without these, and a name that says nothing more is left out', () => {
  const named = (name: string, seed: number): RunOverview => {
    const run = collapsed(seed);
    return { ...run, identity: { ...run.identity, name } };
  };
  const many = [1, 2, 3, 4].map((seed) => named(`experiment-${seed}x`, seed));
  assert.match(collapseSentence(many), /^4 runs collapsed: dr_grpo seed 1 /);
  assert.match(collapseSentence([named('dr_grpo-s1', 1)]), /^dr_grpo seed 1 collapsed: /);
});

test('the same collapse has the same key in every window, and another after the run was resumed', () => {
  assert.equal(collapseKey(collapsed(1)), collapseKey(collapsed(1)));
  assert.notEqual(collapseKey(collapsed(1)), collapseKey({ ...collapsed(1), collapseEvents: [{ ...event, time: 6 }] }));
  assert.notEqual(collapseKey(collapsed(1)), collapseKey(collapsed(2)));
});
