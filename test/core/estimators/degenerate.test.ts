import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorNames, type EstimatorName } from '../../../src/core/estimators/estimator.ts';
import { advantagesOf, sketch, type ResponseSketch } from './batches.ts';

const whitened: readonly EstimatorName[] = ['reinforce_plus_plus', 'reinforce_plus_plus_baseline'];
const perGroup = estimatorNames.filter((name) => !whitened.includes(name));
const list = (values: Float64Array): number[] => Array.from(values, (value) => value + 0);

describe('a group of one', () => {
  const alone: ResponseSketch = { group: 0, mask: [1, 1, 0, 1], rewards: [0, 0, 0, 2] };

  for (const name of perGroup) {
    it(`keeps its reward under ${name}`, () => {
      const expected = name === 'grpo' ? 2 / (1 + 1e-6) : 2;
      assert.deepEqual(list(advantagesOf(name, sketch([alone]))), [expected, expected, 0, expected]);
    });
  }

  it('keeps its reward with or without the zero tail', () => {
    assert.deepEqual(list(advantagesOf('optimal_token_baseline', sketch([alone], false))), [2, 2, 0, 2]);
  });

  for (const name of whitened) {
    it(`is centred within the batch under ${name}: alike tokens come out near 0`, () => {
      assert.ok(advantagesOf(name, sketch([alone])).every((advantage) => Math.abs(advantage) < 1e-3));
    });
  }
});

describe('a response without an action token', () => {
  const empty: ResponseSketch = { group: 0, mask: [0, 0, 0], rewards: [0, 0, 0] };
  const acting: ResponseSketch = { group: 0, mask: [1, 1, 1], rewards: [0, 0, 1] };

  for (const name of estimatorNames) {
    it(`gets zeros under ${name} and leaves no NaN elsewhere`, () => {
      const advantages = list(advantagesOf(name, sketch([empty, acting, { ...acting, rewards: [0, 0, 0] }])));
      assert.deepEqual(advantages.slice(0, 3), [0, 0, 0]);
      assert.ok(advantages.every(Number.isFinite));
    });
  }

  it('counts as a member of the group for optimal_token_baseline without the zero tail, not for the tir variant', () => {
    assert.ok(advantagesOf('optimal_token_baseline', sketch([empty, acting], false)).every((advantage) => Math.abs(advantage) < 1e-6));
    assert.deepEqual(list(advantagesOf('tir_optimal_token_baseline', sketch([empty, acting], false))), [0, 0, 0, 1, 1, 1]);
  });
});

describe('nothing to learn from', () => {
  for (const name of estimatorNames) {
    it(`a batch of masked tokens gives zeros under ${name}`, () => {
      const masked: ResponseSketch = { group: 0, mask: [0, 0], rewards: [0, 1] };
      assert.deepEqual(list(advantagesOf(name, sketch([masked, masked]))), [0, 0, 0, 0]);
    });

    it(`an empty batch and rows of length 0 are fine with ${name}`, () => {
      assert.equal(advantagesOf(name, sketch([])).length, 0);
      assert.equal(advantagesOf(name, sketch([{ group: 0, mask: [], rewards: [] }])).length, 0);
    });
  }

  it('a single action token in the whole batch cannot be whitened: zeros', () => {
    for (const name of whitened) assert.deepEqual(list(advantagesOf(name, sketch([{ group: 0, mask: [1, 0], rewards: [1, 0] }]))), [0, 0]);
  });

  it('a policy without doubt has energy 0 and keeps its rewards under the optimal trajectory baseline', () => {
    const certain = { group: 0, mask: [1], energies: [0] };
    assert.deepEqual(
      list(
        advantagesOf(
          'optimal_trajectory_baseline',
          sketch([
            { ...certain, rewards: [1] },
            { ...certain, rewards: [0] },
          ]),
        ),
      ),
      [1, 0],
    );
  });
});

describe('a NaN reward', () => {
  const good = (group: number, reward: number): ResponseSketch => ({ group, mask: [1, 1], rewards: [0, reward] });
  const batch = sketch([good(0, 0), good(0, Number.NaN), good(1, 1), good(1, 0)]);

  for (const name of estimatorNames) {
    const advantages = advantagesOf(name, batch);
    if (name === 'reinforce') {
      it('stays in its own response under reinforce', () => assert.deepEqual(list(advantages), [0, 0, Number.NaN, Number.NaN, 1, 1, 0, 0]));
    } else if (whitened.includes(name)) {
      it(`spreads over the batch under ${name}`, () => assert.ok(advantages.every(Number.isNaN)));
    } else {
      it(`spreads over its group and no further under ${name}`, () => {
        assert.ok(advantages.subarray(0, 4).every(Number.isNaN));
        assert.ok(advantages.subarray(4).every(Number.isFinite));
      });
    }
  }
});

describe('the zero tail', () => {
  const short: ResponseSketch = { group: 0, mask: [1, 0, 0, 0], rewards: [1, 0, 0, 0] };
  const long: ResponseSketch = { group: 0, mask: [1, 1, 1, 1], rewards: [0, 0, 0, 3] };

  for (const name of ['optimal_token_baseline', 'tir_optimal_token_baseline'] as const) {
    it(`is where ${name} has no baseline: beyond the second longest`, () => {
      assert.deepEqual(list(advantagesOf(name, sketch([short, long]))).slice(5), [3, 3, 3]);
      assert.ok(
        list(advantagesOf(name, sketch([short, long], false)))
          .slice(5)
          .every((advantage) => Math.abs(advantage) < 1e-6),
      );
    });

    it(`does not exist for ${name} where two are longest`, () => {
      const two = [short, long, { ...long, rewards: [0, 0, 0, 0] }];
      assert.deepEqual(advantagesOf(name, sketch(two)), advantagesOf(name, sketch(two, false)));
    });
  }
});
