import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrlRunConfig } from '../../../src/core/config/config.ts';
import { isProgram } from '../../../src/core/config/programConfig.ts';
import type { PlannedRun } from '../../../src/core/records/run.ts';
import { plannedIdentity } from '../../../src/core/records/runIdentity.ts';
import { parseRunRecord } from '../../../src/core/records/runRecord.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { trainingChanges } from '../../../src/runs/inline/trainingChanges.ts';
import { planRuns } from '../../../src/runs/planning/planRuns.ts';
import { exampleRecord } from '../exampleRun.ts';

const gsm8k = {
  name: 'gsm8k',
  trainer: 'trl',
  estimators: ['grpo', 'opo'],
  seeds: [1, 2],
  steps: 200,
  model: 'Qwen/Qwen2.5-0.5B-Instruct',
  dataset: 'openai/gsm8k',
  reward: 'number',
};
const ledger = { name: 'ledger', trainer: 'trl', estimators: ['grpo'], model: { kind: 'scratch' }, dataset: 'ledger' };

function load(config: Readonly<Record<string, unknown>>) {
  return parseConfig(JSON.stringify(config), 'example.otb.json');
}

function planned(config: Readonly<Record<string, unknown>>): readonly PlannedRun[] {
  return planRuns(load(config), { now: new Date(2026, 0, 2), cwd: '/nowhere', git: null });
}

function configOf(config: Readonly<Record<string, unknown>>): TrlRunConfig {
  const run = planned(config)[0]?.config;
  assert.ok(run && isProgram(run) && run.trainer === 'trl');
  return run;
}

describe('a run of trl', () => {
  it('is planned for each estimator and seed', () => {
    assert.deepEqual(
      planned(gsm8k).map(({ config }) => `${config.estimator} ${config.seed} ${config.steps}`),
      ['grpo 1 200', 'grpo 2 200', 'opo 1 200', 'opo 2 200'],
    );
  });

  it('takes as many steps as its epochs have, where somebody counts in those', () => {
    assert.equal(configOf({ ...gsm8k, steps: undefined }).steps, 600);
    assert.equal(configOf({ ...gsm8k, steps: undefined, trl: { num_train_epochs: 2 } }).steps, null);
  });

  it('starts our package, in a process for each GPU where it has several', () => {
    assert.deepEqual(configOf(gsm8k).command, ['${python}', '-m', 'otb_trl', '${runDir}']);
    const launcher = ['accelerate.commands.launch', '--num_processes', '2', '-m'];
    const two = configOf({ ...gsm8k, gpus: 'all', gpusPerRun: 2 });
    assert.deepEqual(two.command, ['${python}', '-m', ...launcher, 'otb_trl', '${runDir}']);
  });

  it('can be resumed, and tells its metrics in a file of its own', () => {
    const { resume, metrics } = configOf(gsm8k);
    assert.deepEqual(resume, ['--resume']);
    assert.deepEqual([metrics.from, metrics.path, metrics.format], ['files', '${runDir}/trainer.jsonl', 'verl-jsonl']);
  });

  it('says where its data come from with all that was left out', () => {
    const { dataset, reward, task, warmStart } = configOf(gsm8k);
    assert.deepEqual(dataset, { path: 'openai/gsm8k', name: null, split: 'train', prompt: 'prompt', answer: 'answer', system: null });
    assert.deepEqual([reward, task, warmStart], [['number'], null, null]);
  });

  it('of the ledger has its task, its reward and the warm start of the model', () => {
    const { dataset, reward, task, warmStart } = configOf({ ...ledger, task: { maxTurns: 9 } });
    assert.deepEqual([dataset, reward, task?.maxTurns, warmStart?.steps], ['ledger', ['ledger'], 9, 2500]);
    assert.equal(configOf({ ...ledger, model: 'Qwen/Qwen2.5-0.5B-Instruct' }).warmStart, null);
  });

  it('is in its record what it was in its plan', () => {
    const config = configOf({ ...gsm8k, trl: { learning_rate: 2e-6 }, tools: ['calculator'] });
    const record = parseRunRecord(JSON.stringify({ ...exampleRecord(), config }));
    assert.ok(typeof record !== 'string');
    assert.deepEqual(record.config, config);
  });

  it('can be looked at and resumed where somebody wrote nonsense into its record', () => {
    const broken = { trainer: 'trl', dataset: 7, reward: 'number', tools: {}, trl: 'fast', task: [] };
    const record = parseRunRecord(JSON.stringify({ ...exampleRecord(), config: broken }));
    assert.ok(typeof record !== 'string' && isProgram(record.config) && record.config.trainer === 'trl');
    assert.deepEqual([record.config.tools, record.config.trl, record.config.task], [[], {}, null]);
  });

  it('is told apart by how it trains', () => {
    const identityOf = (config: Readonly<Record<string, unknown>>) => plannedIdentity(planned(config)[0]!);
    const { config, maxGradNorm } = identityOf({ ...gsm8k, trl: { learning_rate: 2e-6 } });
    assert.deepEqual((config as TrlRunConfig).trl, { learning_rate: 2e-6 });
    assert.equal(maxGradNorm, 1);
    assert.equal(identityOf({ ...gsm8k, trl: { max_grad_norm: 0.2 } }).maxGradNorm, 0.2);
    assert.equal(identityOf({ ...gsm8k, trl: { max_grad_norm: 0 } }).maxGradNorm, null);
  });

  it('tells what its config would train differently now', () => {
    const run = configOf({ ...gsm8k, trl: { learning_rate: 2e-6 } });
    const changes = (more: Readonly<Record<string, unknown>>) => trainingChanges(run, load({ ...gsm8k, ...more }).config);
    assert.deepEqual(changes({ trl: { learning_rate: 2e-6 }, steps: 9, seeds: [5] }), []);
    assert.deepEqual(changes({ trl: { learning_rate: 1e-6 } }), [{ path: 'trl.learning_rate', was: 2e-6, is: 1e-6 }]);
  });
});
