import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PathPattern, guessedPattern, namedEstimator } from '../../../src/runs/sources/pathPattern.ts';

function matched(pattern: string, source: string): unknown {
  const parsed = PathPattern.parse(pattern);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed.match(source);
}

describe('a pattern over a path', () => {
  it('takes estimator, seed and group from its end', () => {
    assert.deepEqual(matched('{group}/{estimator}-s{seed}', '/logs/ablation/dr_grpo-s12.log'), {
      group: 'ablation',
      estimator: 'dr_grpo',
      seed: 12,
    });
    assert.deepEqual(matched('{group}/{estimator}-s{seed}', '/logs/ablation/opo-s1/trainer_state.json'), {
      group: 'ablation',
      estimator: 'opo',
      seed: 1,
    });
    assert.deepEqual(matched('{estimator}/seed_{seed}', '/x/rloo/seed_3/events'), { estimator: 'rloo', seed: 3 });
    assert.deepEqual(matched('{name}_{estimator}_{seed}', '/x/run7_grpo_5'), { estimator: 'grpo', seed: 5 });
  });

  it('does not fit where a part differs', () => {
    assert.equal(matched('{group}/{estimator}-s{seed}', '/logs/a/dr_grpo.log'), undefined);
    assert.equal(matched('a/b/{seed}', '/b/1'), undefined);
  });

  it('means its letters as they are', () => {
    assert.deepEqual(matched('(a+)+.{seed}', '/x/(a+)+.7'), { seed: 7 });
    assert.equal(matched('a.{seed}', '/x/ab7'), undefined);
  });

  it('is refused with the reason where it cannot be used', () => {
    for (const [text, reason] of [
      ['{group', /brace/],
      ['{lr}', /\{lr\} is not known/],
      ['{seed}-{seed}', /twice/],
      ['a/b', /none of/],
      ['/{seed}', /empty part/],
    ] as const)
      assert.match(String(PathPattern.parse(text)), reason);
  });

  it('is done with a hostile name at once', () => {
    assert.equal(matched('{name}-{name}-{estimator}x', `/x/${'-'.repeat(290)}`), undefined);
    assert.equal(matched('{estimator}', `/x/${'a'.repeat(100_000)}`), undefined);
  });
});

describe('the name of a run', () => {
  it('may end with an estimator and a seed', () => {
    assert.deepEqual(namedEstimator('grpo-s1'), { estimator: 'grpo', seed: 1 });
    assert.deepEqual(namedEstimator('qwen_dr_grpo_seed3'), { estimator: 'dr_grpo', seed: 3 });
    assert.deepEqual(namedEstimator('tir_optimal_token_baseline'), { estimator: 'tir_optimal_token_baseline', seed: undefined });
    assert.equal(namedEstimator('mygrpo-s1'), undefined);
    assert.equal(namedEstimator('ppo-s61'), undefined);
  });

  it('suggests a pattern', () => {
    assert.equal(guessedPattern('/logs/exp/ppo_seed3.log'), '{group}/{estimator}_seed{seed}');
    assert.equal(guessedPattern('/logs/exp/whatever.log'), '{group}/{estimator}-s{seed}');
  });
});
