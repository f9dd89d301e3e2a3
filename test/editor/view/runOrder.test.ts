import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byGroup } from '../../../src/editor/runSelection.ts';
import { orderedGroups } from '../../../src/editor/view/runOrder.ts';
import type { RunOrder } from '../../../src/editor/view/runOrder.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../../runs/exampleRun.ts';

function run(group: string, estimator: 'opo' | 'dr_grpo', seed: number, changes: Partial<RunOverview> = {}): RunOverview {
  const record = exampleRecord({ id: `${group}-${estimator}-${seed}`, group, name: group, estimator, seed, createdAt: `2026-01-0${seed}` });
  return { ...overviewOf({ dir: `/runs/${record.id}`, record }), process: 'finished', group: { title: group, isOfRuns: true }, ...changes };
}

/** Newest first. */
const runs = [
  run('beta', 'opo', 2, { score: 0.2 }),
  run('beta', 'dr_grpo', 1, { score: 0.9, collapse: 'collapsed', onsetStep: 3 }),
  run('alpha10', 'opo', 1, { score: Number.NaN }),
  run('alpha9', 'opo', 10, { score: 0.5 }),
  run('alpha9', 'opo', 9, { score: 0.3, process: 'failed' }),
];

function rows(order: RunOrder): string {
  return orderedGroups(byGroup(runs), order)
    .map(
      ({ node, runs: members }) => `${node.group}: ${members.map(({ identity }) => `${identity.estimator} ${identity.seed}`).join(', ')}`,
    )
    .join(' | ');
}

describe('the runs view can be sorted', () => {
  it('by when groups were started, their runs as the config has them', () => {
    assert.equal(rows('newest'), 'beta: dr_grpo 1, opo 2 | alpha10: opo 1 | alpha9: opo 9, opo 10');
  });

  it('by name, numbers in it as numbers', () => {
    assert.equal(rows('name'), 'alpha9: opo 9, opo 10 | alpha10: opo 1 | beta: dr_grpo 1, opo 2');
  });

  it('by state, what has collapsed first, then what has failed', () => {
    assert.equal(rows('state'), 'beta: dr_grpo 1, opo 2 | alpha9: opo 9, opo 10 | alpha10: opo 1');
  });

  it('by score, what has none last', () => {
    assert.equal(rows('score'), 'beta: dr_grpo 1, opo 2 | alpha9: opo 10, opo 9 | alpha10: opo 1');
  });
});
