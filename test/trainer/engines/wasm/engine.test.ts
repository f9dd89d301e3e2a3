import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyConfig } from '../../../../src/core/config/config.ts';
import type { RolloutRequest } from '../../../../src/trainer/engines/engine.ts';
import { ledgerEngine, smallGru } from './tinyEngine.ts';

const request: RolloutRequest = { seed: 5, step: 1, promptsPerStep: 4, groupSize: 4, maxResponseTokens: 60, temperature: 1 };

const policies: readonly PolicyConfig[] = [smallGru, { kind: 'transformer', width: 16, layers: 2, heads: 2 }];

async function threeSteps(threads: number, policy: PolicyConfig): Promise<unknown> {
  const engine = await ledgerEngine({ threads, policy });
  const trace: unknown[] = [];
  for (let step = 1; step <= 3; step++) {
    const rollout = await engine.rollout({ ...request, step });
    trace.push(rollout.tokens.slice(), rollout.logProbs.slice(), rollout.rewards.slice(), rollout.lengths.slice());
    const norm = await engine.backward(Float32Array.from(rollout.isAction, (action, i) => action * Math.sin(i)));
    engine.adam({ learningRate: 1e-2, gradientScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, update: step });
    trace.push(norm, [...engine.readParameters().values()], [...engine.readOptimizer().values()]);
  }
  await engine.dispose();
  return trace;
}

for (const policy of policies) {
  describe(`WASM engine with a ${policy.kind} policy`, () => {
    it('gives the same bits for 1, 2 and 4 threads', async () => {
      const one = await threeSteps(1, policy);
      assert.deepEqual(await threeSteps(2, policy), one);
      assert.deepEqual(await threeSteps(4, policy), one);
    });

    it('samples with the log-probabilities that the training forward pass gives', async () => {
      const engine = await ledgerEngine({ policy });
      const rollout = await engine.rollout(request);
      const sampled = rollout.logProbs.slice();
      const actions = rollout.isAction.slice();
      const given = Array.from({ length: rollout.sequences }, (_, i) => {
        const from = i * rollout.maxTokens;
        const [length, promptLength] = [rollout.lengths[i]!, rollout.promptLengths[i]!];
        return {
          tokens: Array.from(rollout.tokens.subarray(from, from + length)),
          promptLength,
          isAction: Array.from(actions.subarray(from + promptLength - 1, from + length - 1), (action) => action === 1),
        };
      });
      const batch = await engine.forward(given, 1);
      assert.deepEqual(batch.isAction.slice(), actions);
      assert.ok(actions.some((action) => action === 1));
      sampled.forEach((value, i) =>
        assert.ok(Math.abs(value - batch.logProbs[i]!) <= 1e-5, `position ${i}: ${value} against ${batch.logProbs[i]}`),
      );
      await engine.dispose();
    });

    it('can differentiate one batch more than once', async () => {
      const engine = await ledgerEngine({ policy });
      const rollout = await engine.rollout(request);
      const weights = Float32Array.from(rollout.isAction, (action, i) => action * Math.cos(i));
      const first = await engine.backward(weights);
      await engine.backward(weights.map((weight) => -2 * weight));
      assert.equal(await engine.backward(weights), first);
      await engine.dispose();
    });
  });
}

describe('WASM engine', () => {
  it('samples tokens as often as their probability says', async () => {
    const engine = await ledgerEngine({ sequences: 256, maxResponseTokens: 9 });
    const counts = new Float64Array(24);
    const expected = new Float64Array(24);
    let probabilities: Float64Array | undefined;
    for (let step = 0; step < 40; step++) {
      const rollout = await engine.rollout({ ...request, step, promptsPerStep: 1, groupSize: 256, maxResponseTokens: 9 });
      // All 256 responses of a step answer one prompt: their first token has one distribution.
      probabilities = new Float64Array(24);
      for (let i = 0; i < 256; i++) {
        const token = rollout.tokens[i * rollout.maxTokens + 4]!;
        counts[token]!++;
        probabilities[token] = Math.exp(rollout.logProbs[i * rollout.maxTokens + 3]!);
      }
      probabilities.forEach((p, token) => (expected[token]! += 256 * p));
    }
    counts.forEach((count, token) => {
      const sigma = Math.sqrt(Math.max(1, expected[token]!));
      assert.ok(Math.abs(count - expected[token]!) < 5 * sigma + 256 * 0.02, `token ${token}: ${count} times, expected ${expected[token]}`);
    });
    await engine.dispose();
  });

  it('refuses parameters of another shape', async () => {
    const engine = await ledgerEngine();
    const parameters = new Map(engine.readParameters());
    parameters.set('output.bias', { shape: [3], values: new Float32Array(3) });
    assert.throws(() => engine.writeParameters(parameters), /"output\.bias" has shape \[3\], expected \[24\]/);
    parameters.delete('output.bias');
    assert.throws(() => engine.writeParameters(parameters), /"output\.bias" is missing/);
    await engine.dispose();
  });

  it('says how much memory a batch would need when it cannot be addressed', async () => {
    await assert.rejects(ledgerEngine({ sequences: 4096, maxResponseTokens: 20000 }), /GiB.*rollout\.maxResponseTokens/s);
  });
});
