import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import type { PolicyConfig } from '../../../src/core/config/config.ts';
import type { Engine, Tensors, TokenBatch } from '../../../src/trainer/engines/engine.ts';
import type { EngineSetup } from '../../../src/trainer/engines/engineEntry.ts';
import { engines } from '../../../src/trainer/engines/list.ts';
import { wasmSimd } from '../../../src/trainer/engines/wasm/entries.ts';
import { tinyRunConfig } from '../tinyRunConfig.ts';
import { adam, given, maxResponseTokens, policies, request, task } from './chattyTask.ts';

function distFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'kernels.wasm'))) folder = path.dirname(folder);
  return folder;
}

function setup(policy: PolicyConfig): EngineSetup {
  const rollout = { ...tinyRunConfig.rollout, maxResponseTokens };
  const config = { ...tinyRunConfig, policy, rollout, seed: 1 };
  return { task, config, sequences: 12, threads: 1, site: { kernelFolder: distFolder(), workerFile: '' } };
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, label: string): void {
  assert.equal(actual.length, expected.length, label);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-3);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= 1e-4 * scale, `${label}[${i}]: ${actual[i]} is not ${expected[i]}`);
}

function assertTensorsClose(actual: Tensors, expected: Tensors): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  for (const [name, { shape, values }] of expected) {
    assert.deepEqual(actual.get(name)!.shape, shape);
    assertClose(actual.get(name)!.values, values, name);
  }
}

function assertBatchesClose(actual: TokenBatch, expected: TokenBatch): void {
  for (const key of ['lengths', 'promptLengths', 'isAction'] as const) assert.deepEqual([...actual[key]], [...expected[key]], key);
  for (let sequence = 0; sequence < expected.sequences; sequence++) {
    const at = sequence * expected.maxTokens;
    const end = at + expected.lengths[sequence]!;
    assert.deepEqual([...actual.tokens.subarray(at, end)], [...expected.tokens.subarray(at, end)]);
    for (const key of ['logProbs', 'sumPiSquared', 'entropies'] as const)
      assertClose(actual[key].subarray(at, end - 1), expected[key].subarray(at, end - 1), key);
  }
}

/** Different for every position, with zeros among them. */
function weightsFor(batch: TokenBatch): Float32Array {
  return Float32Array.from(batch.isAction, (action, i) => (action === 1 && i % 4 !== 0 ? Math.sin(i) : 0));
}

/** −Σ log π over the actions, which the warm start lowers. */
function lossOf({ logProbs }: TokenBatch): number {
  return -logProbs.reduce((sum, logProb) => sum + logProb, 0);
}

/** All probed before the first suite, which begins at once: TensorFlow.js has one backend a process, that of whoever came last. */
const others = [];
for (const engine of engines) if (engine !== wasmSimd) others.push({ ...engine, ...(await engine.probe(setup(policies[0]!).site)) });

for (const { name, create, usable, reason } of others) {
  for (const policy of policies) {
    const kind = policy.kind === 'gru' && policy.truncateBackpropEvery !== null ? 'gru with truncated back-propagation' : policy.kind;
    describe(`${kind} on ${name} agrees with ${wasmSimd.name}`, { skip: usable ? false : reason }, () => {
      let ours: Engine;
      let theirs: Engine;
      before(async () => {
        theirs = await wasmSimd.create(setup(policy));
        ours = await create(setup(policy));
      });
      after(async () => {
        await theirs?.dispose();
        await ours?.dispose();
      });

      test('in its initial parameters', () => assertTensorsClose(ours.readParameters(), theirs.readParameters()));

      test('in the trajectories that it samples, their statistics, gradient and norm', async () => {
        const rollout = await ours.rollout(request);
        const expected = await theirs.rollout(request);
        assertBatchesClose(rollout, expected);
        for (const key of ['rewards', 'truncated', 'turns'] as const) assert.deepEqual([...rollout[key]], [...expected[key]], key);
        assert.ok(new Set(rollout.lengths).size > 1, 'the lengths vary');
        const norm = await ours.backward(weightsFor(rollout));
        assertClose([norm], [await theirs.backward(weightsFor(expected))], 'norm');
        assertTensorsClose(ours.readGradient(), theirs.readGradient());
      });

      test('over given sequences', async () => {
        const batch = await ours.forward(given, 1.3);
        const expected = await theirs.forward(given, 1.3);
        assertBatchesClose(batch, expected);
        assertClose([lossOf(batch)], [lossOf(expected)], 'loss');
        await ours.backward(weightsFor(batch));
        await theirs.backward(weightsFor(expected));
        assertTensorsClose(ours.readGradient(), theirs.readGradient());
      });

      test('in what Adam makes of the gradient', async () => {
        for (const update of [1, 2]) {
          for (const engine of [ours, theirs]) {
            await engine.backward(weightsFor(await engine.forward(given, 1)));
            engine.adam({ ...adam, update });
          }
        }
        assertTensorsClose(ours.readOptimizer(), theirs.readOptimizer());
        assertTensorsClose(ours.readParameters(), theirs.readParameters());
      });
    });
  }
}
