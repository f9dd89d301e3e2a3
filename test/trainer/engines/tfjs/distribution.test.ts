import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenDistribution } from '../../../../src/trainer/engines/tfjs/distribution.ts';

function distributionOf(logits: readonly number[], temperature = 1): TokenDistribution {
  const distribution = new TokenDistribution(logits.length);
  distribution.set([99, ...logits], 1, temperature);
  return distribution;
}

test('log-probability, Σ π² and entropy are those of softmax(logits / temperature)', () => {
  // π = (1, 2, 5) / 8
  const distribution = distributionOf(
    [0, Math.log(2), Math.log(5)].map((logit) => 2 * logit + 300),
    2,
  );
  const close = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
  close(distribution.logProb(2), Math.log(5 / 8));
  close(distribution.sumPiSquared(), 30 / 64);
  close(distribution.entropy(), (1 / 8) * Math.log(8) + (2 / 8) * Math.log(4) + (5 / 8) * Math.log(8 / 5));
});

test('a token is drawn for its share of [0, 1)', () => {
  const distribution = distributionOf([0, Math.log(2), Math.log(5)]);
  assert.deepEqual(
    [0, 0.124, 0.126, 0.374, 0.376, 0.9999].map((uniform) => distribution.sample(uniform)),
    [0, 0, 1, 1, 2, 2],
  );
});

test('a token without probability is never drawn, and adds nothing to the entropy', () => {
  const distribution = distributionOf([0, 0, -1e9]);
  assert.equal(distribution.sample(1 - 2 ** -53), 1);
  assert.ok(Math.abs(distribution.entropy() - Math.log(2)) < 1e-12);
});
