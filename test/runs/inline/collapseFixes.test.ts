import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collapseFixes } from '../../../src/runs/inline/collapseFixes.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { collapsedOverview } from './overview.ts';

function titles(text: string, run = collapsedOverview('dr_grpo', 1, 181)): readonly string[] {
  const outline = new ConfigOutline(text);
  return collapseFixes(
    outline,
    outline.estimators.find(({ name }) => name === run.record.estimator),
    [run],
  ).map(({ title }) => title);
}

const branch = 'Branch from the last healthy checkpoint';

describe('fixes of a collapse', () => {
  it('start with the token baseline, then clipping at twice the usual norm, stopping and branching', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"] }'), [
      'Use tir_optimal_token_baseline instead',
      'Clip the gradient norm at 0.62 (optimizer.maxGradNorm)',
      'Stop runs at collapse (onCollapse: "stop")',
      branch,
    ]);
  });

  it('take the estimator out where the token baseline is there already', () => {
    assert.equal(titles('{ "name": "a", "estimators": ["dr_grpo", "tir_optimal_token_baseline"] }')[0], 'Remove dr_grpo');
  });

  it('leave out what the config does already', () => {
    const text = '{ "name": "a", "estimators": ["tir_optimal_token_baseline"], "optimizer": { "maxGradNorm": 0.5 }, "onCollapse": "stop" }';
    assert.deepEqual(titles(text, collapsedOverview('tir_optimal_token_baseline', 1, 181)), [branch]);
  });

  it('do not edit text that is being typed, or one that is no config', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"], '), [branch]);
    assert.deepEqual(titles('{ "name": 1, "estimators": ["dr_grpo"] }'), [branch]);
  });

  it('stop what still goes on', () => {
    assert.equal(titles('{', collapsedOverview('dr_grpo', 1, 181, { process: 'running' }))[1], 'Stop the run');
  });
});
