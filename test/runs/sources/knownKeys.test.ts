import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRunRecord } from '../../../src/core/records/runRecord.ts';
import type { RunRecord } from '../../../src/core/records/run.ts';
import { KnownKeys, chosenOf, identityKnowing, judgedAt } from '../../../src/runs/sources/knownKeys.ts';
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

describe('the level at which a run is judged', () => {
  it('is what was asked for now, else what its config says, else what is usual here', () => {
    assert.deepEqual(judgedAt('low', { sensitivity: 'high', usualSensitivity: 'normal' }), { sensitivity: 'high' });
    assert.deepEqual(judgedAt('low', { usualSensitivity: 'normal' }), { sensitivity: 'low' });
    assert.deepEqual(judgedAt(null, { usualSensitivity: 'high' }), { sensitivity: 'high' });
    assert.deepEqual(judgedAt(null), {});
  });

  it('stands in the record of the run, and is known under whatever names it logs', () => {
    const record = { ...exampleRecord(), config: { ...exampleRecord().config, collapseSensitivity: 'low' } } as RunRecord;
    const read = parseRunRecord(JSON.stringify(record));
    assert.ok(typeof read === 'object');
    for (const logged of [
      ['actor/grad_norm', 'critic/score/mean'],
      ['train/grad_norm', 'train/reward'],
    ])
      assert.equal(identityAfter(read, logged).sensitivity, 'low');
    assert.equal(identityKnowing(read, undefined, { usualSensitivity: 'high' }).sensitivity, 'low');
    assert.equal(identityKnowing(read, undefined, { sensitivity: 'high' }).sensitivity, 'high');
  });

  it('is nobody’s word where a record says no level that there is', () => {
    const { collapseSensitivity, ...old } = exampleRecord().config;
    assert.equal(collapseSensitivity, 'normal');
    for (const config of [old, { ...old, collapseSensitivity: 'highest' }, commandRecord().config]) {
      const read = parseRunRecord(JSON.stringify({ ...exampleRecord(), config }));
      assert.ok(typeof read === 'object');
      assert.equal(identityKnowing(read, undefined, undefined).sensitivity, undefined);
      assert.equal(identityKnowing(read, undefined, { usualSensitivity: 'high' }).sensitivity, 'high');
    }
  });

  it('of an older record, which says none, tells it apart from no run of the usual level', () => {
    const { collapseSensitivity, ...old } = exampleRecord().config;
    const read = parseRunRecord(JSON.stringify({ ...exampleRecord(), config: old }));
    assert.ok(typeof read === 'object' && collapseSensitivity === 'normal');
    assert.deepEqual(identityKnowing(read, undefined, undefined).config, identityKnowing(exampleRecord(), undefined, undefined).config);
  });
});
