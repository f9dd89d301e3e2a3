import assert from 'node:assert/strict';
import test from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';
import { count, eventsOf, syntheticRun } from './syntheticRun.ts';

/** 1 before `from`, then `factor` after a ramp of `length` steps, in log space. */
const surge =
  (from: number, length: number, factor: number) =>
  (step: number): number =>
    factor ** Math.min(1, Math.max(0, (step - from) / length));
const fall =
  (from: number, length: number) =>
  (step: number): number =>
    0.8 * (1 - 0.9 * Math.min(1, Math.max(0, (step - from) / length)));

function collapseOf(events: readonly CollapseEvent[]): CollapseEvent {
  const event = events.find(({ type }) => type === 'collapse');
  assert.ok(event !== undefined, `no collapse among ${events.map(({ type, step }) => `${type} ${step}`).join(', ')}`);
  return event;
}

test('a run of LLM scale: the norm surges from 0.2 to 5, the score craters; warned at once, called while it falls', () => {
  const detector = createCollapseDetector();
  const rise = surge(300, 10, 25);
  const events = eventsOf(
    detector,
    syntheticRun({ steps: 400, gradNoise: 0.15, gradNorm: (step) => 0.2 * rise(step), score: fall(312, 20), scoreNoise: 0.02 }),
  );
  const warning = events.find(({ type }) => type === 'unstable');
  const collapse = collapseOf(events);
  assert.ok(warning !== undefined && warning.step <= 310);
  assert.ok(Math.abs(collapse.onsetStep - 301) <= 5, `onset ${collapse.onsetStep}`);
  assert.ok(collapse.step > 312 && collapse.step <= 335, `noticed at ${collapse.step}`);
  assert.equal(detector.state, 'collapsed');
  assert.equal(detector.onsetStep, collapse.onsetStep);
  assert.equal(detector.detectedStep, collapse.step);
  assert.match(
    collapse.message,
    /^Since step 30\d the score has fallen from its best level 0\.8\d* to 0\.\d+, the mean of its last 8 values, below the 0\.8\d* that it began with\. The gradient norm surged from step 30\d on, from a usual 0\.2\d* up to \d/,
  );
  assert.match(
    collapse.advice,
    new RegExp(
      `^Stop the run if it is still active, and start a new one that takes another course before step ${collapse.onsetStep}: use the estimator tir_optimal_token_baseline; set optimizer.maxGradNorm, for example to 0\\.\\d+, twice the usual norm; or lower optimizer.learningRate\\.$`,
    ),
  );
});

test('a slow surge does not become its own baseline', () => {
  const events = eventsOf(
    createCollapseDetector(),
    syntheticRun({ steps: 500, gradNoise: 0.2, gradNorm: surge(200, 200, 100), score: fall(380, 40) }),
  );
  const collapse = collapseOf(events);
  assert.ok(collapse.onsetStep >= 200 && collapse.onsetStep <= 270, `onset ${collapse.onsetStep}`);
});

test('a score that craters without a surge is a collapse, from where it began to decline', () => {
  const collapse = collapseOf(eventsOf(createCollapseDetector(), syntheticRun({ steps: 400, gradNorm: () => 0.5, score: fall(250, 30) })));
  assert.ok(Math.abs(collapse.onsetStep - 258) <= 12, `onset ${collapse.onsetStep}`);
  assert.ok(collapse.step <= 285, `noticed at ${collapse.step}`);
  assert.match(collapse.message, /The gradient norm shows no clear surge\.$/);
});

test('a validation score every 10 steps is enough', () => {
  const score = (step: number): number | undefined => (step % 10 === 0 ? fall(305, 20)(step) : undefined);
  const collapse = collapseOf(eventsOf(createCollapseDetector(), syntheticRun({ steps: 500, gradNorm: surge(300, 10, 30), score })));
  assert.ok(Math.abs(collapse.onsetStep - 301) <= 5, `onset ${collapse.onsetStep}`);
  assert.ok(collapse.step <= 330, `noticed at ${collapse.step}`);
});

test('a surge without any score is a collapse only when it is severe and lasts', () => {
  const severe = collapseOf(eventsOf(createCollapseDetector(), syntheticRun({ steps: 400, gradNorm: surge(300, 5, 100) })));
  assert.ok(severe.step > 303 && severe.step <= 315, `noticed at ${severe.step}`);
  assert.match(severe.message, /no recent score/);
  const mild = eventsOf(createCollapseDetector(), syntheticRun({ steps: 400, gradNorm: surge(300, 5, 2) }));
  assert.equal(count(mild, 'collapse'), 0);
});

test('without a score, a jump of the entropy is the second witness', () => {
  const others = (step: number): Record<string, number> => ({ [metricNames.entropy]: step < 303 ? 0.2 : 1.5 });
  const collapse = collapseOf(eventsOf(createCollapseDetector(), syntheticRun({ steps: 400, gradNorm: surge(300, 5, 4), others })));
  assert.match(collapse.message, /The entropy rose from a usual 0\.2 to 1\.5\./);
});

test('a surge hidden by clipping shows as a plateau, and with the score as a collapse', () => {
  const run = syntheticRun({
    steps: 400,
    gradNoise: 0.1,
    gradNorm: (step) => 0.8 * surge(300, 3, 50)(step),
    clippedTo: 1,
    score: fall(315, 20),
  });
  const events = eventsOf(createCollapseDetector(), run);
  assert.match(events.find(({ type }) => type === 'unstable')?.message ?? '', /stuck at 1 for 1\d logged steps.*logged after clipping/);
  assert.match(collapseOf(events).message, /stuck at 1 since step 30\d, as if logged after clipping/);
});

test('a collapse within 40 steps of the start is seen', () => {
  const collapse = collapseOf(
    eventsOf(createCollapseDetector(), syntheticRun({ steps: 60, gradNorm: surge(20, 5, 50), score: fall(22, 10) })),
  );
  assert.ok(collapse.step <= 40 && Math.abs(collapse.onsetStep - 21) <= 3, `${collapse.onsetStep} noticed at ${collapse.step}`);
});

test('NaN and infinity are their own event, at once and once', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const detector = createCollapseDetector();
    const events = eventsOf(detector, syntheticRun({ steps: 30, gradNorm: (step) => (step >= 12 ? bad : 1) }));
    assert.deepEqual(
      events.map(({ type, step, onsetStep }) => [type, step, onsetStep]),
      [['nan', 12, 12]],
    );
    assert.equal(detector.state, 'collapsed');
    assert.ok(Object.values(events[0]?.data ?? {}).every(Number.isFinite));
  }
});

test('a score that is no number where there always was one is broken too', () => {
  const events = eventsOf(
    createCollapseDetector(),
    syntheticRun({ steps: 30, gradNorm: () => 1, score: (step) => (step === 12 ? Number.NaN : 0.5) }),
  );
  assert.deepEqual(
    events.map(({ type, step }) => [type, step]),
    [['nan', 12]],
  );
});

test('an overflow after a surge reports the step where the surge began', () => {
  const detector = createCollapseDetector();
  eventsOf(detector, syntheticRun({ steps: 120, gradNorm: (step) => (step < 100 ? 1 : step < 110 ? 1e6 : Infinity) }));
  assert.equal(detector.onsetStep, 100);
});

test('a run recovers when score and gradient norm are back for a while, and may collapse again', () => {
  const detector = createCollapseDetector();
  const bad = (step: number): boolean => (step > 300 && step <= 340) || step > 600;
  const events = eventsOf(
    detector,
    syntheticRun({ steps: 700, gradNorm: (step) => (bad(step) ? 40 : 1), score: (step) => (bad(step) ? 0.1 : 0.8) }),
  );
  assert.deepEqual(
    events.map(({ type }) => type).filter((type) => type === 'collapse' || type === 'recovered'),
    ['collapse', 'recovered', 'collapse'],
  );
  const back = events.find(({ type }) => type === 'recovered');
  assert.ok(back !== undefined && back.step >= 360 && back.step <= 385 && back.onsetStep === 301);
  assert.equal(detector.onsetStep, 601);
});

test('a run resumed before its collapse has not collapsed; one resumed after it has', () => {
  const data = (step: number): Record<string, number> => ({
    [metricNames.gradNorm]: step > 200 ? 50 : 1 + (step % 7) / 20,
    [metricNames.score]: step > 203 ? 0.05 : 0.7 + (step % 5) / 100,
  });
  const run = (from: number, to: number): { step: number; data: Record<string, number> }[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ step: from + i, data: data(from + i) }));
  const detector = createCollapseDetector();
  assert.equal(count(eventsOf(detector, run(1, 230)), 'collapse'), 1);
  assert.deepEqual(eventsOf(detector, run(225, 230)), []);
  assert.equal(detector.state, 'collapsed');
  assert.deepEqual(eventsOf(detector, run(150, 160)), []);
  assert.equal(detector.state, 'healthy');
  assert.equal(detector.onsetStep, null);
  assert.equal(count(eventsOf(detector, run(161, 230)), 'collapse'), 1);
  assert.equal(detector.onsetStep, 201);
});

test('one step spread over several records counts once', () => {
  const whole = createCollapseDetector();
  const parts = createCollapseDetector();
  for (const { step, data } of syntheticRun({ steps: 400, gradNorm: surge(300, 5, 50), score: fall(303, 20) })) {
    const events = whole.update(step, data);
    const pieces = Object.entries(data).flatMap(([name, value]) => parts.update(step, { [name]: value }));
    assert.deepEqual(
      pieces.map(({ type }) => type),
      events.map(({ type }) => type),
    );
    assert.deepEqual(parts.update(step, data), []);
  }
  assert.equal(parts.onsetStep, whole.onsetStep);
});

test('other metric names, and advice that fits the run', () => {
  const detector = createCollapseDetector({
    keys: { gradNorm: 'grad_norm', score: 'reward' },
    estimator: 'tir_optimal_token_baseline',
    maxGradNorm: 10,
  });
  const renamed = Array.from(syntheticRun({ steps: 400, gradNorm: surge(300, 5, 50), score: fall(303, 20) }), ({ step, data }) => ({
    step: step * 10,
    data: { grad_norm: data[metricNames.gradNorm] ?? 0, reward: data[metricNames.score] ?? 0 },
  }));
  const { advice, onsetStep } = collapseOf(eventsOf(detector, renamed));
  assert.ok(onsetStep >= 2990 && onsetStep <= 3030);
  assert.doesNotMatch(advice, /use the estimator/);
  assert.match(advice, /set optimizer\.maxGradNorm below 10, for example to/);
});
