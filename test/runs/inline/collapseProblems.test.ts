import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OwnRun } from '../../../src/runs/catalog/runOverview.ts';
import { collapseProblems } from '../../../src/runs/inline/collapseProblems.ts';
import type { CollapseProblem } from '../../../src/runs/inline/collapseProblems.ts';
import { ConfigOutline } from '../../../src/runs/inline/configOutline.ts';
import { ConfigRuns } from '../../../src/runs/inline/configRuns.ts';
import { collapsedOverview, overview } from './overview.ts';

const old = { group: 'old', createdAt: '2026-01-01T00:00:00.000Z' };
const recent = { group: 'recent', createdAt: '2026-01-02T00:00:00.000Z' };
const text = '{ "name": "example", "estimators": ["dr_grpo", "opo"] }';

function problems(config: string, ...runs: readonly OwnRun[]): readonly CollapseProblem[] {
  return collapseProblems(new ConfigOutline(config), new ConfigRuns(runs));
}

function underlined(config: string, found: readonly CollapseProblem[]): readonly string[] {
  return found.map(({ span }) => config.slice(span.offset, span.offset + span.length));
}

describe('problems of a config', () => {
  it('are where the estimators stand whose latest runs collapsed', () => {
    const found = problems(text, collapsedOverview('opo', 1, 181), overview('opo', 2), overview('dr_grpo', 1));
    assert.deepEqual(underlined(text, found), ['"opo"']);
    assert.equal(found[0]?.runs.length, 2);
  });

  it('go when the estimator goes, and when newer runs of it hold', () => {
    assert.deepEqual(problems('{ "name": "example", "estimators": ["dr_grpo"] }', collapsedOverview('opo', 1, 181)), []);
    assert.deepEqual(problems(text, collapsedOverview('opo', 1, 181, {}, old), overview('opo', 1, {}, recent)), []);
  });

  it('stay when newer runs are of other estimators', () => {
    assert.deepEqual(underlined(text, problems(text, collapsedOverview('opo', 1, 181, {}, old), overview('dr_grpo', 1, {}, recent))), [
      '"opo"',
    ]);
  });

  it('know what the config trains differently since', () => {
    const changed = '{ "name": "example", "estimators": ["opo"], "optimizer": { "maxGradNorm": 1 } }';
    assert.deepEqual(problems(changed, collapsedOverview('opo', 1, 181))[0]?.changes, [
      { path: 'optimizer.maxGradNorm', was: null, is: 1 },
    ]);
  });

  it('are at the name where the config leaves the estimators to their default', () => {
    const found = problems('{ "name": "example" }', collapsedOverview('opo', 1, 181));
    assert.deepEqual(underlined('{ "name": "example" }', found), ['"example"']);
  });
});
