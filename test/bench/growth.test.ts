import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossings, growthPicture, growthTable, type GrowthPoint } from '../../bench/growth/document.ts';
import { fitCosts } from '../../bench/growth/fit.ts';
import { sizes, stepOf } from '../../bench/growth/sizes.ts';

/** Ours is 256 / width × as fast as PyTorch, and twice that with the other axes. */
const points: readonly GrowthPoint[] = sizes.flatMap(({ width, layers, tokens }) =>
  [1, 2].map((threads) => {
    const ratio = (256 / width) * Math.sqrt(layers / 2) * (tokens / 64);
    return {
      width,
      layers,
      tokens,
      sequences: 4,
      threads,
      ours: { sample: 2000, step: 1000 * ratio },
      torch: { sample: 1000, step: 1000 },
    };
  }),
);

test('factors are found again from what they add up to, none below zero', () => {
  const terms = [
    [1, 2, 0.5],
    [1, 8, 0.25],
    [1, 32, 4],
    [1, 4, 8],
  ];
  const found = fitCosts(
    terms,
    terms.map(([a = 0, b = 0]) => 3 * a + 0.5 * b),
  );
  [3, 0.5, 0].forEach((factor, i) => assert.ok(Math.abs(found[i]! - factor) < 1e-6, String(found)));
  const negative = fitCosts(
    terms,
    terms.map(([a = 0, b = 0, c = 0]) => 5 * a + b - 0.1 * c),
  );
  assert.ok(negative.every((factor) => factor >= 0));
});

test('where ours stops being the faster one is told for each axis and number of threads, and for the corners', () => {
  const lines = crossings(points);
  assert.equal(
    lines[0],
    'Width (2 layers, 64 tokens), 1 thread: ours stops being the faster one at about 256; at 512 PyTorch is 2.00 × as fast.',
  );
  assert.match(
    lines[2] ?? '',
    /^Layers .*, 1 thread: ours is the faster one up to 8, the largest measured; there ours is 8\.00 × as fast\.$/,
  );
  assert.equal(lines.filter((line) => line.startsWith('Width 512, 8 layers')).length, 2);
  const slow = crossings(points.map((point) => ({ ...point, ours: { sample: 1, step: 1 } })));
  assert.match(slow[0] ?? '', /: PyTorch is the faster one from 32 on, the smallest measured\.$/);
});

test('every size has a row, and the picture a line for each axis and number of threads', () => {
  assert.equal(growthTable(points).length, 2 + points.length);
  const { markup } = growthPicture(points);
  assert.ok(!markup.includes('NaN') && !markup.includes('undefined'));
  for (const heading of ['Width', 'Layers', 'Tokens of a response']) assert.ok(markup.includes(heading), heading);
});

test('heads divide the width, and a step has at least the four responses of a group', () => {
  for (const { policy, sequences } of sizes.map(stepOf)) {
    assert.equal(policy.width % policy.heads, 0);
    assert.ok(sequences >= 4 && sequences <= 128);
  }
});
