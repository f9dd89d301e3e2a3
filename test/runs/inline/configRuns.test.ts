import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigRuns } from '../../../src/runs/inline/configRuns.ts';
import { overview } from './overview.ts';

const old = { group: 'old', createdAt: '2026-01-01T00:00:00.000Z' };
const recent = { group: 'recent', createdAt: '2026-01-02T00:00:00.000Z' };

describe('the runs of a config', () => {
  const runs = new ConfigRuns([
    overview('opo', 1, {}, old),
    overview('opo', 3, {}, recent),
    overview('opo', 2, {}, recent),
    overview('grpo', 1, {}, old),
  ]);

  it('come by group, the newest first, in order of seed', () => {
    assert.deepEqual(
      runs.groups.map(({ group }) => group),
      ['recent', 'old'],
    );
    assert.deepEqual(
      runs.latest?.runs.map((run) => run.identity.seed),
      [2, 3],
    );
  });

  it('of one estimator are those of the newest group that has any', () => {
    assert.deepEqual(
      runs.latestOf('opo').map((run) => run.identity.group),
      ['recent', 'recent'],
    );
    assert.deepEqual(
      runs.latestOf('grpo').map((run) => run.identity.group),
      ['old'],
    );
    assert.deepEqual(runs.latestOf('rloo'), []);
  });

  it('of one name in two folders are two groups', () => {
    const elsewhere = { ...overview('opo', 9, {}, recent), dir: '/elsewhere/x' };
    assert.equal(new ConfigRuns([overview('opo', 1, {}, recent), elsewhere]).groups.length, 2);
  });
});
