import assert from 'node:assert/strict';
import test from 'node:test';
import { Cusum } from '../../../src/core/series/cusum.ts';

test('evidence is held at 0 and remembers where it last left it', () => {
  const cusum = new Cusum();
  for (const [step, term] of [
    [1, -5],
    [2, 1],
    [3, -2],
    [4, 1],
    [5, 2],
  ] as const)
    cusum.add(step, term);
  assert.equal(cusum.sum, 3);
  assert.equal(cusum.startedAt, 4);
  cusum.add(6, -3);
  assert.equal(cusum.startedAt, null);
});

test('a limit bounds how long evidence outlives its cause', () => {
  const cusum = new Cusum();
  for (let step = 1; step <= 1000; step++) cusum.add(step, 1, 10);
  assert.equal(cusum.sum, 10);
});
