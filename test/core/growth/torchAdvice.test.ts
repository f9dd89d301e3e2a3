import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepCost, type Growth } from '../../../src/core/growth/stepCost.ts';
import { torchAdvice } from '../../../src/core/growth/torchAdvice.ts';
import { checkConfig } from '../../../src/runs/config/loadConfig.ts';

/** Ours costs what a width takes, squared; PyTorch a call of 64² and half of that. With two threads both take half. */
const measured: Growth = {
  machine: 'a processor',
  torch: '9.9.9',
  error: 0.1,
  points: [
    { width: 32, layers: 2, tokens: 64 },
    { width: 512, layers: 2, tokens: 256 },
    { width: 64, layers: 8, tokens: 2048 },
  ],
  fits: [
    { threads: 1, ours: [0, 0, 0, 0, 2, 0, 0, 0], torch: [0, 4096, 0, 0, 1, 0, 0, 0] },
    { threads: 2, ours: [0, 0, 0, 0, 1, 0, 0, 0], torch: [0, 2048, 0, 0, 0.5, 0, 0, 0] },
  ],
};

function adviceOf(changes: object, threads = 2, growth = measured): ReturnType<typeof torchAdvice> {
  const { config, findings } = checkConfig({ name: 'size', estimators: ['reinforce'], ...changes });
  assert.ok(config, findings[0]?.message);
  return torchAdvice(config, threads, growth);
}
const transformer = (width: number, layers = 2, maxResponseTokens = 256): object => ({
  policy: { kind: 'transformer', width, layers, heads: 2 },
  rollout: { maxResponseTokens },
});

test('a size at which PyTorch is the faster one is told, with by how much, what to use, and what it was measured with', () => {
  const text =
    'At this size PyTorch would be about 1.9 × as fast: use "trainer": "trl". Measured with PyTorch 9.9.9 and 2 threads on a processor, without a GPU.';
  assert.deepEqual(adviceOf(transformer(256)), { pytorch: 'faster', text });
});

test('another trainer is not advised where ours is the faster one, nor for a difference of a few percent', () => {
  const small = adviceOf(transformer(32));
  assert.deepEqual([small?.pytorch, small?.text.split('.')[0]], ['slower', 'At this size the built-in trainer is about 2']);
  assert.match(small?.text ?? '', /is about 2\.5 × as fast as PyTorch/);
  const even = adviceOf(transformer(68));
  assert.equal(even?.pytorch, 'even');
  assert.ok(!even.text.includes('trl'));
  assert.equal(adviceOf(transformer(256), 2, { ...measured, error: 1 })?.pytorch, 'even', 'within the error of the fit');
});

test('nothing is said of sizes outside of what was measured, also where each number alone was', () => {
  for (const size of [transformer(16), transformer(1024), transformer(512, 8), transformer(512, 2, 2048), { policy: { kind: 'gru' } }]) {
    const advice = adviceOf(size);
    assert.equal(advice?.pytorch, 'not measured', JSON.stringify(size));
    assert.match(advice.text, /^How PyTorch 9\.9\.9 would do at this size was not measured: (?:measured were|only) transformers .*\.$/);
  }
  assert.equal(adviceOf({ trainer: 'command', command: ['train'], estimators: ['mine'] }), null);
});

test('threads are those that were measured, at most as many as there are', () => {
  const shape = { width: 64, layers: 2, tokens: 64, sequences: 8 };
  assert.deepEqual(
    [1, 2, 3, 64].map((threads) => stepCost(shape, threads, measured)?.threads),
    [1, 2, 2, 2],
  );
  assert.match(adviceOf(transformer(256), 1)?.text ?? '', / and 1 thread on /);
});

test('what the product brings of measurements has a fit for one thread, and costs above zero wherever something was measured', () => {
  for (const size of [
    { width: 64, layers: 2, tokens: 64 },
    { width: 256, layers: 2, tokens: 64 },
  ]) {
    const cost = stepCost({ ...size, sequences: 64 }, 1);
    assert.ok(cost && cost.ours > 0 && cost.torch > 0, JSON.stringify({ size, cost }));
  }
});
