import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realizedEnergies, tokenEnergy, trajectoryEnergies } from '../../../src/core/estimators/energy.ts';
import { probability } from '../../../src/core/estimators/probability.ts';
import { distance, randomBatch } from './batches.ts';

describe('probability', () => {
  it('is exp to 1e-11 on every log-probability', () => {
    for (let logProb = 0; logProb >= -80; logProb -= 1 / 1024)
      assert.ok(Math.abs(probability(logProb) - Math.exp(logProb)) < 1e-11, `${logProb}`);
  });

  it('is exact to rounding near certainty, where the energy of a token almost cancels', () => {
    for (const logProb of [0, -1e-12, -1e-8, -1e-4, -1e-2]) assert.ok(Math.abs(probability(logProb) - Math.exp(logProb)) <= 4e-15);
    assert.equal(probability(0), 1);
  });

  it('goes the way of exp outside the range', () => {
    for (const logProb of [0.1, 3, -64.5, -800, Number.NEGATIVE_INFINITY, Number.NaN])
      assert.equal(probability(logProb), Math.exp(logProb));
  });
});

describe('energy', () => {
  it('is the squared distance between the chosen token and the policy', () => {
    const policy = [0.5, 0.3, 0.15, 0.05];
    const sumPiSquared = policy.reduce((sum, p) => sum + p * p, 0);
    policy.forEach((chosen, token) => {
      const squared = policy.reduce((sum, p, other) => sum + ((other === token ? 1 : 0) - p) ** 2, 0);
      assert.ok(Math.abs(tokenEnergy(Math.log(chosen), sumPiSquared, 1) - squared) < 1e-11);
      assert.ok(Math.abs(tokenEnergy(Math.log(chosen), sumPiSquared, 1.5) - 2.25 * squared) < 1e-11);
    });
  });

  it('is 0 for a policy without doubt', () => assert.equal(tokenEnergy(0, 1, 1), 0));

  it('adds up along a response, stands still on tool tokens, and ends as that of the trajectory', () => {
    const batch = randomBatch(6, { groups: 2, groupSize: 3, length: 25, tools: true, importance: true });
    const { length, mask, logProbs, sumPiSquared } = batch;
    const energies = realizedEnergies(batch);
    for (let at = 0; at < energies.length; at++) {
      const before = at % length === 0 ? 0 : energies[at - 1]!;
      const own = mask[at] === 0 ? 0 : batch.importanceWeights![at]! ** 2 * (1 - 2 * Math.exp(logProbs[at]!) + sumPiSquared[at]!);
      assert.ok(Math.abs(energies[at]! - before - own) < 1e-9);
    }
    const ends = Array.from({ length: batch.batch }, (_, row) => energies[(row + 1) * length - 1]!);
    assert.ok(distance(trajectoryEnergies(batch), ends) < 1e-12);
  });
});
