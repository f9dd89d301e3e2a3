import assert from 'node:assert/strict';
import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { describe, it } from 'node:test';
import type { Task } from '../../../../src/trainer/tasks/task.ts';
import { engineFor } from './tinyEngine.ts';

const sequences = 8;
const steps = 6;

/** Every response runs to the limit. */
const endlessTask: Task = {
  name: 'endless',
  vocabulary: Array.from({ length: 12 }, (_, token) => `t${token}`),
  maxPromptTokens: 1,
  maxToolTokens: 0,
  minResponseTokens: 1,
  samplePrompt: () => ({
    tokens: [0],
    start(maxResponseTokens) {
      let length = 0;
      return { reward: 1, turns: 0, act: () => (++length < maxResponseTokens ? 'continues' : 'truncated') };
    },
  }),
  demonstrate: () => ({ tokens: [1], isAction: [true] }),
};

function bytesOf({ selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  return children.reduce((sum, child) => sum + bytesOf(child), selfSize);
}

/** Bytes of JavaScript objects that a step makes, by V8's sampling of every allocation. */
async function bytesOfStep(maxResponseTokens: number): Promise<number> {
  const engine = await engineFor(endlessTask, { kind: 'transformer', width: 16, layers: 2, heads: 2 }, sequences, maxResponseTokens);
  const weights = new Float32Array(sequences * (maxResponseTokens + 1)).fill(1e-3);
  let update = 0;
  const step = async (): Promise<void> => {
    const request = { seed: 1, step: ++update, promptsPerStep: 1, groupSize: sequences, maxResponseTokens, temperature: 1 };
    const { isAction } = await engine.rollout(request);
    await engine.backward(weights.subarray(0, isAction.length));
    engine.adam({ learningRate: 1e-3, gradientScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, update });
  };
  // Until V8 has compiled what runs often, numbers are objects.
  for (let i = 0; i < 150; i++) await step();
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 64,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  for (let i = 0; i < steps; i++) await step();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  await engine.dispose();
  return bytesOf(profile.head) / steps;
}

describe('what a step allocates', () => {
  it('is a few objects a response, and of a token at most the random number that draws it', async () => {
    const [short, long] = [20, 320];
    const [few, many] = [await bytesOfStep(short), await bytesOfStep(long)];
    const ofToken = (many - few) / (sequences * (long - short));
    assert.ok(ofToken < 24, `${ofToken} bytes a token`);
    assert.ok(few < 8000 * sequences, `${few} bytes`);
  });
});
