import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isFarBeyond, stepsBeforeStrays } from '../../../src/core/records/strays.ts';

function sequence(count: number, stride = 1): number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * stride);
}

it('a step that lies a thousand times as far as all others reach is a stray', () => {
  for (const [steps, expected] of [
    [[...sequence(100), 1_700_000_000], 100],
    [[...sequence(200), 1_700_000_000, 1_700_000_009], 200],
    [[...sequence(37), 1_700_000_000, 1_700_000_010, 1_700_000_011], 37],
    [sequence(100), 100],
    [sequence(100, 50_000), 100],
    [[...sequence(100), 5000], 101],
    // Too few to say which of them are the strays.
    [[1, 2, 1_700_000_000], 3],
    // Not a few: the run goes on there.
    [[...sequence(20), ...sequence(20).map((step) => 1e9 + step)], 40],
    [[], 0],
  ] as const)
    assert.equal(stepsBeforeStrays(Float64Array.from(steps)), expected, steps.slice(-2).join());
});

it('a step is far beyond the others only where there are some', () => {
  assert.equal(isFarBeyond(1_700_000_000, { first: 1, last: 20, count: 20 }), true);
  assert.equal(isFarBeyond(1_700_000_000, { first: 1, last: 5, count: 5 }), false);
  assert.equal(isFarBeyond(5000, { first: 1, last: 20, count: 20 }), false);
});
