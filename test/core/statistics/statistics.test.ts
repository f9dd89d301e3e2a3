// Golden values: SciPy 1.17.1 (fisher_exact, binomtest, wilcoxon, t, bootstrap) and NumPy, by the calls named at each table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fisherExact } from '../../../src/core/statistics/fisherExact.ts';
import { holmAdjusted } from '../../../src/core/statistics/holm.ts';
import { bootstrapInterval, tInterval } from '../../../src/core/statistics/meanDifference.ts';
import { mcnemarExact } from '../../../src/core/statistics/mcnemar.ts';
import { median, quantile, standardDeviation } from '../../../src/core/statistics/quantiles.ts';
import { studentTQuantile, studentTTail } from '../../../src/core/statistics/studentT.ts';
import { wilcoxonSignedRank } from '../../../src/core/statistics/wilcoxon.ts';
import { wilsonInterval } from '../../../src/core/statistics/wilson.ts';

const differences = [0.31, -0.02, 0.44, 0.05, 0.61, -0.11, 0.27, 0.08];

function close(actual: number | undefined, expected: number, tolerance = 1e-9): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= tolerance * Math.abs(expected) + 1e-15, `${actual} is not ${expected}`);
}

test("Fisher's exact test agrees with scipy.stats.fisher_exact([[a, n-a], [b, m-b]])", () => {
  const golden = [
    [7, 24, 24, 24, 1.6308653665190516e-7],
    [7, 24, 16, 24, 0.019854721879242906],
    [7, 24, 15, 24, 0.041463591290063356],
    [0, 5, 5, 5, 0.007936507936507938],
    [2, 10, 5, 10, 0.34984520123839014],
    [1, 10, 0, 10, 1],
    [0, 3, 0, 4, 1],
    [3, 7, 9, 11, 0.1414027149321267],
  ] as const;
  for (const [a, n, b, m, p] of golden) {
    close(fisherExact({ count: a, of: n }, { count: b, of: m }), p);
    close(fisherExact({ count: b, of: m }, { count: a, of: n }), p);
  }
});

test("McNemar's exact test agrees with scipy.stats.binomtest(min(b, c), b + c)", () => {
  const golden = [
    [12, 4, 0.076812744140625],
    [10, 1, 0.01171875],
    [17, 0, 1.52587890625e-5],
    [1, 0, 1],
    [4, 2, 0.6875],
    [0, 0, 1],
    [1, 19, 4.00543212890625e-5],
  ] as const;
  for (const [b, c, p] of golden) close(mcnemarExact(b, c), p);
});

test("Wilcoxon's signed-rank test agrees with scipy.stats.wilcoxon, exact and with ties by full permutation", () => {
  close(wilcoxonSignedRank(differences), 0.078125);
  close(wilcoxonSignedRank([1, -1, 2, 2, 0, 3, -2, 4, 5]), 0.1015625);
  assert.equal(wilcoxonSignedRank([0, 0]), 1);
});

test("Wilson's interval agrees with scipy.stats.binomtest(k, n).proportion_ci(method='wilson')", () => {
  const golden = [
    [0, 5, 0, 0.43448246478317476],
    [7, 24, 0.14914648196960867, 0.49167693664496637],
    [5, 5, 0.5655175352168251, 1],
    [15, 24, 0.4270996244267428, 0.7884063244045123],
  ] as const;
  for (const [count, of, low, high] of golden) {
    const interval = wilsonInterval({ count, of });
    close(interval.low, low);
    close(interval.high, high);
  }
});

test("Student's t agrees with scipy.stats.t.ppf(0.975, df) and t.sf(1.3, df)", () => {
  const golden = [
    [1, 12.706204736174694, 0.20871440016015272],
    [2, 4.302652729749462, 0.16162351590802015],
    [4, 2.7764451051977934, 0.13172579823561206],
    [9, 2.262157162798205, 0.11295318633652467],
    [23, 2.0686576104190486, 0.1032394276680102],
    [100, 1.9839715185235518, 0.09829473171118308],
  ] as const;
  for (const [degrees, quantile975, tail] of golden) {
    close(studentTQuantile(0.025, degrees), quantile975);
    close(studentTTail(1.3, degrees), tail);
  }
});

test('the t interval of a mean difference agrees with scipy.stats.t.interval', () => {
  const interval = tInterval(differences);
  close(interval?.low, -0.0020022780562765075);
  close(interval?.high, 0.40950227805627654);
  assert.equal(tInterval([0.3]), undefined);
});

test('the bootstrap interval is near scipy.stats.bootstrap with 2,000,000 resamples, and the same every time', () => {
  const interval = bootstrapInterval(differences);
  close(interval?.low, 0.05, 0.01);
  close(interval?.high, 0.3675, 0.01);
  assert.deepEqual(bootstrapInterval(differences), interval);
  assert.equal(bootstrapInterval([0.3]), undefined);
});

test("Holm's adjustment agrees with R's p.adjust(p, 'holm') and keeps the order given", () => {
  holmAdjusted([0.01, 0.04, 0.03, 0.005]).forEach((p, index) => close(p, [0.03, 0.06, 0.06, 0.02][index] as number));
  assert.deepEqual(holmAdjusted([0.9, 0.8]), [1, 1]);
});

test('quantiles and the standard deviation agree with NumPy, and infinity sorts last', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  const golden = [
    [0, 1],
    [0.1, 1],
    [0.25, 1.75],
    [0.5, 3.5],
    [0.9, 6.9],
    [1, 9],
  ] as const;
  for (const [probability, expected] of golden) close(quantile(values, probability), expected);
  close(standardDeviation(values), 2.748376143938713);
  assert.equal(median([1, Infinity, 2]), 2);
  assert.equal(median([1, Infinity, Infinity]), Infinity);
  assert.ok(Number.isNaN(median([])));
});
