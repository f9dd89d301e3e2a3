import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdvantageBatch } from '../../../src/core/estimators/estimator.ts';
import { tokenBaseline, type Alignment } from '../../../src/core/estimators/tokenBaseline.ts';
import { distance, inFloat32, randomBatch } from './batches.ts';
import { tokenBaselineRule } from './tokenBaselineRule.ts';

const batches: readonly (readonly [string, AdvantageBatch])[] = [
  ['one turn', randomBatch(11, { groups: 3, groupSize: 5, length: 333 })],
  ['turns', randomBatch(12, { groups: 3, groupSize: 4, length: 258, tools: true })],
  ['a reward on every token', randomBatch(13, { groups: 2, groupSize: 6, length: 129, dense: true })],
  ['off policy', randomBatch(14, { groups: 4, groupSize: 3, length: 77, tools: true, importance: true, dense: true })],
  ['long turns', longTurns(randomBatch(16, { groups: 2, groupSize: 4, length: 1003 }))],
  ['groups of one', randomBatch(17, { groups: 5, groupSize: 1, length: 21 })],
];
const alignments: readonly Alignment[] = ['position', 'action'];

/** Stretches of 100 action tokens and tool output of 37 in turn, shifted from response to response. */
function longTurns(batch: AdvantageBatch): AdvantageBatch {
  const { length } = batch;
  return { ...batch, mask: batch.mask.map((action, at) => ((at + 11 * Math.floor(at / length)) % 137 < 100 ? action : 0)) };
}

function computed(batch: AdvantageBatch, alignment: Alignment): Float64Array {
  const advantages = new Float64Array(batch.batch * batch.length).fill(-999);
  tokenBaseline(batch, advantages, alignment);
  return advantages;
}

function computedInFloat32(batch: AdvantageBatch, alignment: Alignment): Float32Array {
  const advantages = new Float32Array(batch.batch * batch.length).fill(-999);
  tokenBaseline(inFloat32(batch), advantages, alignment);
  return advantages;
}

describe('the token baseline', () => {
  for (const alignment of alignments) {
    for (const [kind, batch] of batches) {
      const expected = tokenBaselineRule(batch, alignment);

      it(`is the rule as it is written down, by ${alignment} (${kind})`, () => {
        assert.ok(distance(computed(batch, alignment), expected) < 1e-9);
      });

      it(`is off by 1e-6 at most where all is float32, by ${alignment} (${kind})`, () => {
        const batch32 = inFloat32(batch);
        assert.ok(distance(computedInFloat32(batch, alignment), tokenBaselineRule(batch32, alignment)) < 1e-6);
      });
    }
  }

  it('does not depend on what was computed before', () => {
    const first = batches.map(([, batch]) => [computed(batch, 'action'), computedInFloat32(batch, 'position')]);
    for (const order of [batches, [...batches].reverse()]) {
      for (const each of order) {
        const [wide, narrow] = first[batches.indexOf(each)]!;
        assert.deepEqual(computedInFloat32(each[1], 'position'), narrow);
        assert.deepEqual(computed(each[1], 'action'), wide);
      }
    }
  });

  it('holds a token that is nearly certain in float32 as well as its Σπ² does', () => {
    const open = [1e-1, 1e-2, 1e-3];
    const length = 64;
    const responses = 4;
    const size = responses * length;
    const chosen = Float64Array.from({ length: size }, (_, at) => 1 - open[at % 3]! / (1 + Math.floor(at / length)));
    const batch: AdvantageBatch = {
      batch: responses,
      length,
      tokenRewards: Float64Array.from({ length: size }, (_, at) => Number(at % length === length - 1 && at > 2 * length)),
      mask: new Uint8Array(size).fill(1),
      groups: new Int32Array(responses),
      logProbs: chosen.map(Math.log),
      sumPiSquared: chosen.map((probability) => probability ** 2 + (1 - probability) ** 2),
      importanceWeights: null,
      handleZeroTail: true,
    };
    assert.ok(distance(computedInFloat32(batch, 'position'), tokenBaselineRule(inFloat32(batch), 'position')) < 2e-6);
  });

  it('takes a log-probability of minus infinity for a probability of 0, and keeps NaN', () => {
    const [, batch] = batches[0]!;
    const at = batch.mask.indexOf(1);
    const withLogProb = (logProb: number): AdvantageBatch => ({
      ...batch,
      logProbs: Float64Array.from(batch.logProbs, (value, other) => (other === at ? logProb : value)),
    });
    for (const compute of [computed, computedInFloat32]) {
      assert.deepEqual(compute(withLogProb(-Infinity), 'position'), compute(withLogProb(-700), 'position'));
      assert.ok(Number.isNaN(compute(withLogProb(Number.NaN), 'position')[at]));
    }
  });
});
