import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorNames } from '../../../../src/core/estimators/estimator.ts';
import { derivedAdvantages, energiesOf, type Outline } from '../../../../src/runs/rollouts/formats/derivedAdvantages.ts';

const said = (group: string, reward: number | null): Outline => ({
  group,
  reward,
  tokens: null,
  mask: null,
  logProbs: null,
  sumPiSquared: null,
});

function tokenized(group: string, reward: number, logProbs: readonly number[], mask: readonly number[]): Outline {
  const numbers = Float32Array.from(logProbs, (value, t) => (mask[t] === 0 ? Number.NaN : value));
  const sumPiSquared = numbers.map((value) => (Number.isNaN(value) ? value : 0.5));
  return { group, reward, tokens: logProbs.length, mask: Uint8Array.from(mask), logProbs: numbers, sumPiSquared };
}

describe('advantages that follow from rewards alone', () => {
  it('are those of the estimators that need nothing else, one number for a response', () => {
    const [first, , third] = derivedAdvantages([said('a', 1), said('b', 4), said('a', 0), said('b', 2)], true);
    assert.deepEqual(Object.keys(first!.advantages), ['reinforce', 'dr_grpo', 'grpo', 'rloo']);
    assert.deepEqual([first!.advantages.dr_grpo, first!.advantages.rloo], [0.5, 1]);
    assert.deepEqual([third!.advantages.reinforce, third!.advantages.dr_grpo], [0, -0.5]);
    assert.deepEqual(first!.baselines, { reinforce: 0, dr_grpo: 0.5, rloo: 0 });
  });

  it('are not there for a response without others, or in a group of which one has no reward', () => {
    const derived = derivedAdvantages([said('alone', 1), said('b', 1), said('b', null), said('c', 1), said('c', 0)], true);
    assert.deepEqual(
      derived.map(({ advantages }) => Object.keys(advantages).length),
      [0, 0, 0, 4, 4],
    );
  });

  it('are not there for the smaller groups where a response is missing', () => {
    const rows = [said('a', 1), said('a', 0), said('a', 0), said('b', 1), said('b', 0)];
    const known = (isWhole: boolean): readonly boolean[] =>
      derivedAdvantages(rows, isWhole).map(({ advantages }) => advantages.rloo !== undefined);
    assert.deepEqual(known(true), [true, true, true, true, true]);
    assert.deepEqual(known(false), [true, true, true, false, false]);
  });

  it('are none for no responses', () => {
    assert.deepEqual(derivedAdvantages([], true), []);
  });
});

describe('advantages with log-probabilities and Σπ²', () => {
  const group = [tokenized('a', 1, [-1, 0, -2], [1, 0, 1]), tokenized('a', 0, [-0.5], [1])];

  it('are those of all estimators, as long as the response, and nothing where a tool spoke', () => {
    const [first, second] = derivedAdvantages(group, true);
    assert.deepEqual(Object.keys(first!.advantages), [...estimatorNames]);
    const token = first!.advantages.tir_optimal_token_baseline as Float32Array;
    assert.equal(token.length, 3);
    assert.ok(Number.isNaN(token[1]));
    assert.equal(token[2], 1, 'nobody else has a second token: no baseline');
    assert.equal(first!.advantages.dr_grpo, 0.5);
    assert.equal(typeof second!.advantages.tir_optimal_token_baseline, 'number');
    assert.ok(Math.abs((first!.baselines.tir_optimal_token_baseline as Float32Array)[0]! - (1 - token[0]!)) < 1e-6);
    assert.equal(first!.baselines.grpo, undefined);
  });

  it('leave out those of the whole batch where it is not whole', () => {
    const [first] = derivedAdvantages([...group, said('b', 1)], true);
    assert.equal(first!.advantages.reinforce_plus_plus, undefined);
    assert.notEqual(first!.advantages.optimal_token_baseline, undefined);
  });

  it('come with the energies, of which the sum stands still where a tool spoke', () => {
    const { tokenEnergy, accumulatedEnergy } = energiesOf(group[0]!);
    const [a, b] = [1 - 2 * Math.exp(-1) + 0.5, 1 - 2 * Math.exp(-2) + 0.5];
    assert.ok(Math.abs(tokenEnergy![0]! - a) < 1e-6 && Number.isNaN(tokenEnergy![1]));
    assert.deepEqual(
      Array.from(accumulatedEnergy!, (value) => value.toFixed(5)),
      [a, a, a + b].map((value) => value.toFixed(5)),
    );
    assert.deepEqual(energiesOf(said('a', 1)), { tokenEnergy: null, accumulatedEnergy: null });
  });
});
