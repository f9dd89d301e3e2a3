import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { RollingMedian } from '../../../src/core/series/rollingMedian.ts';

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half)] ?? NaN)) / 2;
};

test('median and median deviation are those of the last values, at every moment', () => {
  const random = new Random(1);
  const window = new RollingMedian(9);
  const all: number[] = [];
  for (let i = 0; i < 200; i++) {
    const value = random.integer(12) - 3; // ties are common
    all.push(value);
    window.push(value);
    const last = all.slice(-9);
    const median = middle(last);
    const deviations = last.map((x) => Math.abs(x - median)).sort((a, b) => a - b);
    assert.equal(window.size, last.length);
    assert.equal(window.median, median);
    assert.equal(window.max, Math.max(...last));
    assert.equal(window.medianDeviation, deviations[(last.length - 1) >> 1]);
  }
});

test('quantiles are interpolated between neighbours', () => {
  const window = new RollingMedian(5);
  for (const value of [40, 10, 30, 20, 50]) window.push(value);
  assert.equal(window.quantile(0), 10);
  assert.equal(window.quantile(0.25), 20);
  assert.equal(window.quantile(0.9), 46);
});

test('an empty window has no median', () => {
  const window = new RollingMedian(3);
  window.push(1);
  window.clear();
  assert.ok(Number.isNaN(window.median));
  assert.ok(Number.isNaN(window.medianDeviation));
});
