import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collapseFixes } from '../../../src/runs/inline/collapseFixes.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { collapsedOverview } from './overview.ts';

function titles(text: string, run = collapsedOverview('dr_grpo', 1, 181)): readonly string[] {
  const outline = new ConfigOutline(text);
  return collapseFixes(
    outline,
    outline.estimators.find(({ name }) => name === run.identity.estimator),
    [run],
  ).map(({ title }) => title);
}

describe('fixes of a collapse', () => {
  it('start with the token baseline, then clipping at twice the usual norm, and stopping', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"] }'), [
      'Use tir_optimal_token_baseline instead',
      'Clip the gradient norm at 0.62 (optimizer.maxGradNorm)',
      'Stop runs at collapse (onCollapse: "stop")',
    ]);
  });

  it('do not clip where the collapse came without a surge', () => {
    const run = collapsedOverview('dr_grpo', 1, 181);
    const collapseEvents = run.collapseEvents.map((event) => ({ ...event, data: { ...event.data, surge: 0 } }));
    const offered = titles('{ "name": "a", "estimators": ["dr_grpo"] }', { ...run, collapseEvents });
    assert.ok(
      offered.every((title) => !title.startsWith('Clip')),
      offered.join('; '),
    );
  });

  it('take the estimator out where the token baseline is there already', () => {
    assert.equal(titles('{ "name": "a", "estimators": ["dr_grpo", "tir_optimal_token_baseline"] }')[0], 'Remove dr_grpo');
  });

  it('leave out what the config does already', () => {
    const text = '{ "name": "a", "estimators": ["tir_optimal_token_baseline"], "optimizer": { "maxGradNorm": 0.5 }, "onCollapse": "stop" }';
    assert.deepEqual(titles(text, collapsedOverview('tir_optimal_token_baseline', 1, 181)), []);
  });

  it('do not edit text that is being typed, or one that is no config', () => {
    assert.deepEqual(titles('{ "name": "a", "estimators": ["dr_grpo"], '), []);
    assert.deepEqual(titles('{ "name": 1, "estimators": ["dr_grpo"] }'), []);
  });

  it('stop what still goes on', () => {
    assert.equal(titles('{', collapsedOverview('dr_grpo', 1, 181, { process: 'running' }))[0], 'Stop the run');
  });
});
