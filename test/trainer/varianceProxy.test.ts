import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { PolicyConfig, RunConfig } from '../../src/core/config/config.ts';
import { createTask } from '../../src/trainer/tasks/taskRegistry.ts';
import { warmStart } from '../../src/trainer/warmStart.ts';
import { agreement, ratiosToReference, truthOverProxy } from '../../study/proxy/agreement.ts';
import type { StudiedPolicy } from '../../study/proxy/document.ts';
import { trainedPolicies } from '../../study/proxy/fixedPolicies.ts';
import { measuredVariance } from '../../study/proxy/measuredVariance.ts';
import { ledgerEngine } from './engines/wasm/tinyEngine.ts';
import { tinyRunConfig } from './tinyRunConfig.ts';

const cache = mkdtempSync(path.join(tmpdir(), 'otb-proxy-'));
after(() => rmSync(cache, { recursive: true, force: true }));

/** What the rollouts say and what many backward passes say, at the warm start and after 30 and 60 steps of training. */
async function studied(policy: PolicyConfig, batches: number): Promise<StudiedPolicy[]> {
  const config: RunConfig = {
    ...tinyRunConfig,
    policy,
    estimator: 'dr_grpo',
    seed: 1,
    steps: 60,
    warmStart: { ...tinyRunConfig.warmStart, steps: 700, batchSize: 16 },
    optimizer: { ...tinyRunConfig.optimizer, learningRate: 4e-3 },
    checkpoint: { every: 30 },
  };
  const engine = await ledgerEngine({ policy, sequences: 16, maxResponseTokens: 60, seed: 1 });
  await warmStart(engine, createTask(config), config, cache, { log: () => undefined, stopRequested: () => false });
  const { policies, onset } = await trainedPolicies(engine, config);
  const results: StudiedPolicy[] = [];
  for (const { step, parameters } of policies) {
    engine.writeParameters(parameters);
    const request = { ...config.rollout, seed: 5, groupSize: 8 };
    results.push({ preset: 'tiny', estimator: config.estimator, step, onset, ...(await measuredVariance(engine, request, batches)) });
  }
  await engine.dispose();
  return results;
}

describe('the variance proxy against the variance of the true gradient, by many backward passes', () => {
  // The engine gives the same bits everywhere, so that these are numbers, not samples: 0.98 and 0.98 with the recurrent network, 0.8 and
  // 0.8 with the transformer.
  for (const { policy, batches, least } of [
    { policy: { kind: 'gru', width: 16, truncateBackpropEvery: null }, batches: 100, least: 0.9 },
    { policy: { kind: 'transformer', width: 16, layers: 1, heads: 2 }, batches: 60, least: 0.7 },
  ] as const) {
    it(`tells how noisy estimators are by comparison, at policies of a ${policy.kind}`, async () => {
      const policies = await studied(policy, batches);
      assert.equal(policies.length, 3);
      for (const proxy of ['power', 'totalPower'] as const) {
        const { pearson, spearman } = agreement(policies.flatMap(({ rows }) => ratiosToReference(rows, proxy)));
        assert.ok(pearson > least, `${proxy}: Pearson of logs ${pearson}`);
        assert.ok(spearman > least, `${proxy}: Spearman ${spearman}`);
      }
      // And it does not tell how large the variance is: networks turn a step in the logits into a far larger gradient.
      for (const { rows } of policies) assert.ok(truthOverProxy(rows, 'power') > 10);
    });
  }
});
