import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trajectoryEnergies } from '../../../src/core/estimators/energy.ts';
import { estimatorNames, type AdvantageBatch, type EstimatorName } from '../../../src/core/estimators/estimator.ts';
import { rowsByGroup } from '../../../src/core/estimators/groups.ts';
import { responseRewards } from '../../../src/core/estimators/outcome.ts';
import { estimatorInfos } from '../../../src/core/estimators/registry.ts';
import { advantagesOf, distance, randomBatch, reorder } from './batches.ts';

const batches: readonly (readonly [string, AdvantageBatch])[] = [
  ['single-turn', randomBatch(1, { groups: 3, groupSize: 6, length: 40 })],
  ['multi-turn', randomBatch(2, { groups: 3, groupSize: 5, length: 40, tools: true })],
  ['dense, off policy', randomBatch(3, { groups: 2, groupSize: 7, length: 30, tools: true, importance: true, dense: true })],
];
const tokenBaselines: readonly EstimatorName[] = ['optimal_token_baseline', 'tir_optimal_token_baseline'];
const perResponse = estimatorNames.filter((name) => !tokenBaselines.includes(name) && name !== 'reinforce_plus_plus');

function withRewards(batch: AdvantageBatch, change: (reward: number, at: number) => number): AdvantageBatch {
  return { ...batch, tokenRewards: Float64Array.from(batch.tokenRewards, change) };
}

/** Flat position of the last action token of each response. */
function lastActions({ batch, length, mask }: AdvantageBatch): number[] {
  return Array.from({ length: batch }, (_, row) => mask.subarray(row * length, (row + 1) * length).lastIndexOf(1) + row * length);
}

describe('every estimator', () => {
  for (const [kind, batch] of batches) {
    for (const name of estimatorNames) {
      const advantages = advantagesOf(name, batch);

      it(`${name} gives 0 to tool tokens and padding (${kind})`, () => {
        batch.mask.forEach((action, at) => action === 0 && assert.equal(advantages[at], 0));
        assert.ok(advantages.some((advantage) => advantage !== 0));
      });

      it(`${name} does not look at what tool tokens and padding hold, rewards aside (${kind})`, () => {
        const spoil = (values: ArrayLike<number>): Float64Array =>
          Float64Array.from(values, (value, at) => (batch.mask[at] === 0 ? Number.NaN : value));
        const spoilt = {
          ...batch,
          logProbs: spoil(batch.logProbs),
          sumPiSquared: spoil(batch.sumPiSquared),
          importanceWeights: batch.importanceWeights && spoil(batch.importanceWeights),
        };
        assert.deepEqual(advantagesOf(name, spoilt), advantages);
      });

      it(`${name} does not depend on the order of the responses (${kind})`, () => {
        const order = Array.from({ length: batch.batch }, (_, row) => (row * 11 + 3) % batch.batch).reverse();
        assert.equal(new Set(order).size, batch.batch);
        const moved = advantagesOf(name, reorder(batch, order));
        order.forEach((from, to) => {
          const row = (at: number, of: Float64Array): Float64Array => of.subarray(at * batch.length, (at + 1) * batch.length);
          assert.ok(distance(row(to, moved), row(from, advantages)) < 1e-12);
        });
      });

      it(`${name} does not depend on the padding's length (${kind})`, () => {
        const wide = batch.length + 9;
        const pad = (values: ArrayLike<number>): Float64Array => {
          const padded = new Float64Array(batch.batch * wide);
          for (let at = 0; at < values.length; at++) padded[Math.floor(at / batch.length) * wide + (at % batch.length)] = values[at]!;
          return padded;
        };
        const padded = {
          ...batch,
          length: wide,
          mask: Uint8Array.from(pad(batch.mask)),
          tokenRewards: pad(batch.tokenRewards),
          logProbs: pad(batch.logProbs),
          sumPiSquared: pad(batch.sumPiSquared),
          importanceWeights: batch.importanceWeights && pad(batch.importanceWeights),
        };
        assert.ok(distance(advantagesOf(name, padded), pad(advantages)) < 1e-12);
      });

      it(`${name} scales with the rewards, or not at all if it divides by their deviation (${kind})`, () => {
        const scaled = advantagesOf(
          name,
          withRewards(batch, (reward) => 3 * reward),
        );
        const scales = !['grpo', 'reinforce_plus_plus', 'reinforce_plus_plus_baseline'].includes(name);
        assert.ok(
          distance(
            scaled,
            advantages.map((advantage) => (scales ? 3 : 1) * advantage),
          ) < 1e-5,
        );
      });
    }
  }
});

describe('a constant added to every reward', () => {
  const [, batch] = batches[1]!;
  const last = new Set(lastActions(batch));
  const shifted = withRewards(batch, (reward, at) => (last.has(at) ? reward + 2 : reward));

  for (const name of estimatorNames) {
    const change = advantagesOf(name, shifted).map((advantage, at) => advantage - advantagesOf(name, batch)[at]!);
    if (name === 'reinforce') {
      it('moves every advantage of reinforce by itself', () =>
        assert.ok(
          distance(
            change,
            Float64Array.from(batch.mask, (action) => 2 * action),
          ) < 1e-12,
        ));
    } else if (!tokenBaselines.includes(name)) {
      it(`leaves ${name} as it was`, () => assert.ok(distance(change, new Float64Array(change.length)) < 1e-6));
    } else {
      it(`leaves ${name} as it was, save on the zero tail`, () => {
        const kept = { ...batch, handleZeroTail: false };
        const keptShifted = { ...shifted, handleZeroTail: false };
        assert.ok(distance(advantagesOf(name, keptShifted), advantagesOf(name, kept)) < 1e-6);
        assert.ok(change.every((difference) => Math.abs(difference) < 1e-6 || Math.abs(difference - 2) < 1e-9));
        assert.ok(change.some((difference) => Math.abs(difference - 2) < 1e-9));
      });
    }
  }
});

describe('baselines of a group', () => {
  for (const [kind, batch] of batches) {
    const means = (name: EstimatorName): Float64Array => {
      const advantages = advantagesOf(name, batch);
      return Float64Array.from(lastActions(batch), (at) => advantages[at]!);
    };

    it(`advantages are one number a response where the baseline is one a group (${kind})`, () => {
      for (const name of perResponse) {
        const advantages = advantagesOf(name, batch);
        const last = lastActions(batch);
        batch.mask.forEach((action, at) => action === 1 && assert.equal(advantages[at], advantages[last[Math.floor(at / batch.length)]!]));
      }
    });

    it(`dr_grpo, rloo and grpo are centred in each group; rloo is dr_grpo times N/(N−1) (${kind})`, () => {
      for (const rows of rowsByGroup(batch.groups)) {
        for (const name of ['dr_grpo', 'rloo', 'grpo'] as const)
          assert.ok(Math.abs(rows.reduce((sum, row) => sum + means(name)[row]!, 0)) < 1e-9);
        for (const row of rows)
          assert.ok(Math.abs(means('rloo')[row]! - (means('dr_grpo')[row]! * rows.length) / (rows.length - 1)) < 1e-12);
      }
    });

    it(`rloo compares each response with the mean of the others (${kind})`, () => {
      const rewards = responseRewards(batch);
      for (const rows of rowsByGroup(batch.groups)) {
        for (const row of rows) {
          const others = rows.filter((other) => other !== row);
          const mean = others.reduce((sum, other) => sum + rewards[other]!, 0) / others.length;
          assert.ok(Math.abs(means('rloo')[row]! - (rewards[row]! - mean)) < 1e-12);
        }
      }
    });

    it(`grpo has unit deviation in each group that has any (${kind})`, () => {
      const rewards = responseRewards(batch);
      for (const rows of rowsByGroup(batch.groups)) {
        if (new Set(rows.map((row) => rewards[row])).size === 1) continue;
        const squares = rows.reduce((sum, row) => sum + means('grpo')[row]! ** 2, 0);
        assert.ok(Math.abs(squares / (rows.length - 1) - 1) < 1e-4);
      }
    });

    it(`no constant makes Σ W(τ)·(R − b)² smaller than the optimal trajectory baseline does (${kind})`, () => {
      const rewards = responseRewards(batch);
      const energies = trajectoryEnergies(batch);
      for (const rows of rowsByGroup(batch.groups)) {
        const power = (baseline: number): number => rows.reduce((sum, row) => sum + energies[row]! * (rewards[row]! - baseline) ** 2, 0);
        const chosen = rewards[rows[0]!]! - means('optimal_trajectory_baseline')[rows[0]!]!;
        for (const step of [-1, -0.1, -1e-3, 1e-3, 0.1, 1]) assert.ok(power(chosen) < power(chosen + step));
      }
    });

    it(`whitened advantages have mean 0 and variance 1 over the action tokens of the batch (${kind})`, () => {
      for (const name of ['reinforce_plus_plus', 'reinforce_plus_plus_baseline'] as const) {
        const values = advantagesOf(name, batch).filter((_, at) => batch.mask[at] === 1);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
        assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-6);
      }
    });
  }
});

describe('token baselines', () => {
  it('set no tool token apart: without any, both align the same tokens', () => {
    for (const seed of [4, 5]) {
      const batch = randomBatch(seed, { groups: 4, groupSize: 4, length: 50 });
      assert.deepEqual(advantagesOf('tir_optimal_token_baseline', batch), advantagesOf('optimal_token_baseline', batch));
    }
  });

  it('the tir variant is the plain one on responses with the tool tokens cut out', () => {
    const [, batch] = batches[1]!;
    const { length, mask } = batch;
    const places = Array.from(mask.keys()).filter((at) => mask[at] === 1);
    const nextColumn = new Int32Array(batch.batch);
    const targets = places.map((at) => Math.floor(at / length) * length + nextColumn[Math.floor(at / length)]!++);
    const compact = (values: ArrayLike<number>): Float64Array => {
      const cut = new Float64Array(values.length);
      places.forEach((at, action) => (cut[targets[action]!] = values[at]!));
      return cut;
    };
    const cut = {
      ...batch,
      mask: Uint8Array.from(compact(mask)),
      tokenRewards: compact(batch.tokenRewards),
      logProbs: compact(batch.logProbs),
      sumPiSquared: compact(batch.sumPiSquared),
    };
    const advantages = advantagesOf('tir_optimal_token_baseline', batch);
    assert.ok(distance(advantagesOf('optimal_token_baseline', cut), compact(advantages)) < 1e-12);
    assert.ok(
      distance(advantagesOf('optimal_token_baseline', batch), advantages) > 1e-3,
      'the tool tokens of this batch make no difference',
    );
  });

  it('at no position does another baseline make Σ W_t·(G_t − b)² smaller', () => {
    const batch = { ...batches[2]![1], handleZeroTail: false };
    const { length, mask, tokenRewards } = batch;
    const advantages = advantagesOf('optimal_token_baseline', batch);
    const prefix = (at: number): Float64Array =>
      trajectoryEnergies({ ...batch, mask: mask.map((action, other) => (other % length <= at % length ? action : 0)) });
    for (const rows of rowsByGroup(batch.groups)) {
      for (const t of [0, 3, 10]) {
        const alive = rows.filter((row) => mask[row * length + t] === 1);
        if (alive.length < 2) continue;
        const energies = prefix(t);
        const returns = alive.map((row) => {
          let sum = 0;
          for (let at = row * length + t; at < (row + 1) * length; at++) sum += mask[at]! * tokenRewards[at]!;
          return sum;
        });
        const power = (baseline: number): number =>
          alive.reduce((sum, row, member) => sum + energies[row]! * (returns[member]! - baseline) ** 2, 0);
        const chosen = returns[0]! - advantages[alive[0]! * length + t]!;
        alive.forEach((row, member) =>
          assert.ok(Math.abs(returns[member]! - advantages[row * length + t]! - chosen) < 1e-9, 'one baseline for all alive'),
        );
        for (const step of [-0.1, -1e-3, 1e-3, 0.1]) assert.ok(power(chosen) < power(chosen + step));
      }
    }
  });

  it('importance weights that are all equal change nothing; unequal ones do', () => {
    const [, batch] = batches[1]!;
    const weights = (weight: (at: number) => number): AdvantageBatch => ({
      ...batch,
      importanceWeights: batch.tokenRewards.map((_: number, at: number) => weight(at)) as Float64Array,
    });
    for (const name of [...tokenBaselines, 'optimal_trajectory_baseline'] as const) {
      const onPolicy = advantagesOf(name, batch);
      assert.ok(
        distance(
          advantagesOf(
            name,
            weights(() => 1),
          ),
          onPolicy,
        ) === 0,
      );
      assert.ok(
        distance(
          advantagesOf(
            name,
            weights(() => 0.7),
          ),
          onPolicy,
        ) < 1e-6,
      );
      assert.ok(
        distance(
          advantagesOf(
            name,
            weights((at) => 0.5 + (Math.floor(at / batch.length) % 2)),
          ),
          onPolicy,
        ) > 1e-3,
      );
    }
  });
});

describe('what users are told', () => {
  it('an estimator needs a group exactly if a response alone in its group is treated differently', () => {
    const [, batch] = batches[2]!;
    const alone = { ...batch, groups: Int32Array.from({ length: batch.batch }, (_, row) => row) };
    for (const name of estimatorNames) {
      assert.equal(distance(advantagesOf(name, batch), advantagesOf(name, alone)) > 1e-6, estimatorInfos[name].needsGroup, name);
    }
  });

  it('an estimator needs energies exactly if they change its advantages', () => {
    const [, batch] = batches[0]!;
    const other = { ...batch, logProbs: batch.logProbs.map((_: number, at: number) => -(at % 7)) as Float64Array };
    for (const name of estimatorNames) {
      assert.equal(distance(advantagesOf(name, batch), advantagesOf(name, other)) > 1e-6, estimatorInfos[name].needsEnergy, name);
    }
  });

  it('descriptions are one sentence each', () => {
    for (const name of estimatorNames) assert.match(estimatorInfos[name].description, /^[A-Z][^.]*\.$/);
  });
});
