import assert from 'node:assert/strict';
import test from 'node:test';
import { lossOf } from '../../../bench/detector/changePointLabel.ts';
import { segmentsOf } from '../../../bench/detector/changePoints.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';

/** Values around levels, each for so many steps. */
function noisy(levels: readonly (readonly [level: number, steps: number])[], width = 0.2): number[] {
  const random = new Random(1, 2);
  return levels.flatMap(([level, steps]) => Array.from({ length: steps }, () => level + width * (random.uniform() - 0.5)));
}

function lossIn(levels: readonly (readonly [level: number, steps: number])[]) {
  return lossOf(noisy(levels).map((value, step) => ({ step, data: { [metricNames.score]: value } })));
}

test('segments end where the level changes, and nowhere else', () => {
  const segments = segmentsOf(noisy([[0.5, 200], [0.8, 150], [0.2, 50]])); // prettier-ignore
  assert.deepEqual(
    segments.map(({ start, end }) => [start, end]),
    [
      [0, 200],
      [200, 350],
      [350, 400],
    ],
  );
});

test('a jump by a part of the noise is found where it lasts', () => {
  assert.equal(segmentsOf(noisy([[0.5, 400], [0.55, 400]])).length, 2); // prettier-ignore
});

test('values without noise, few values and none have segments', () => {
  assert.deepEqual(segmentsOf([]), []);
  assert.equal(segmentsOf([1, 2, 3]).length, 1);
  assert.deepEqual(
    segmentsOf(Array.from({ length: 40 }, (_, i) => (i < 20 ? 1 : 0))).map(({ mean }) => mean),
    [1, 0],
  );
});

test('a score that stays at half of its best or less is lost for good, from the step of the change', () => {
  assert.deepEqual(lossIn([[0.5, 100], [0.9, 200], [0.3, 100]]), { step: 300, forGood: true }); // prettier-ignore
});

test('a score that comes back was lost for a while', () => {
  assert.deepEqual(lossIn([[0.9, 200], [0.3, 60], [0.8, 100]]), { step: 200, forGood: false }); // prettier-ignore
});

test('a short fall and a small one are no loss', () => {
  assert.equal(lossIn([[0.9, 200], [0.3, 12], [0.9, 100]]), null); // prettier-ignore
  assert.equal(lossIn([[0.9, 200], [0.6, 200]]), null); // prettier-ignore
});
