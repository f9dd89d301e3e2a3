import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRunRecord } from '../../../src/core/records/runRecord.ts';
import type { RunRecord } from '../../../src/core/records/run.ts';
import { KnownKeys, chosenOf, identityKnowing } from '../../../src/runs/sources/knownKeys.ts';
import { exampleRecord } from '../exampleRun.ts';

function commandRecord(metrics: Readonly<Record<string, unknown>> = {}): RunRecord {
  const config = { name: 'mine', trainer: 'command', estimator: 'grpo', seed: 1, command: ['python', 'train.py'], metrics };
  const record = parseRunRecord(JSON.stringify({ ...exampleRecord(), config }));
  assert.ok(typeof record === 'object');
  return record;
}

function identityAfter(record: RunRecord, logged: readonly string[]) {
  const keys = new KnownKeys(chosenOf(record, undefined));
  keys.take(logged);
  return identityKnowing(record, keys.found, undefined);
}

describe('what a run by command logs', () => {
  it('is known by its names from the first step on, verl’s among them', () => {
    const { metricKeys } = identityAfter(commandRecord(), ['actor/grad_norm', 'critic/score/mean']);
    assert.deepEqual([metricKeys.gradNorm, metricKeys.score], ['actor/grad_norm', 'critic/score/mean']);
  });

  it('is before that only what its config names', () => {
    assert.deepEqual(identityKnowing(commandRecord(), undefined, undefined).metricKeys, {});
    assert.deepEqual(identityKnowing(commandRecord({ score: 'win_rate' }), undefined, undefined).metricKeys, { score: 'win_rate' });
  });

  it('is what its config says, whatever else looks like it', () => {
    const { metricKeys, chosenKeys } = identityAfter(commandRecord({ score: 'win_rate' }), [
      'actor/grad_norm',
      'critic/score/mean',
      'win_rate',
    ]);
    assert.equal(metricKeys.score, 'win_rate');
    assert.deepEqual(chosenKeys, { score: 'win_rate' });
  });
});
