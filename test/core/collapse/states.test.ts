import assert from 'node:assert/strict';
import test from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import type { CollapseDetector } from '../../../src/core/collapse/detector.ts';
import { sensitivities } from '../../../src/core/collapse/sensitivity.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';
import { count, eventsOf, syntheticRun } from './syntheticRun.ts';
import type { Shape } from './syntheticRun.ts';

function watched(shape: Shape): { readonly detector: CollapseDetector; readonly events: readonly CollapseEvent[] } {
  const detector = createCollapseDetector();
  return { detector, events: eventsOf(detector, syntheticRun(shape)) };
}
const lowFrom = (from: number) => (step: number) => (step < from ? 0.8 : 0.1);

test('a gradient norm that becomes 0 for good makes a run silent, at any time, with the step at which that began', () => {
  const { detector, events } = watched({ steps: 400, gradNorm: (step) => (step < 250 ? 1 : 0), score: () => 0.8 });
  const silent = events.find(({ type }) => type === 'silent');
  assert.equal(silent?.onsetStep, 250);
  assert.match(silent?.message ?? '', /exactly 0 since step 250,/);
  assert.doesNotMatch(silent?.advice ?? '', /maxGradNorm|trained at all/);
  assert.match(silent?.advice ?? '', /^Look at the score: .* all rewards are the same/);
  assert.equal(detector.state, 'silent');
});

test('rows of zeros that a run has had before are no silence, three times as long ones are', () => {
  const zeros = (from: number, length: number) => (step: number) => step >= from && step < from + length;
  const usual = [100, 200, 300].map((from) => zeros(from, 18));
  const run = (length: number) =>
    watched({ steps: 600, gradNorm: (step) => (usual.some((is) => is(step)) || zeros(400, length)(step) ? 0 : 1), score: () => 0.8 });
  assert.equal(count(run(50).events, 'silent'), 0);
  const long = run(80);
  assert.equal(count(long.events, 'silent'), 1);
  assert.equal(long.detector.state, 'healthy', 'and the first gradient after it ends it');
});

test('a run whose score is lost for good has not recovered', () => {
  const data = (step: number): Record<string, number> => ({
    [metricNames.gradNorm]: 1 + (step % 5) / 10,
    [metricNames.score]: step < 200 ? 0.7 + (step % 7) / 100 : Number.NaN,
  });
  const detector = createCollapseDetector();
  const events = Array.from({ length: 500 }, (_, index) => detector.update(index + 1, data(index + 1))).flat();
  assert.equal(count(events, 'nan'), 1);
  assert.equal(count(events, 'recovered'), 0);
  assert.equal(detector.state, 'collapsed');
});

test('a run whose gradient is next to nothing after its collapse has not recovered, though nothing is loud any more', () => {
  const norm = (step: number): number => (step <= 300 ? 1 : step <= 320 ? 300 : 1e-6);
  const { detector, events } = watched({ steps: 600, gradNorm: norm });
  assert.equal(count(events, 'collapse'), 1);
  assert.equal(detector.state, 'collapsed');
});

test('a short surge that leaves no gradient behind is a collapse where there is no score', () => {
  const norm = (step: number): number => (step <= 300 ? 1 : step <= 302 ? 100 : 1e-3);
  const { events } = watched({ steps: 400, gradNorm: norm });
  const collapse = events.find(({ type }) => type === 'collapse');
  assert.equal(collapse?.onsetStep, 301);
  assert.match(collapse?.message ?? '', /surged from step 301 on, .* and has all but vanished since/);
  const harmless = watched({ steps: 400, gradNorm: (step) => (step === 301 || step === 302 ? 100 : 1) });
  assert.equal(count(harmless.events, 'collapse'), 0);
});

test('a surge that follows a collapse is told, once, and changes no state', () => {
  const { detector, events } = watched({ steps: 600, gradNorm: (step) => (step < 400 ? 1 : 60), score: lowFrom(300) });
  const collapse = events.findIndex(({ type }) => type === 'collapse');
  const later = events.slice(collapse + 1).filter(({ type }) => type === 'unstable');
  assert.equal(later.length, 1);
  assert.equal(later[0]?.onsetStep, 400);
  assert.match(later[0]?.message ?? '', /since step 400/);
  assert.match(later[0]?.advice ?? '', /maxGradNorm/);
  assert.equal(detector.state, 'collapsed');
});

test('a collapse without a surge gets no advice to clip', () => {
  const { events } = watched({ steps: 400, gradNorm: () => 1, score: lowFrom(300) });
  const collapse = events.find(({ type }) => type === 'collapse');
  assert.equal(collapse?.data['surge'], 0);
  assert.doesNotMatch(collapse?.advice ?? 'none', /maxGradNorm|clip/);
});

test('scores that are rare and do nothing are no collapse', () => {
  for (const gap of [5, 10, 50])
    for (let seed = 1; seed <= 8; seed++) {
      const detector = createCollapseDetector();
      const run = syntheticRun({ steps: 200, seed, gradNorm: () => 1, score: () => 0.5, scoreNoise: 0.08 });
      const events = Array.from(run).flatMap(({ step, data }) => detector.update(step * gap, data));
      assert.equal(count(events, 'collapse'), 0, `every ${gap} steps, seed ${seed}`);
    }
});

test('each level of sensitivity calls the same fall later than the next', () => {
  const steps = sensitivities.map((sensitivity) => {
    const detector = createCollapseDetector({ sensitivity });
    const slide = (step: number): number => 0.8 - 0.7 * Math.min(1, Math.max(0, (step - 300) / 200));
    const events = eventsOf(detector, syntheticRun({ steps: 700, gradNorm: () => 1, score: slide }));
    return events.find(({ type }) => type === 'collapse')?.step ?? Infinity;
  });
  const [low = 0, normal = 0, high = 0] = steps;
  assert.ok(low > normal && normal > high, steps.join(', '));
});

test('steps that are not all logged are judged by how far they lie apart', () => {
  const collapseAt = (every: number): number => {
    const detector = createCollapseDetector();
    const run = Array.from(syntheticRun({ steps: 900, gradNorm: () => 1, score: lowFrom(600) })).filter(({ step }) => step % every === 0);
    return run.flatMap(({ step, data }) => detector.update(step, data)).find(({ type }) => type === 'collapse')?.step ?? Infinity;
  };
  const dense = collapseAt(1);
  for (const every of [2, 5, 10]) assert.ok(collapseAt(every) <= dense + 4 * every, `every ${every}: ${collapseAt(every)}, all: ${dense}`);
});
