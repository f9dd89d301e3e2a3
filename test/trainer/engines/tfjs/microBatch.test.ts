import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batch } from '../../../../src/trainer/engines/tfjs/batch.ts';
import { splitBatch } from '../../../../src/trainer/engines/tfjs/microBatch.ts';

/** Sequences of these lengths after a prompt of one token; every third token of the response is tool output. */
function createBatch(lengths: readonly number[]): Batch {
  const batch = new Batch(lengths.length, 12, 20);
  lengths.forEach((length, sequence) => {
    batch.begin(sequence, [sequence]);
    for (let i = 1; i < length; i++) batch.append(sequence, (3 * sequence + i) % 20, i % 3 !== 0);
  });
  return batch;
}

test('the parts together hold every weighted action once, at its token and before its target', () => {
  const batch = createBatch([5, 12, 2, 8, 8]);
  const weights = Float32Array.from(batch.tokens, (_, i) => 1 + i);
  const seen: number[] = [];
  for (const part of splitBatch(batch, weights, () => 2)) {
    assert.ok(part.sequences.length <= 2);
    part.weights.forEach((weight, i) => {
      if (weight === 0) return;
      const at = part.sequences[Math.floor(i / part.length)]! * batch.maxTokens + (i % part.length);
      seen.push(at);
      assert.deepEqual([weight, part.tokens[i], part.targets[i]], [weights[at], batch.tokens[at], batch.tokens[at + 1]]);
    });
  }
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    [...batch.isAction.keys()].filter((at) => batch.isAction[at] === 1),
  );
});

test('a part ends with its last weight, and a sequence without one is left out', () => {
  const batch = createBatch([9, 6, 9]);
  const weights = new Float32Array(3 * batch.maxTokens);
  weights[3] = 1;
  weights[2 * batch.maxTokens + 6] = 1;
  const parts = splitBatch(batch, weights, () => 1);
  assert.deepEqual(
    parts.map(({ sequences, length }) => ({ sequences, length })),
    [
      { sequences: [2], length: 7 },
      { sequences: [0], length: 4 },
    ],
  );
});

test('weights on tool tokens count for nothing', () => {
  const batch = createBatch([4]);
  const weights = Float32Array.from(batch.tokens, (_, position) => (position === 2 ? 1 : 0));
  assert.equal(batch.isAction[2], 0);
  assert.deepEqual(
    splitBatch(batch, weights, () => 1),
    [],
  );
});
