import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimate, segments } from '../../../src/core/figure/decimation.ts';
import { Random } from '../../../src/core/random.ts';

test('decimation keeps the ends and, in every column of pixels, the lowest and the highest value', () => {
  const random = new Random(1);
  const points = Array.from({ length: 20_000 }, (_, index) => ({ x: index / 40, y: random.uniform() ** 8 }));
  const kept = decimate(points, 1);
  assert.ok(kept.length <= 2 * 500 + 2);
  assert.deepEqual([kept[0], kept[kept.length - 1]], [points[0], points[points.length - 1]]);
  for (let column = 0; column < 500; column++) {
    const inside = points.filter(({ x }) => Math.floor(x) === column).map(({ y }) => y);
    const left = kept.filter(({ x }) => Math.floor(x) === column).map(({ y }) => y);
    assert.deepEqual([Math.min(...left), Math.max(...left)], [Math.min(...inside), Math.max(...inside)]);
  }
  assert.ok(
    kept.every((point, index) => index === 0 || point.x > (kept[index - 1]?.x ?? 0)),
    'points stay in order, none twice',
  );
});

test('a single spike among a million steps survives', () => {
  const points = Array.from({ length: 1_000_000 }, (_, index) => ({ x: index / 2000, y: index === 123_457 ? 1e6 : 1 }));
  assert.equal(Math.max(...decimate(points, 1.5).map(({ y }) => y)), 1e6);
});

test('a line breaks at a missing value', () => {
  const pieces = segments([1, 2, 3, 4, 5], [1, 1, Number.NaN, 2, 2]);
  assert.deepEqual(
    pieces.map((piece) => piece.map(({ x }) => x)),
    [
      [1, 2],
      [4, 5],
    ],
  );
  assert.deepEqual(segments([1, 2, 5, 6], [1, 1, 1, 1]).length, 2, 'also where the step itself is missing');
});

test('a score logged every ten steps is one line, and infinity is no gap', () => {
  const steps = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(
    segments(
      steps,
      steps.map((step) => (step % 10 === 0 ? 1 : Number.NaN)),
    ).length,
    1,
  );
  assert.equal(segments([1, 2, 3], [1, Infinity, 1]).length, 1);
  assert.deepEqual(segments([], []), []);
});
