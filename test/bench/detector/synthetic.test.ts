import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LabelledRun } from '../../../bench/detector/labelledRun.ts';
import { syntheticPlans, syntheticRuns } from '../../../bench/detector/synthetic.ts';
import { surge, valuesOf } from '../../../bench/detector/synthetic/curve.ts';
import { Autocorrelated, Noise } from '../../../bench/detector/synthetic/noise.ts';
import { halvedAt, makeRun } from '../../../bench/detector/synthetic/plan.ts';
import type { Plan } from '../../../bench/detector/synthetic/plan.ts';
import { scoreOf } from '../../../bench/detector/synthetic/reward.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';

const halves = ['tuning', 'reporting'] as const satisfies LabelledRun['half'][];
const { gradNorm, score } = metricNames;

const plan: Plan = {
  name: 'healthy/test run',
  length: 20_000,
  norm: [[1, 1]],
  quality: [[1, 0.5]],
  sigma: 0.7,
  phi: 0.9,
  score: { reward: '0…1', samples: 8 },
  onset: null,
  finalState: 'healthy',
};

const column = (run: LabelledRun, name: string): number[] => run.steps.map(({ data }) => data[name] ?? Number.NaN);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function sigmaOf(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

function correlation(values: readonly number[]): number {
  const centre = mean(values);
  const products = values.slice(1).map((value, i) => (value - centre) * ((values[i] ?? 0) - centre));
  return mean(products) / sigmaOf(values) ** 2;
}

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe('the noise of a made run', () => {
  it('has the scatter and the autocorrelation that are asked for', () => {
    for (const phi of [0, 0.5, 0.95]) {
      const values = new Autocorrelated(new Noise(7), phi);
      const drawn = Array.from({ length: 40_000 }, () => values.next());
      assertNear(mean(drawn), 0, 0.1);
      assertNear(sigmaOf(drawn), 1, 0.06);
      assertNear(correlation(drawn), phi, 0.02);
    }
  });

  it('is that of the logarithm of the norm', () => {
    const logs = column(makeRun(plan, 'tuning'), gradNorm).map(Math.log);
    assertNear(mean(logs), Math.log(0.4), 0.1);
    assertNear(sigmaOf(logs), 0.7, 0.05);
    assertNear(correlation(logs), 0.9, 0.02);
  });

  it('is that of few responses where the reward is right or wrong', () => {
    const scores = column(makeRun(plan, 'tuning'), score);
    assert.ok(scores.every((value) => Number.isInteger(8 * value) && value >= 0 && value <= 1));
    assertNear(mean(scores), 0.5, 0.01);
    assertNear(sigmaOf(scores), Math.sqrt(0.25 / 8), 0.01);
  });

  it('leaves a score within the bounds of its reward', () => {
    const noise = new Noise(1);
    for (const [reward, worst, best] of [
      ['0…1', 0, 1],
      ['±1', -1, 1],
      ['−10…0', -10, 0],
      ['3…8', 3, 8],
    ] as const) {
      assert.deepEqual(
        [0, 1].map((quality) => scoreOf(reward, quality, Number.POSITIVE_INFINITY, noise)),
        [worst, best],
      );
      const drawn = Array.from({ length: 200 }, (_, i) => scoreOf(reward, i / 200, 4, noise));
      assert.ok(drawn.every((value) => value >= worst && value <= best));
      assert.ok(new Set(drawn).size > 3);
    }
  });

  it('is the same for the same half and name, and another for another', () => {
    const short = { ...plan, length: 30 };
    const run = makeRun(short, 'tuning');
    assert.deepEqual(makeRun(short, 'tuning'), run);
    assert.notDeepEqual(column(makeRun(short, 'reporting'), gradNorm), column(run, gradNorm));
    assert.notDeepEqual(column(makeRun({ ...short, name: 'healthy/other' }, 'tuning'), gradNorm), column(run, gradNorm));
  });
});

describe('what happens in a made run', () => {
  it('is a surge that doubles as often as is said, from its first step on', () => {
    const values = valuesOf(surge(11, 5, 1024), 80);
    assert.equal(values[9], 1);
    assert.ok(values[10]! > 1);
    const growing = valuesOf(surge(11, 5, 1024), 80, 'logarithmic');
    assertNear(growing[14]! / growing[9]!, 2, 1e-9);
    assertNear(growing[79]!, 1024, 1e-9);
  });

  it('is a collapse where half of what was gained since the start is lost, however low the score ends', () => {
    // From 0.1 to 0.9 in 9 steps; half of the gain is gone at 0.5.
    assert.equal(halvedAt(Float64Array.of(0.1, 0.3, 0.5, 0.7, 0.9, 0.9, 0.8, 0.6, 0.5, 0.1, 0)), 9);
    // From its best to 0.1: half way at 0.45.
    assert.equal(halvedAt(Float64Array.of(0.8, 0.8, 0.6, 0.46, 0.45, 0.1)), 5);
    assert.equal(halvedAt(Float64Array.of(0.1, 0.8, 0.6, 0.5, 0.8)), null);
  });

  it('comes at its step: silence, clipping, what is no number, rare scores, spikes', () => {
    const base = { ...plan, length: 400, sigma: 0.1 };
    const silent = column(makeRun({ ...base, silentFrom: 300 }, 'tuning'), gradNorm);
    assert.ok(silent.slice(0, 299).every((norm) => norm > 0));
    assert.ok(silent.slice(299).every((norm) => norm === 0));
    assert.ok(column(makeRun({ ...base, usualNorm: 3, clippedAt: 1 }, 'tuning'), gradNorm).every((norm) => norm === 1));
    const broken = makeRun({ ...base, broken: { from: 200, norm: Number.NaN, score: Number.NaN }, onset: 200 }, 'tuning');
    assert.deepEqual(broken.collapse, { step: 200, onset: 200 });
    assert.equal(column(broken, gradNorm).findIndex(Number.isNaN), 199);
    assert.equal(column(broken, score).findIndex(Number.isNaN), 199);
    const sparse = makeRun({ ...base, score: { reward: '±1', samples: 8, every: 50 } }, 'tuning');
    assert.deepEqual(
      sparse.steps.flatMap(({ step, data }) => (score in data ? [step] : [])),
      [50, 100, 150, 200, 250, 300, 350, 400],
    );
    const zeros = column(makeRun({ ...base, length: 4000, zeroShare: [0.3, 0.3] }, 'tuning'), gradNorm);
    assertNear(zeros.filter((norm) => norm === 0).length / 4000, 0.3, 0.03);
    const spiky = column(makeRun({ ...base, length: 4000, spikes: { perThousand: 5, factor: 100, width: 2 } }, 'tuning'), gradNorm);
    const high = spiky.filter((norm) => norm > 10).length;
    assert.ok(high >= 20 && high <= 70 && high % 2 === 0);
    assert.ok(spiky.slice(-60).every((norm) => norm < 10));
  });
});

describe('a healthy run whose noise ends high', () => {
  it('is of no known final state: nobody could say what would have come of it', () => {
    const ends = Array.from({ length: 40 }, (_, i) => {
      const run = makeRun({ ...plan, name: `healthy/end ${i}`, length: 100, phi: 0.95, sigma: 1 }, 'tuning');
      const last = mean(
        column(run, gradNorm)
          .slice(-10)
          .map((norm) => Math.log(norm / 0.4)),
      );
      return { isHigh: last > Math.log(2), finalState: run.finalState };
    });
    assert.deepEqual(new Set(ends.filter(({ isHigh }) => isHigh).map(({ finalState }) => finalState)), new Set([null]));
    assert.deepEqual(new Set(ends.filter(({ isHigh }) => !isHigh).map(({ finalState }) => finalState)), new Set(['healthy']));
  });
});

/** Levels of the score over the whole run, means of a few dozen values, and how far they scatter by chance. */
function levelsOf(run: LabelledRun): { readonly levels: readonly number[]; readonly error: number } {
  const scores = column(run, score).filter(Number.isFinite);
  const width = Math.min(30, Math.floor(scores.length / 6));
  const levels = scores.slice(0, 1 - width || undefined).map((_, i) => mean(scores.slice(i, i + width)));
  const differences = scores.slice(1).map((value, i) => (value - (scores[i] ?? 0)) ** 2);
  return { levels, error: Math.sqrt(mean(differences) / 2 / width) };
}

/** What whoever looks at the whole curve sees: the deepest fall as a share of all that the score does, 0 where it may be chance. */
function deepestFall(run: LabelledRun): number {
  const { levels, error } = levelsOf(run);
  let best = Number.NEGATIVE_INFINITY;
  let fall = 0;
  for (const level of levels) {
    best = Math.max(best, level);
    fall = Math.max(fall, best - level);
  }
  const range = Math.max(...levels) - Math.min(...levels);
  return fall > 9 * error ? fall / range : 0;
}

describe('the made runs', () => {
  for (const half of halves)
    it(`bear out in what they log what is said of them: ${half}`, () => {
      const names = new Set<string>();
      let unknown = 0;
      for (const run of syntheticRuns(half)) {
        assert.equal(run.half, half);
        assert.ok(!names.has(run.name), `${run.name} is there twice`);
        names.add(run.name);
        assert.deepEqual(
          run.steps.map(({ step }) => step),
          Array.from(run.steps, (_, i) => i + 1),
        );
        if (run.steps.length > 5000) continue;
        const norms = column(run, gradNorm);
        const { collapse, finalState } = run;
        if (collapse !== null) {
          assert.ok(collapse.onset !== null && collapse.onset <= collapse.step && collapse.step < run.steps.length - 10, run.name);
          assert.ok(finalState === 'collapsed' || finalState === 'recovered', run.name);
        } else assert.ok(finalState === null || finalState === 'healthy' || finalState === 'silent', run.name);
        if (finalState === null) unknown += 1;
        assert.equal(finalState === 'silent', norms.slice(-200).every((norm) => norm === 0) && collapse === null, run.name);
        const scores = column(run, score).filter(Number.isFinite);
        if (scores.length >= 12 && !run.name.includes('not-a-number') && !run.name.startsWith('silent/')) {
          const fall = deepestFall(run);
          assert.ok(collapse === null ? fall < 0.5 : fall > 0.65, `${run.name}: the score falls by ${fall.toFixed(2)} of its range`);
        }
        if (scores.length === 0 && collapse !== null && !run.name.includes('not-a-number')) {
          const usual = Math.max(...norms.slice(0, collapse.onset! - 1));
          assert.ok(Math.max(...norms) > 20 * usual, `${run.name}: no surge, and nothing else to tell it by`);
        }
      }
      assert.ok(names.size > 500);
      assert.ok(unknown < 10, `the end of ${unknown} runs is not known`);
    });

  it('have other numbers in the half for reporting', () => {
    const [tuning, reporting] = halves.map((half) => new Set([...syntheticPlans(half)].map((run) => JSON.stringify({ ...run, name: '' }))));
    const shared = [...tuning!].filter((run) => reporting!.has(run));
    assert.ok(shared.length < 15, `${shared.length} plans are in both halves`);
  });
});
