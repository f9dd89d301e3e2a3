import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AlarmRule } from '../../../bench/detector/labelledRun.ts';
import { alarmRules } from '../../../bench/detector/rules.ts';
import { LevelModel, RunLengths, changePointPosterior } from '../../../bench/detector/rules/changePoint.ts';
import { llmC, olmoCore, zClip } from '../../../bench/detector/rules/clipping.ts';
import { fixedThreshold, medianMultiple, pageHinkley } from '../../../bench/detector/rules/thresholds.ts';
import { Noise } from '../../../bench/detector/synthetic/noise.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';

const { gradNorm, score } = metricNames;

/** Places, counted from 0, of the norms that alarm. */
function alarmsAt(rule: AlarmRule, norms: readonly number[], scores: readonly number[] = []): number[] {
  const alarms = rule.create();
  return norms.flatMap((norm, i) => {
    const data: Record<string, number> = { [gradNorm]: norm };
    if (scores[i] !== undefined) data[score] = scores[i];
    return alarms(i + 1, data) ? [i] : [];
  });
}

const constant = (count: number, value: number): number[] => new Array<number>(count).fill(value);
/** 1, 3, 1, 3 …: mean 2 and standard deviation 1, or nearly. */
const alternating = (count: number, centre = 2, deviation = 1): number[] =>
  Array.from({ length: count }, (_, i) => centre + (i % 2 === 0 ? -deviation : deviation));

describe('ZClip', () => {
  // 25 norms of which 13 are 1 and 12 are 3: mean 1.96, standard deviation 0.9992, so that 2.5 of these above is 4.458.
  const first = alternating(25);

  it('alarms from 2.5 standard deviations above the mean of the first 25 norms on', () => {
    assert.deepEqual(alarmsAt(zClip, [...first, 4.4]), []);
    assert.deepEqual(alarmsAt(zClip, [...first, 4.5]), [25]);
    assert.deepEqual(alarmsAt(zClip, [...first.slice(1), 1000]), []);
  });

  it('goes on with the clipped norm, so that a huge one does not hide the next', () => {
    // 1000 counts as 1.96 + 2.498 ∕ (998.8 ∕ 2.5) = 1.966; the variance is 0.97 × 0.9984 after it.
    assert.deepEqual(alarmsAt(zClip, [...first, 1000, 4.5, 4.3]), [25, 26]);
  });
});

describe('the rule of OLMo-core', () => {
  it('alarms above six standard deviations of the steps before, from the 64th step on', () => {
    // 32 times 1 and 31 times 3: mean 1.984, sample standard deviation 1.008.
    assert.deepEqual(alarmsAt(olmoCore, [...alternating(63), 8]), []);
    assert.deepEqual(alarmsAt(olmoCore, [...alternating(63), 8.1]), [63]);
    assert.deepEqual(alarmsAt(olmoCore, [...alternating(62), 100]), []);
  });

  it('forgets what is 129 steps old', () => {
    // With a 30 among the 128, six standard deviations are 16.
    assert.deepEqual(alarmsAt(olmoCore, [30, ...alternating(127), 8.5]), []);
    assert.deepEqual(alarmsAt(olmoCore, [30, ...alternating(128), 8.5]), [129]);
  });

  it('takes the negative score for the loss', () => {
    const scores = alternating(100, 1, 0.1);
    assert.deepEqual(alarmsAt(olmoCore, constant(102, 1), [...scores, 0.35, 5]), [100]);
    assert.deepEqual(alarmsAt(olmoCore, constant(101, 1), [...scores, 0.45]), []);
  });
});

describe('the rule of llm.c', () => {
  it('alarms above seven standard deviations of 128 steps with the one at hand', () => {
    // Of 127 values of variance 1 and one that is d above their mean, z² = d² (127 ∕ 128) ∕ (1 + d² ∕ 128): 49 at d = 8.97.
    assert.deepEqual(alarmsAt(llmC, [...alternating(128), 10.85]), []);
    assert.deepEqual(alarmsAt(llmC, [...alternating(128), 11.1]), [128]);
    assert.deepEqual(alarmsAt(llmC, [...alternating(127), 100]), []);
  });

  it('is silent where nothing ever differs', () => {
    assert.deepEqual(alarmsAt(llmC, constant(300, 1)), []);
  });

  it('takes the negative score for the loss', () => {
    assert.deepEqual(alarmsAt(llmC, constant(130, 1), [...alternating(128, 1, 0.1), 0.05]), [128]);
  });
});

describe('Page-Hinkley', () => {
  it('alarms when the logarithm has been above its mean by 50 in all, and begins anew', () => {
    // After 100 logarithms of 0, the k-th of 5 adds 500 ∕ (100 + k) − 0.005: 47.4 after ten of them, 51.9 after eleven.
    const norms = [...constant(100, 1), ...constant(120, Math.exp(5))];
    assert.deepEqual(alarmsAt(pageHinkley, norms), [110]);
  });

  it('waits for 29 values', () => {
    assert.deepEqual(alarmsAt(pageHinkley, [...constant(5, 1), ...constant(27, 1e300)]).at(0), 28);
  });

  it('leaves out a norm of 0, which has no logarithm', () => {
    assert.deepEqual(alarmsAt(pageHinkley, [...constant(100, 1), 0, 0, ...constant(10, Math.exp(5))]), []);
  });
});

describe('thresholds', () => {
  it('lie at five times the median of the last 60, of at least 20', () => {
    assert.deepEqual(alarmsAt(medianMultiple, [...constant(20, 1), 5, 5.1]), [21]);
    assert.deepEqual(alarmsAt(medianMultiple, [...constant(19, 1), 50]), []);
    assert.deepEqual(alarmsAt(medianMultiple, [...constant(60, 1), ...constant(31, 4), 18]), []);
  });

  it('lie where they are put', () => {
    assert.deepEqual(alarmsAt(fixedThreshold(10, ''), [9, 10, 10.1, 0]), [2]);
  });
});

describe('the change-point posterior', () => {
  const noisy = (count: number, level: number, key: number): number[] => {
    const noise = new Noise(key);
    return Array.from({ length: count }, () => level + 0.2 * noise.normal());
  };
  const norms = (logs: readonly number[]): number[] => logs.map(Math.exp);

  it('predicts with densities, whatever a level has had', () => {
    const model = new LevelModel();
    for (const value of [0.3, 0.5, 0.2, 0.6]) model.learn(value);
    for (const level of [
      { count: 3, mean: 0.4, squares: 0.05 },
      { count: 40, mean: -1, squares: 9 },
    ]) {
      let sum = 0;
      for (let x = -1000; x < 1000; x += 0.01) sum += 0.01 * model.likelihood(level, x);
      assert.ok(Math.abs(sum - 1) < 0.001, `${sum}`);
    }
    assert.equal(model.likelihood({ count: 3, mean: 0.4, squares: 0.05 }, undefined), 1);
  });

  it('expects a change at each step as often as is assumed', () => {
    const lengths = new RunLengths();
    for (const norm of norms(noisy(300, 0, 1))) lengths.observe({ norm, score: undefined });
    assert.ok(Math.abs(lengths.shareShorterThan(1) - 0.001) < 1e-6);
    assert.ok(lengths.shareShorterThan(20) < 0.2);
  });

  it('alarms soon after the norm has risen or the score has fallen, and not after the opposite', () => {
    const level = noisy(200, 0, 2);
    const [up] = alarmsAt(changePointPosterior, norms([...level, ...noisy(40, 2, 3)]));
    assert.ok(up !== undefined && up >= 200 && up < 206, `${up}`);
    assert.deepEqual(alarmsAt(changePointPosterior, norms([...level, ...noisy(40, -2, 3)])), []);
    const scores = noisy(200, 5, 4);
    const steady = norms(noisy(240, 0, 6));
    const [down] = alarmsAt(changePointPosterior, steady, [...scores, ...noisy(40, 3, 5)]);
    assert.ok(down !== undefined && down >= 200 && down < 206, `${down}`);
    assert.deepEqual(alarmsAt(changePointPosterior, steady, [...scores, ...noisy(40, 7, 5)]), []);
  });
});

describe('every rule', () => {
  for (const rule of alarmRules) {
    it(`alarms where the norm is no number, or a score that came at every step: ${rule.name}`, () => {
      assert.deepEqual(alarmsAt(rule, [...constant(50, 0.5), Number.NaN, Number.POSITIVE_INFINITY]), [50, 51]);
      assert.deepEqual(alarmsAt(rule, constant(51, 0.5), [...constant(50, 1), Number.NaN]), [50]);
    });

    it(`takes steps without a norm or a score: ${rule.name}`, () => {
      const alarms = rule.create();
      for (let step = 1; step <= 300; step++) assert.equal(alarms(step, step % 3 === 0 ? { [gradNorm]: 0.5 } : {}), false);
      assert.deepEqual(
        alarmsAt(
          rule,
          constant(300, 0.5),
          alternating(300).map((_, i) => (i % 5 === 0 ? 1 : Number.NaN)),
        ),
        [],
      );
    });

    it(`judges each run by itself, with a source for how: ${rule.name}`, () => {
      const run = [...alternating(150, 0.5, 0.1), ...constant(20, 400)];
      assert.deepEqual(alarmsAt(rule, run), alarmsAt(rule, run));
      assert.ok(alarmsAt(rule, run).length > 0);
      assert.ok(rule.source.length > 10);
    });
  }
});
