import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axis, logTicks } from '../../../src/core/figure/axis.ts';
import { gradNormRange, scoreRange } from '../../../src/core/figure/range.ts';
import { Random } from '../../../src/core/random.ts';

const healthy = (() => {
  const random = new Random(5);
  return Array.from({ length: 500 }, () => 0.5 + random.uniform());
})();

test('healthy gradient norms get a linear axis from 0', () => {
  const { kind, domain } = gradNormRange(healthy, healthy);
  assert.equal(kind, 'linear');
  assert.equal(domain[0], 0);
  assert.ok(domain[1] > 1.5 && domain[1] < 2);
});

test('a surge gets a log axis on which the healthy level stays readable, whatever its height', () => {
  const { kind, domain } = gradNormRange([...healthy, 1e30, Infinity, 0, 1e-12, Number.NaN], healthy);
  assert.equal(kind, 'log');
  assert.ok(domain[0] > 0.005 && domain[0] < 0.5, `from ${domain[0]}`);
  assert.ok(domain[1] > 1e4 && domain[1] < 1e6, `to ${domain[1]}`);
});

test('norms that are all missing, zero or infinite still give an axis', () => {
  for (const norms of [[], [0, 0], [Number.NaN], [Infinity]]) {
    const { domain } = gradNormRange(norms, norms);
    assert.ok(domain.every(Number.isFinite) && domain[0] < domain[1]);
  }
});

test('scores that are shares get the axis from 0 to 1, others what they span', () => {
  assert.deepEqual(scoreRange([0.1, 0.8, Number.NaN]).domain, [0, 1]);
  const [low, high] = scoreRange([-2, 3]).domain;
  assert.ok(low < -2 && high > 3 && low > -3 && high < 4);
  assert.deepEqual(scoreRange([]).domain, [0, 1]);
});

test('log ticks are powers of ten, fewer on a long axis, and 1-2-5 on a short one', () => {
  const labels = (low: number, high: number): string[] => logTicks(low, high, 8).map(({ label }) => label);
  assert.deepEqual(labels(0.05, 2000), ['10⁻¹', '10⁰', '10¹', '10²', '10³']);
  assert.deepEqual(labels(1e-3, 1e13), ['10⁻³', '10⁰', '10³', '10⁶', '10⁹', '10¹²']);
  assert.deepEqual(labels(0.15, 3), ['0.2', '0.5', '1', '2']);
});

test('values beyond the domain lie on the edge of the axis', () => {
  const log = axis('log', [0.1, 10], [300, 0]);
  assert.deepEqual(
    [0, 0.1, 1, 10, Infinity].map((value) => Math.round(log.position(value))),
    [300, 300, 150, 0, 0],
  );
  assert.deepEqual(
    axis('linear', [0, 300_000], [0, 100], 3).ticks.map(({ label }) => label),
    ['0', '1·10⁵', '2·10⁵', '3·10⁵'],
  );
});

test('an axis of steps has whole steps, written as everywhere', () => {
  const labels = (low: number, high: number): string[] => axis('step', [low, high], [0, 100], 4).ticks.map(({ label }) => label);
  assert.deepEqual(labels(1, 2), ['1', '2']);
  assert.deepEqual(labels(0, 200_000), ['0', '50000', '100000', '150000', '200000']);
});
