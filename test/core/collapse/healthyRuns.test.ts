import assert from 'node:assert/strict';
import test from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { count, eventsOf, syntheticRun } from './syntheticRun.ts';

const learning = (step: number): number => 0.8 * (1 - Math.exp(-step / 200));

for (const gradNoise of [0.02, 0.1, 0.3, 0.6, 1]) {
  test(`noise of width ${gradNoise} is no instability in 10 runs of 1,000 steps`, () => {
    let unstable = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const events = eventsOf(
        createCollapseDetector(),
        syntheticRun({ steps: 1000, seed, gradNoise, gradNorm: () => 0.3, score: learning }),
      );
      assert.equal(count(events, 'collapse'), 0);
      unstable += count(events, 'unstable');
    }
    assert.ok(unstable <= 2, `${unstable} instabilities in 10,000 healthy steps`);
  });
}

test('a gradient norm that grows slowly for ever is never a collapse, with a score or without', () => {
  const gradNorm = (step: number): number => 0.1 * Math.exp(step / 400);
  const withScore = eventsOf(createCollapseDetector(), syntheticRun({ steps: 3000, gradNoise: 0.15, gradNorm, score: learning }));
  const without = eventsOf(createCollapseDetector(), syntheticRun({ steps: 3000, gradNoise: 0.15, gradNorm }));
  assert.deepEqual(
    [...withScore, ...without].filter(({ type }) => type !== 'spike'),
    [],
  );
});

test('a new level of the gradient norm, as after a change of the learning rate, is called unstable once and then the usual', () => {
  const detector = createCollapseDetector();
  const events = eventsOf(
    detector,
    syntheticRun({ steps: 1000, gradNoise: 0.15, gradNorm: (step) => (step < 400 ? 0.2 : 0.6), score: learning }),
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ['unstable', 'settled'],
  );
  const [unstable, settled] = events;
  assert.match(
    settled?.message ?? '',
    /rose at step 400, has been high without rising further for 101 logged steps, and the score has not fallen/,
  );
  assert.ok(unstable !== undefined && Math.abs(unstable.onsetStep - 400) <= 3 && unstable.step <= 415);
  assert.equal(detector.state, 'healthy');
});

test('a single spike is a mark and no more', () => {
  const detector = createCollapseDetector();
  const states: string[] = [];
  const run = syntheticRun({ steps: 200, gradNoise: 0.1, gradNorm: (step) => (step === 100 ? 30 : 0.3), score: learning });
  const events = Array.from(run).flatMap(({ step, data }) => {
    const news = detector.update(step, data);
    states[step] = detector.state;
    return news;
  });
  assert.deepEqual(
    events.map(({ type, step, onsetStep }) => [type, step, onsetStep]),
    [
      ['spike', 100, 100],
      ['settled', 110, 100],
    ],
  );
  assert.match(events[1]?.message ?? '', /^The gradient norm is back at its usual 0\.3\d* after the spike at step 100\.$/);
  assert.equal(states[100], 'spike');
  assert.equal(states[120], 'healthy');
  assert.equal(detector.onsetStep, null);
});

test('a score that never rises above its noise cannot collapse', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const events = eventsOf(
      createCollapseDetector(),
      syntheticRun({ steps: 1000, seed, gradNorm: () => 1, score: () => 0, scoreNoise: 0.02 }),
    );
    assert.equal(count(events, 'collapse'), 0);
  }
});

test('a run that has always been logged after clipping is told so once and stays healthy', () => {
  const detector = createCollapseDetector();
  const events = eventsOf(detector, syntheticRun({ steps: 500, gradNorm: () => 40, clippedTo: 1, score: learning }));
  assert.deepEqual(
    events.map(({ type }) => type),
    ['plateau'],
  );
  assert.match(events[0]?.message ?? '', /has been 1 for 10 logged steps .* after clipping/);
  assert.equal(detector.state, 'healthy');
});

test('a gradient norm that is 0 now and then, as when every response of a group has the same reward, is no event', () => {
  const events = eventsOf(
    createCollapseDetector(),
    syntheticRun({ steps: 600, gradNorm: (step) => (step % 3 === 0 ? 0 : 0.4), score: learning }),
  );
  assert.deepEqual(events, []);
});

test('gaps that a table fills with NaN are no broken score', () => {
  const run = syntheticRun({ steps: 300, gradNorm: () => 0.4, score: (step) => (step % 10 === 0 ? learning(step) : Number.NaN) });
  assert.deepEqual(eventsOf(createCollapseDetector(), run), []);
});

test('an empty record, a single step and unknown metrics are no trouble', () => {
  const detector = createCollapseDetector();
  assert.deepEqual(detector.update(1, {}), []);
  assert.deepEqual(detector.update(1, { loss: 3 }), []);
  assert.deepEqual(detector.update(7, { [metricNames.gradNorm]: 1e9 }), []);
  assert.equal(detector.state, 'healthy');
});

test('a run that hardly ever scores has nothing to lose', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    // Of 32 responses one is right now and then, by chance.
    const hits = Array.from({ length: 1001 }, () => (random.chance(0.08) ? 1 / 32 : 0));
    const events = eventsOf(
      createCollapseDetector(),
      syntheticRun({ steps: 1000, seed, gradNorm: () => 0.1, score: (step) => hits[step], scoreNoise: 0 }),
    );
    assert.equal(count(events, 'collapse'), 0, `seed ${seed}`);
  }
});

test('a score that is always the same has lost nothing, whatever rounding makes of its sums', () => {
  for (const constant of [-7.3, -1, -0.397, -0.3, -0.1, -1e-5, 0, 0.1, 0.7]) {
    const run = Array.from({ length: 300 }, (_, index) => ({
      step: index + 1,
      data: { [metricNames.gradNorm]: 0.5 + 0.1 * Math.sin(index), [metricNames.score]: constant },
    }));
    const events = eventsOf(createCollapseDetector(), run);
    assert.deepEqual(
      events.filter(({ type }) => type === 'collapse' || type === 'unstable'),
      [],
      String(constant),
    );
  }
});
