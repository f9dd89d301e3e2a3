import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine, TokenBatch } from '../../../../src/trainer/engines/engine.ts';
import { TfjsEngine } from '../../../../src/trainer/engines/tfjs/engine.ts';
import { adam, given, maxResponseTokens, policies, request, task } from '../chattyTask.ts';

/** Different for every position, with zeros among them. */
function weightsFor(batch: TokenBatch): Float32Array {
  return Float32Array.from(batch.isAction, (action, i) => (action === 1 && i % 4 !== 0 ? Math.sin(i) : 0));
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
