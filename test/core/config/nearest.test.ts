import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../../../src/core/config/nearest.ts';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';

describe('the nearest name', () => {
  it('forgives a typing mistake, case, hyphens and underscores', () => {
    assert.equal(nearest('dr_gpro', estimatorNames), 'dr_grpo');
    assert.equal(nearest('DrGRPO', estimatorNames), 'dr_grpo');
    assert.equal(nearest('optimal-token-baseline', estimatorNames), 'optimal_token_baseline');
  });

  it('completes a beginning', () => {
    assert.equal(nearest('tir_optimal', estimatorNames), 'tir_optimal_token_baseline');
  });

  it('is none where nothing is near', () => {
    assert.equal(nearest('ppo_clip', estimatorNames), undefined);
    assert.equal(nearest('x', estimatorNames), undefined);
    assert.equal(nearest('', estimatorNames), undefined);
  });
});
