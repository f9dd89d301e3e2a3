import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRunRecord } from '../../../src/core/records/runRecord.ts';
import { trainedWith } from '../../../src/runs/catalog/trainedWith.ts';
import { exampleRecord, examplePlans, temporaryFolder } from '../exampleRun.ts';

function of(keys: Readonly<Record<string, unknown>>): readonly string[] {
  const [plan] = examplePlans(temporaryFolder(), keys);
  return trainedWith(exampleRecord(plan)).map(([name, value]) => `${name}: ${value}`);
}

test('a run of the built-in trainer names its engine, and what that calculates on', () => {
  assert.deepEqual(of({}), ['Engine: wasm on CPU, 1 thread (test)']);
});

test('a run of TRL names its model, its dataset and its reward', () => {
  const small = { kind: 'scratch', width: 32, layers: 1, heads: 4 };
  assert.deepEqual(of({ trainer: 'trl', estimators: ['grpo'], model: small, dataset: 'ledger' }), [
    'Trainer: TRL',
    'Model: made from scratch, 1 layer, width 32, 4 heads',
    'Dataset: ledger',
    'Reward: ledger',
  ]);
  const data = { path: 'openai/gsm8k', name: 'main', prompt: 'question' };
  const real = { model: 'Qwen/Qwen2.5-0.5B-Instruct', dataset: data, reward: ['number', 'rewards.py:short'], tools: ['calculator'] };
  assert.deepEqual(of({ trainer: 'trl', estimators: ['grpo'], ...real }), [
    'Trainer: TRL',
    'Model: Qwen/Qwen2.5-0.5B-Instruct',
    'Dataset: openai/gsm8k, main, train',
    'Reward: number + rewards.py:short',
    'Tools: calculator',
  ]);
});

test('a run of TRL whose record was changed by hand is told as far as it goes', () => {
  const [plan] = examplePlans(temporaryFolder(), {
    trainer: 'trl',
    estimators: ['grpo'],
    model: 'm',
    dataset: 'd.jsonl',
    reward: 'number',
  });
  const record = exampleRecord(plan);
  for (const odd of [undefined, null, 3, 'x', [], {}, { path: 4 }]) {
    const parsed = parseRunRecord(
      JSON.stringify({ ...record, config: { ...record.config, model: odd, dataset: odd, reward: odd, tools: odd } }),
    );
    assert.ok(typeof parsed !== 'string', String(parsed));
    assert.deepEqual(
      trainedWith(parsed).map(([name]) => name),
      ['Trainer', 'Model', 'Dataset', 'Reward'],
    );
    assert.doesNotMatch(JSON.stringify(trainedWith(parsed)), /NaN|undefined|null|object/);
  }
});
