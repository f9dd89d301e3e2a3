import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAdvantagesRequest } from '../../../src/core/estimators/advantagesRequest.ts';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { estimatorPowers, totalPower, varianceProxies } from '../../../src/core/estimators/varianceProxies.ts';
import { advantagesOf, randomBatch, readData, sketch, verlCases } from './batches.ts';

interface VerlProxies {
  readonly cases: readonly {
    readonly case: string;
    readonly label: string;
    readonly estimator: string;
    readonly gradient_norm: number;
    readonly rollout_is_weights?: readonly (readonly number[])[];
    readonly proxies: { readonly proxy1_signal_strength: number; readonly proxy2_total_power: number; readonly proxy3_pure_noise: number };
  }[];
}

describe('variance proxies agree with verl', () => {
  for (const { case: name, label, estimator, gradient_norm, rollout_is_weights, proxies } of (
    readData('verl-variance-proxies.json') as VerlProxies
  ).cases) {
    it([name, label, estimator].filter(Boolean).join(', '), () => {
      const { rollouts, advantages } = verlCases.find((golden) => golden.name === name)!;
      const batch = parseAdvantagesRequest({ ...rollouts, ...(rollout_is_weights && { rollout_is_weights }) }, 'optimal_token_baseline');
      const ours = varianceProxies(batch, Float64Array.from(advantages[estimator]!.flat()), gradient_norm ** 2);
      assert.ok(Math.abs(ours.signalStrength - proxies.proxy1_signal_strength) < 1e-12);
      assert.ok(
        Math.abs(ours.totalPower - proxies.proxy2_total_power) <= 1e-9 * (1 + proxies.proxy2_total_power),
        `${ours.totalPower} ${proxies.proxy2_total_power}`,
      );
      assert.ok(
        Math.abs(ours.pureNoise - proxies.proxy3_pure_noise) <= 1e-9 * (1 + proxies.proxy3_pure_noise),
        `${ours.pureNoise} ${proxies.proxy3_pure_noise}`,
      );
    });
  }
});

describe('variance proxies', () => {
  const pair = sketch([
    { group: 0, mask: [1, 1], rewards: [0, 1], energies: [0.5, 0.25] },
    { group: 0, mask: [1, 0], rewards: [0, 0], energies: [2, 0] },
  ]);

  it('are what the definition says, by hand', () => {
    // Means of the advantages 2 and −3, energies 0.75 and 2: (4 · 0.75 + 9 · 2) / 2 = 10.5.
    const advantages = Float64Array.from([1, 3, -3, 7]);
    const { signalStrength, totalPower: power, pureNoise } = varianceProxies(pair, advantages, 1.5);
    assert.equal(signalStrength, 1.5);
    assert.ok(Math.abs(power - 10.5) < 1e-6);
    assert.ok(Math.abs(pureNoise - 9) < 1e-6);
  });

  it('noise is never negative, and 0 for a single response', () => {
    assert.equal(varianceProxies(pair, Float64Array.from([1, 3, -3, 0]), 100).pureNoise, 0);
    assert.equal(varianceProxies(sketch([{ group: 0, mask: [1], rewards: [1] }]), Float64Array.of(1), 0).pureNoise, 0);
  });

  it('a NaN gradient norm is not hidden', () =>
    assert.ok(Number.isNaN(varianceProxies(pair, Float64Array.of(1, 1, 1, 0), Number.NaN).pureNoise)));

  it('an empty batch and one without action tokens have no power', () => {
    assert.equal(totalPower(sketch([]), new Float64Array(0)), 0);
    assert.equal(totalPower(sketch([{ group: 0, mask: [0], rewards: [1] }]), Float64Array.of(5)), 0);
  });

  it('the power of each estimator is that of its own advantages', () => {
    const batch = randomBatch(8, { groups: 3, groupSize: 4, length: 20, tools: true });
    const powers = estimatorPowers(batch, estimatorNames);
    for (const name of estimatorNames) assert.equal(powers[name], totalPower(batch, advantagesOf(name, batch)));
  });

  it('among one baseline a group, the optimal trajectory baseline has the least power', () => {
    for (const seed of [10, 11, 12]) {
      const batch = randomBatch(seed, { groups: 4, groupSize: 8, length: 60, tools: true });
      const { optimal_trajectory_baseline: least, ...others } = estimatorPowers(batch, [
        'reinforce',
        'dr_grpo',
        'opo',
        'optimal_trajectory_baseline',
      ]);
      for (const power of Object.values(others)) assert.ok(least < power);
    }
  });
});
