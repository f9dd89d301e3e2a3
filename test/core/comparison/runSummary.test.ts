import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarizeRun } from '../../../src/core/comparison/runSummary.ts';
import type { RunCurve, RunSummary } from '../../../src/core/comparison/runSummary.ts';
import { stringify } from '../../../src/core/records/json.ts';

const healthy = { state: 'healthy', onsetStep: null, detectedStep: null } as const;

function summarize(curve: Partial<RunCurve> & Pick<RunCurve, 'steps'>): RunSummary {
  const blank = Array.from(curve.steps, () => Number.NaN);
  return summarizeRun({ estimator: 'opo', seed: 3, curve: { gradNorm: blank, score: blank, ...curve }, outcome: healthy });
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test('the final score is the mean over the last 50 steps, unscored steps left out', () => {
  const steps = upTo(120);
  assert.equal(summarize({ steps, score: steps.map((step) => (step > 70 ? 0.5 : 0)) }).finalScore, 0.5);
  const sparse = steps.map((step) => (step % 10 === 0 ? step / 100 : Number.NaN));
  assert.ok(Math.abs((summarize({ steps, score: sparse }).finalScore ?? 0) - 1) < 1e-12);
});

test('the last 50 steps are counted in steps, not in logged lines', () => {
  const steps = [10, 20, 30, 40, 100, 140];
  assert.ok(Math.abs((summarize({ steps, score: [0, 0, 0, 0, 0.4, 0.6] }).finalScore ?? 0) - 0.5) < 1e-12);
});

test('a run that was last scored longer ago has that score as its final one', () => {
  const steps = upTo(200);
  assert.equal(summarize({ steps, score: steps.map((step) => (step === 100 ? 0.7 : step === 1 ? 0.1 : Number.NaN)) }).finalScore, 0.7);
});

test('the best score is the best mean over 20 steps, so one lucky step is not the best', () => {
  const steps = upTo(100);
  const score = steps.map((step) => (step > 40 && step <= 60 ? 0.5 : step === 80 ? 1 : 0));
  assert.ok(Math.abs((summarize({ steps, score }).bestScore ?? 0) - 0.5) < 1e-12);
  assert.ok(
    Math.abs((summarize({ steps: upTo(5), score: [0.2, 0.4, 0.2, 0.4, 0.3] }).bestScore ?? 0) - 0.3) < 1e-12,
    'a short run counts as a whole',
  );
});

test('a gradient norm that overflowed makes the maximum infinite and the JSON say "Infinity"', () => {
  const summary = summarize({ steps: upTo(4), gradNorm: [1, 3, Infinity, Number.NaN] });
  assert.equal(summary.maxGradNorm, Infinity);
  assert.equal(summary.medianGradNorm, 3);
  assert.match(stringify(summary), /"maxGradNorm":"Infinity"/);
});

test('a run without a step has nulls and step 0', () => {
  const summary = summarize({ steps: [] });
  assert.deepEqual(
    [summary.steps, summary.finalScore, summary.bestScore, summary.medianGradNorm, summary.maxGradNorm],
    [0, null, null, null, null],
  );
});

test('the numbers of a branch are about its own steps', () => {
  const curve = { steps: [1, 2, 3, 4], gradNorm: [9, 9, 1, 3], score: [0.9, 0.9, 0.1, 0.3] };
  const outcome = { state: 'healthy', onsetStep: null, detectedStep: null } as const;
  const summary = summarizeRun({ estimator: 'opo', seed: 1, curve, outcome, after: 2 });
  assert.deepEqual(
    [summary.steps, summary.finalScore, summary.bestScore, summary.medianGradNorm, summary.maxGradNorm],
    [4, 0.2, 0.2, 2, 3],
  );
  const none = summarizeRun({ estimator: 'opo', seed: 1, curve, outcome, after: 4 });
  assert.deepEqual([none.steps, none.finalScore, none.maxGradNorm], [4, null, null]);
});
