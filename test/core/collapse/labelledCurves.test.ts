import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { evaluateDetector, medianRule, readCurves, scoreDetector } from '../../../bench/collapse.ts';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';

// 15 collapsed and 9 healthy runs, drawn at random from those that no threshold was chosen on; see the README beside them.
const folder = path.resolve('test/data/collapse');
const curves = readCurves(folder);
const ours = scoreDetector('otb', curves, createCollapseDetector);

test('the sample has the curves that its README counts', () => {
  assert.equal(ours.collapsedRuns, 15);
  assert.equal(ours.healthyRuns, 9);
});

test('every labelled collapse is called', () => {
  assert.equal(ours.recall, 1);
});

test('no healthy run and no step long before a collapse is called one', () => {
  assert.equal(ours.falseRuns + ours.tooEarly, 0);
});

test('most collapses are called at or before the labelled step', () => {
  assert.ok(ours.inTime >= 0.9, `${ours.inTime}`);
  assert.ok(ours.delay[0] <= -2, `median delay ${ours.delay[0]}`);
});

test('the reported onset is the labelled one within 10 steps', () => {
  assert.ok(ours.onsetWithin10 >= 0.9, `${ours.onsetWithin10}`);
  assert.ok(Math.abs(ours.onsetError[0]) <= 2, `median error ${ours.onsetError[0]}`);
});

test('warnings and marks are rare in healthy steps', () => {
  assert.ok(ours.unstablePer1000HealthySteps <= 0.5, `${ours.unstablePer1000HealthySteps} instabilities per 1,000 steps`);
  assert.ok(ours.spikesPer1000HealthySteps <= 1, `${ours.spikesPer1000HealthySteps} spikes per 1,000 steps`);
});

test('the score alone tells every collapse, the gradient norm alone is not worth a false alarm', () => {
  const only = (metric: string) =>
    curves.map((curve) => ({
      ...curve,
      records: curve.records.map(({ step, data }) => ({ step, data: { [metric]: data[metric] ?? 0 } })),
    }));
  assert.ok(scoreDetector('score', only('critic/score/mean'), createCollapseDetector).recall >= 0.9);
  assert.equal(scoreDetector('norm', only('actor/grad_norm'), createCollapseDetector).falseRuns, 0);
});

test('the usual rule, 5 times the median, calls nearly every healthy run collapsed', () => {
  assert.ok(scoreDetector('5 × median', curves, () => medianRule(5)).falseRuns >= 8);
});

test('an evaluation reports held-out, tuned-on and all curves, and the rule of thumb', () => {
  assert.deepEqual(
    evaluateDetector(folder).map(({ collapsedRuns }) => collapsedRuns),
    [15, 0, 15, 15, 15],
  );
});
