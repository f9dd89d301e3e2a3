import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorNames } from '../../src/core/estimators/estimator.ts';
import type { Rollout } from '../../src/trainer/engines/engine.ts';
import { responsesOf } from '../../src/trainer/responses.ts';
import { trajectories } from '../../src/trainer/trajectories.ts';

const vocabulary = ['ask', 'call', 'result', 'answer'];

/** Two responses to one prompt: one with a tool's token in its middle, one of a single token. */
const rollout: Rollout = {
  sequences: 2,
  maxTokens: 4,
  vocabulary: vocabulary.length,
  lengths: Int32Array.of(4, 2),
  promptLengths: Int32Array.of(1, 1),
  tokens: Int32Array.of(0, 1, 2, 3, 0, 3, 0, 0),
  isAction: Uint8Array.of(1, 0, 1, 0, 1, 0, 0, 0),
  logProbs: Float32Array.of(Math.log(0.5), 7, Math.log(0.25), 0, Math.log(0.5), 0, 0, 0),
  sumPiSquared: Float32Array.of(0.5, 7, 0.25, 0, 0.5, 0, 0, 0),
  entropies: new Float32Array(8),
  rewards: Float32Array.of(1, 0),
  truncated: Uint8Array.of(0, 1),
  turns: Int32Array.of(1, 0),
};

describe('the written trajectories', () => {
  const [first, second] = [...trajectories(rollout, responsesOf(rollout, 2, true), vocabulary)];

  it('have the texts of their tokens, and nothing per token where a tool spoke', () => {
    assert.deepEqual([first?.prompt, first?.response], [['ask'], ['call', 'result', 'answer']]);
    assert.deepEqual(first?.log_probs, [-0.693147, null, -1.38629]);
    assert.deepEqual([second?.response, second?.truncated, second?.turns], [['answer'], true, 0]);
  });

  it('have the energy of each token, and what has come together up to it', () => {
    assert.deepEqual(first?.realized_energy, [0.5, null, 0.75]);
    assert.deepEqual(first?.accumulated_energy, [0.5, null, 1.25]);
    assert.deepEqual(second?.accumulated_energy, [0.5]);
  });

  it('have one number for an advantage that is the same at every token, and one for each where it is not', () => {
    assert.deepEqual(Object.keys(first?.advantages ?? {}), [...estimatorNames]);
    assert.equal(first?.advantages.dr_grpo, 0.5);
    assert.deepEqual(first.advantages.tir_optimal_token_baseline, [0.5, null, 1]);
    assert.deepEqual(first.baselines.tir_optimal_token_baseline, [0.5, null, 0]);
    assert.equal(first.baselines.grpo, undefined);
  });
});
