import assert from 'node:assert/strict';
import test from 'node:test';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { gapsSentence } from '../../../src/core/collapse/sentences.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';
import { eventsOf, syntheticRun } from './syntheticRun.ts';

const { gradNorm: normKey, score: scoreKey, entropy, clipRatio } = metricNames;

type Curve = (index: number) => number | undefined;

/** A curve of one of many kinds: missing, constant, stepped, wild, spiked, negative, sparse, exploding, ending. */
function curve(random: Random, length: number): Curve {
  const edges = [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 1, 0.4, -1, -0.4, 1.3e11, 1e-9];
  const edge = (): number => edges[Math.floor(random.uniform() * edges.length)] ?? 0;
  const [constant, kind, at] = [edge(), Math.floor(random.uniform() * 10), Math.floor(random.uniform() * length)];
  const scale = 10 ** (12 * random.uniform() - 6);
  const noisy = (level: number): number => level * scale * (0.9 + 0.2 * random.uniform());
  switch (kind) {
    case 0:
      return () => undefined;
    case 1:
      return () => constant;
    case 2:
      return (index) => (index < at ? noisy(1) : constant);
    case 3:
      return edge;
    case 4:
      return (index) => (index === at ? constant : noisy(1));
    case 5:
      return (index) => (index < at ? noisy(-0.4) : noisy(-1));
    case 6:
      return (index) => (index % 7 === 0 ? noisy(index < at ? 1 : 0.05) : undefined);
    case 7:
      return (index) => noisy(index < at ? 1 : 1.3 ** Math.min(60, index - at));
    case 8:
      return (index) => (index < at ? noisy(1) : undefined);
    default:
      return (index) => noisy(index < at ? 1 : 0.1);
  }
}

function wildRun(seed: number): { step: number; data: Record<string, number> }[] {
  const random = new Random(seed, 0xed6e);
  const length = random.chance(0.1) ? 1 : 1 + Math.floor(240 * random.uniform());
  const stride = random.chance(0.2) ? 10 : 1;
  const curves = [normKey, scoreKey, entropy, clipRatio].map((key) => ({ key, value: curve(random, length) }));
  return Array.from({ length }, (_, index) => {
    const values = curves.map(({ key, value }) => [key, value(index)] as const).filter(([, value]) => value !== undefined);
    return { step: (index + 1) * stride, data: Object.fromEntries(values) as Record<string, number> };
  });
}

/** What no text may have in it, by why. */
const blunders: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a value that is missing', /undefined|null|\[object/],
  ['NaN that is not said to be no number', /(?<!not a number \()NaN/],
  ['an infinity for a number', /Infinity|∞/],
  ['a gap', / {2}|^ | $| [.,;:]/],
  ['a minus zero', /[-−]0(?![.\d])/],
  ['a step with decimals', /steps? \d+[.·]\d/],
  ['a hyphen for a minus', /(^|\s)-\d/],
  ['no end', /[^.]$/],
  ['two ends', /\.\./],
  ['a plural of one', /\b1 (values|logged steps|steps)\b/],
  ['what this version cannot do', /[Bb]ranch/],
];

function assertPlain(text: string, of: string): void {
  for (const [what, pattern] of blunders) assert.doesNotMatch(text, pattern, `${what} in ${of}: ${text}`);
}

const fallAt = (from: number, good: number, bad: number) => (step: number) => (step < from ? good : bad);

test('every message, advice and state of wild runs is a plain sentence about numbers that there are', () => {
  const types = new Set<CollapseEvent['type']>();
  for (let seed = 1; seed <= 3000; seed++) {
    const maxGradNorm = [undefined, null, 0.1, 10][seed % 4];
    const detector = createCollapseDetector({ ...(maxGradNorm !== undefined && { maxGradNorm }) });
    const run = wildRun(seed);
    const hasNorm = (step: number): boolean => run.some(({ step: at, data }) => at <= step && Number.isFinite(data[normKey]));
    for (const { step, data } of run) {
      for (const event of detector.update(step, data)) {
        types.add(event.type);
        assertPlain(event.message, `a ${event.type} of run ${seed}`);
        if (event.advice !== '') assertPlain(event.advice, `the advice of a ${event.type} of run ${seed}`);
        assert.match(
          event.message,
          new RegExp(`step ${event.onsetStep}\\b`),
          `the onset in a ${event.type} of run ${seed}: ${event.message}`,
        );
        if (!hasNorm(step)) assert.doesNotMatch(event.message, /no clear surge/);
        if (!hasNorm(step) || event.data['surge'] === 0) assert.doesNotMatch(event.advice, /maxGradNorm/);
        if (event.type === 'recovered' && scoreKey in data && !Number.isFinite(data[scoreKey]))
          assert.doesNotMatch(event.message, /score is at/);
      }
    }
    const gaps = gapsSentence(detector.gaps);
    if (gaps !== '') assertPlain(gaps, `the gaps of run ${seed}`);
    assert.equal(detector.state === 'unknown', detector.state === 'unknown' && !hasNorm(Infinity), `run ${seed} has a gradient norm`);
  }
  assert.deepEqual([...types].sort(), ['collapse', 'nan', 'plateau', 'recovered', 'settled', 'silent', 'spike', 'unstable']);
});

test('what a run lacks is called by the names of the run, and by none that nobody has given it', () => {
  const never = (of: 'gradNorm' | 'score') => ({ of, since: null, isNoNumber: false });
  const both = [never('gradNorm'), never('score')];
  assert.equal(gapsSentence(both, {}), 'No metric is known as its gradient norm, and none as its score.');
  assert.equal(
    gapsSentence([never('score')], { gradNorm: 'grad_norm' }),
    'No metric is known as its score, so a fall of the score cannot be seen.',
  );
  assert.equal(
    gapsSentence(both, { gradNorm: 'grad_norm' }),
    'The run logs no gradient norm (grad_norm), so a surge cannot be seen; no metric is known as its score, so a fall of the score cannot be seen.',
  );
  assert.equal(
    gapsSentence(both, { gradNorm: 'grad_norm', score: 'reward' }),
    'The run logs neither a gradient norm (grad_norm) nor a score (reward).',
  );
});

test('a fall of the score is told from level to level, also of negative ones', () => {
  const run = Array.from({ length: 200 }, (_, index) => ({
    step: index + 1,
    data: { [normKey]: 0.4 + (index % 5) / 50, [scoreKey]: (index < 120 ? -0.4 : -1) - (index % 3) / 100 },
  }));
  const [collapse] = eventsOf(createCollapseDetector(), run).filter(({ type }) => type === 'collapse');
  assert.match(
    collapse?.message ?? '',
    /^Since step 121 the score has fallen from its best level −0\.409 to −1\.\d+, the mean of its last 8 values, below the −0\.41 that it began with\. The gradient norm shows no clear surge\.$/,
  );
});

test('that the gradient norm did not surge is said up to where it was logged', () => {
  const score = (step: number): number => (step <= 100 ? 0.7 : 0.05);
  const run = (lastNorm: number): { step: number; data: Record<string, number> }[] =>
    Array.from({ length: 140 }, (_, index) => ({
      step: index + 1,
      data: { ...(index < lastNorm && { [normKey]: 0.4 + (index % 5) / 50 }), [scoreKey]: score(index + 1) + (index % 3) / 100 },
    }));
  const messageOf = (lastNorm: number): string =>
    eventsOf(createCollapseDetector(), run(lastNorm)).find(({ type }) => type === 'collapse')?.message ?? '';
  assert.match(messageOf(140), /The gradient norm shows no clear surge\.$/);
  assert.match(messageOf(80), /The gradient norm shows no clear surge up to step 80, the last one at which it was logged as a number\.$/);
  assert.match(messageOf(0), /No gradient norm is logged, so a surge could not be seen\.$/);
});

test('clipping is advised against a surge, and not without one', () => {
  const adviceOf = (run: Parameters<typeof syntheticRun>[0]): string =>
    eventsOf(createCollapseDetector(), syntheticRun(run)).find(({ type }) => type === 'collapse')?.advice ?? '';
  assert.match(adviceOf({ steps: 300, gradNorm: fallAt(200, 0.4, 20), score: fallAt(203, 0.8, 0.05) }), /set optimizer\.maxGradNorm/);
  const calm = adviceOf({ steps: 300, gradNorm: () => 0.4, score: fallAt(203, 0.8, 0.05) });
  assert.match(calm, /: use the estimator tir_optimal_token_baseline, or lower optimizer\.learningRate\.$/);
});

test('the advice about a spike fits its size', () => {
  const adviceOf = (height: number, maxGradNorm: number | null = null): string =>
    eventsOf(
      createCollapseDetector({ maxGradNorm }),
      syntheticRun({ steps: 150, gradNoise: 0.1, gradNorm: (step) => (step === 100 ? height : 0.3), score: () => 0.6 }),
    ).find(({ type }) => type === 'spike')?.advice ?? '';
  assert.match(adviceOf(5), /^Nothing to do: single spikes are common/);
  assert.match(
    adviceOf(1.3e11),
    /^A step as large as this can undo what the policy has learned: watch the score\. In the next run, set optimizer/,
  );
  assert.match(adviceOf(1.3e11, 1), /^Nothing to do: optimizer\.maxGradNorm cuts the step down to 1\./);
});

test('a score that stays no number after a collapse is not called back', () => {
  const detector = createCollapseDetector();
  const run = Array.from({ length: 200 }, (_, index) => ({
    step: index + 1,
    data: { [normKey]: 0.4 + (index % 5) / 50, [scoreKey]: index < 100 ? 0.7 + (index % 3) / 100 : Number.NaN },
  }));
  const events = eventsOf(detector, run);
  assert.deepEqual(
    events.map(({ type, step }) => [type, step]),
    [['nan', 101]],
  );
  assert.match(events[0]?.message ?? '', /^The score is not a number \(NaN\) at step 101: /);
  assert.equal(detector.state, 'collapsed');
});

test('one infinite norm is recovered from, and the score of then is told', () => {
  const run = Array.from({ length: 120 }, (_, index) => ({
    step: index + 1,
    data: { [normKey]: index === 59 ? Infinity : 0.4 + (index % 5) / 50, [scoreKey]: 0.7 + (index % 3) / 100 },
  }));
  const recovered = eventsOf(createCollapseDetector(), run).find(({ type }) => type === 'recovered');
  assert.match(
    recovered?.message ?? '',
    /^The collapse that began at step 60 seems to be over: .* the score is at 0\.709, its best level was 0\.71, and the gradient norm is 0\.4\d*\.$/,
  );
});
