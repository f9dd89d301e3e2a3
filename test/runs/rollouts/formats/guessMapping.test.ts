import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guessMapping, misfit } from '../../../../src/runs/rollouts/formats/guessMapping.ts';

const nothing = { prompt: null, reward: null, group: null, step: null, mask: null, logProbs: null, sumPiSquared: null };

describe('the guess of a mapping', () => {
  it('goes by the usual names, in whatever case, also within objects', () => {
    const row = { Question: '2 + 3?', Completion: '5', meta: { score: 1, global_step: 20 }, 'problem-id': 'a' };
    assert.deepEqual(guessMapping([row]), {
      ...nothing,
      prompt: 'Question',
      response: 'Completion',
      reward: 'meta.score',
      group: 'problem-id',
      step: 'meta.global_step',
    });
  });

  it('leaves out what does not fit', () => {
    const row = { prompt: 'x', response: 'a b', reward: 'good', log_probs: [-1, -2], step: 'one' };
    assert.deepEqual(guessMapping([row]), { ...nothing, prompt: 'prompt', response: 'response' });
    const later = [
      { response: 'a', reward: 1 },
      { response: 'b', reward: 'none' },
    ];
    assert.deepEqual(guessMapping(later), { ...nothing, response: 'response' });
  });

  it('takes per-token numbers for a response in tokens', () => {
    const row = { response: ['a', 'b'], old_log_probs: [-1, null], sum_pi_squared: [0.5, null], response_mask: [1, 0] };
    assert.deepEqual(guessMapping([row]), {
      ...nothing,
      response: 'response',
      logProbs: 'old_log_probs',
      sumPiSquared: 'sum_pi_squared',
      mask: 'response_mask',
    });
  });

  it('takes any text for the response where nothing has a usual name, and is none where there is no text', () => {
    assert.deepEqual(guessMapping([{ n: 1, said: 'x' }]), { ...nothing, response: 'said' });
    assert.equal(guessMapping([{ n: 1 }]), null);
    assert.equal(guessMapping([{}]), null);
    assert.equal(guessMapping([]), null);
  });

  it('can be held against rows', () => {
    assert.equal(misfit([{ a: 'x' }], { ...nothing, response: 'a' }), null);
    assert.equal(misfit([{ a: 'x' }, { b: 'x' }], { ...nothing, response: 'a' }), 'has no "a", which is to be the response');
  });
});
