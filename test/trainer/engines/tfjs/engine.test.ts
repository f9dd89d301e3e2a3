import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { PolicyConfig } from '../../../../src/core/config/config.ts';
import type { AdamStep, Engine, GivenSequence, RolloutRequest, Tensors, TokenBatch } from '../../../../src/trainer/engines/engine.ts';
import { TfjsEngine } from '../../../../src/trainer/engines/tfjs/engine.ts';
import { WasmEngine } from '../../../../src/trainer/engines/wasm/engine.ts';
import type { Episode, Task } from '../../../../src/trainer/tasks/task.ts';

/** Ends at token 0, answers token 1 with two tool tokens; lengths vary, and so do the places of the actions. */
const task: Task = {
  name: 'chatty',
  vocabulary: Array.from({ length: 12 }, (_, token) => `t${token}`),
  maxPromptTokens: 3,
  maxToolTokens: 2,
  minResponseTokens: 1,
  samplePrompt: (random) => ({
    tokens: Array.from({ length: 2 + random.integer(2) }, () => random.integer(12)),
    start: (limit, stream): Episode => {
      let length = 0;
      let turns = 0;
      return {
        get turns() {
          return turns;
        },
        get reward() {
          return length;
        },
        act(token, toolTokens) {
          length++;
          if (token === 0) return 'ended';
          if (token === 1) {
            turns++;
            toolTokens.push(2, stream.integer(12));
            length += 2;
          }
          return length >= limit ? 'truncated' : 'continues';
        },
      };
    },
  }),
  demonstrate: () => ({ tokens: [], isAction: [] }),
};

const maxResponseTokens = 5;
const request: RolloutRequest = { seed: 5, step: 3, promptsPerStep: 3, groupSize: 4, maxResponseTokens, temperature: 0.7 };
const policies: readonly PolicyConfig[] = [
  { kind: 'gru', width: 8, truncateBackpropEvery: null },
  { kind: 'gru', width: 8, truncateBackpropEvery: 3 },
  { kind: 'transformer', width: 8, layers: 2, heads: 2 },
];
const given: readonly GivenSequence[] = [
  { tokens: [3, 4, 5, 6, 1, 2, 7, 0], promptLength: 2, isAction: [true, true, true, false, false, true] },
  { tokens: [8, 9, 10], promptLength: 1, isAction: [true, true] },
  { tokens: [11, 0, 3, 3, 1], promptLength: 3, isAction: [true, false] },
];
/** Epsilon is large, because the gradient of a key bias is nothing but rounding, which a small one would blow up to a whole step. */
const adam: AdamStep = { learningRate: 0.05, gradientScale: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-3, update: 1 };

function distFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'kernels.wasm'))) folder = path.dirname(folder);
  return folder;
}

function wasmEngine(policy: PolicyConfig): Promise<Engine> {
  return WasmEngine.create({
    policy,
    task,
    taskSpec: null,
    sequences: 12,
    maxResponseTokens,
    threads: 1,
    build: 'simd',
    seed: 1,
    kernelFolder: distFolder(),
    workerFile: '',
  });
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

for (const backend of ['wasm', 'cpu'] as const) {
  for (const policy of policies) {
    const kind = policy.kind === 'gru' && policy.truncateBackpropEvery !== null ? 'gru with truncated back-propagation' : policy.kind;
    describe(`${kind} on tfjs-${backend} agrees with the default engine`, () => {
      let ours: Engine;
      let theirs: Engine;
      before(async () => {
        theirs = await wasmEngine(policy);
        ours = await TfjsEngine.create({ backend, policy, task, maxResponseTokens, seed: 1 });
      });
      after(async () => {
        await theirs.dispose();
        await ours.dispose();
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

describe('TfjsEngine', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await TfjsEngine.create({ backend: 'cpu', policy: policies[2]!, task, maxResponseTokens, seed: 1 });
  });
  afterEach(() => engine.dispose());

  test('leaves no tensor behind after a step', async () => {
    const counts: number[] = [];
    for (const update of [1, 2, 3]) {
      const rollout = await engine.rollout({ ...request, step: update });
      await engine.backward(weightsFor(rollout));
      await engine.forward(given, 1);
      engine.adam({ ...adam, update });
      counts.push(tf.memory().numTensors);
    }
    assert.deepEqual(counts, [counts[0], counts[0], counts[0]]);
  });

  test('goes on from parameters and moments that were read before as if nothing had happened', async () => {
    const update = async (number: number): Promise<void> => {
      await engine.backward(weightsFor(await engine.forward(given, 1)));
      engine.adam({ ...adam, update: number });
    };
    await update(1);
    const saved = { parameters: engine.readParameters(), moments: engine.readOptimizer() };
    await update(2);
    const expected = engine.readParameters();
    engine.writeParameters(saved.parameters);
    engine.writeOptimizer(saved.moments);
    await update(2);
    assert.deepEqual(engine.readParameters(), expected);
  });

  test('names the tensor that is missing or has another shape', () => {
    const parameters = new Map(engine.readParameters());
    parameters.set('norm.bias', { shape: [4], values: new Float32Array(4) });
    assert.throws(() => engine.writeParameters(parameters), /"norm\.bias" has shape \[4\], expected \[8\]/);
    parameters.delete('norm.bias');
    assert.throws(() => engine.writeParameters(parameters), /"norm\.bias" is missing/);
  });

  test('refuses to differentiate before there is a batch, and a sequence that is too long', async () => {
    await assert.rejects(engine.backward(new Float32Array(0)), /call rollout or forward first/);
    const tokens = new Array<number>(11).fill(0);
    await assert.rejects(engine.forward([{ tokens, promptLength: 1, isAction: tokens.map(() => true) }], 1), /holds 10 tokens/);
  });
});
