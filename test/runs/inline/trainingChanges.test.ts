import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { trainingChanges } from '../../../src/runs/inline/trainingChanges.ts';
import { exampleRecord } from '../exampleRun.ts';

function config(keys: Record<string, unknown>) {
  return parseConfig(JSON.stringify({ name: 'example', ...keys }), 'example.otb.json').config;
}

describe('changes of a config since a run', () => {
  const run = exampleRecord().config;

  it('are the values that the run trained with', () => {
    assert.deepEqual(trainingChanges(run, config({ optimizer: { maxGradNorm: 1 }, rollout: { groupSize: 4 } })), [
      { path: 'optimizer.maxGradNorm', was: null, is: 1 },
      { path: 'rollout.groupSize', was: 8, is: 4 },
    ]);
  });

  it('are not how long it trains, with which seeds, what it writes, and what it does at a collapse', () => {
    assert.deepEqual(
      trainingChanges(run, config({ steps: 10, seeds: [7], checkpoint: { every: 5 }, onCollapse: 'stop', name: 'other' })),
      [],
    );
  });
});
