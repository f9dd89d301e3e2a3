import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import type { LabelledRun } from '../../../bench/detector/labelledRun.ts';
import { measure } from '../../../bench/detector/measures.ts';
import { publicLogs, recordedRuns } from '../../../bench/detector/packedRuns.ts';
import { variants } from '../../../bench/detector/variants.ts';
import { detectorJudge } from '../../../bench/detector/verdict.ts';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { defaultSensitivity, sensitivities, sensitivityTexts } from '../../../src/core/collapse/sensitivity.ts';

// The half of the recorded runs that no threshold was chosen on; `npm run bench:detector` measures more than is asked for here.
const data = path.resolve('bench/detector/data');
const runs = recordedRuns(data).filter(({ half }) => half === 'reporting');
const judge = detectorJudge('otb', {});
const plain = measure('plain', runs, judge);

test('the half has the runs that its README counts', () => {
  assert.deepEqual([plain.caught.of, plain.flagged.of], [89, 101]);
});

test('nearly every labelled collapse is called', () => {
  assert.ok(plain.caught.count >= 86, `${plain.caught.count} of ${plain.caught.of}`);
});

test('hardly any healthy run is called collapsed, and hardly any long before', () => {
  assert.ok(plain.flagged.count <= 1 && plain.early.count <= 1, `${plain.flagged.count} healthy, ${plain.early.count} early`);
});

test('each level of sensitivity does as its description says', () => {
  for (const sensitivity of sensitivities) {
    const measures = sensitivity === defaultSensitivity ? plain : measure(sensitivity, runs, detectorJudge(sensitivity, { sensitivity }));
    const { caught, flagged, warnings, healthySteps } = measures;
    const percent = ({ count, of }: { readonly count: number; readonly of: number }): string => `${Math.round((100 * count) / of)} %`;
    const perThousand = Number(((1000 * warnings) / healthySteps).toPrecision(1));
    assert.equal(
      sensitivityTexts[sensitivity].split(': ')[1],
      `${percent(caught)} of collapses caught, ${percent(flagged)} of healthy runs flagged, ${perThousand} warnings per 1,000 healthy steps.`,
    );
  }
});

test('half of the collapses are called at the labelled step or earlier', () => {
  assert.ok(plain.delay[1] <= 1, `median delay ${plain.delay[1]}`);
});

test('rewards that are shifted and scaled give the same verdicts, steps and onsets', () => {
  const shifted = variants.filter(({ name }) => /^(reward|norm ×)/.test(name));
  assert.equal(shifted.length, 6);
  const some = runs.filter((_, i) => i % 8 === 0);
  const verdicts = (run: LabelledRun): unknown => {
    const detector = createCollapseDetector();
    const events = run.steps.flatMap(({ step, data }) => detector.update(step, data));
    return events.map(({ type, step, onsetStep }) => [type, step, onsetStep]);
  };
  for (const { name, of } of shifted) for (const run of some) assert.deepEqual(verdicts(of(run)), verdicts(run), `${run.name}, ${name}`);
});

test('the reported onset is the labelled one within 10 steps', () => {
  assert.ok(plain.onsetRight.count >= 0.85 * plain.onsetRight.of, `${plain.onsetRight.count} of ${plain.onsetRight.of}`);
  assert.ok(Math.abs(plain.onsetError[1]) <= 2, `median error ${plain.onsetError[1]}`);
});

test('warnings and marks are rare in healthy steps', () => {
  const perThousand = (count: number): number => (1000 * count) / plain.healthySteps;
  assert.ok(perThousand(plain.warnings) <= 0.08, `${perThousand(plain.warnings)} instabilities per 1,000 steps`);
  assert.ok(perThousand(plain.spikes) <= 0.6, `${perThousand(plain.spikes)} spikes per 1,000 steps`);
});

test('the score alone tells nearly every collapse, the gradient norm alone is hardly worth a false alarm', () => {
  const every3rd = runs.filter((_, i) => i % 3 === 0);
  const only = (name: string) => {
    const variant = variants.find((candidate) => candidate.name === name);
    assert.ok(variant);
    return measure(name, every3rd.map(variant.of), judge);
  };
  const { caught } = only('score only');
  assert.ok(caught.count >= 0.9 * caught.of, `${caught.count} of ${caught.of}`);
  assert.ok(only('gradient norm only').flagged.count <= 1);
});

test('no collapse in a public log is missed, and no healthy one called', () => {
  const { caught, flagged } = measure(
    'public logs',
    publicLogs(data).filter(({ label }) => label !== 'unclear'),
    judge,
  );
  assert.deepEqual([caught, flagged.count], [{ count: 3, of: 3 }, 0]);
});
