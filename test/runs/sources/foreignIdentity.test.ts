import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignIdentity } from '../../../src/runs/sources/foreignIdentity.ts';

const format = 'verl-console';

function named(source: string): readonly [name: string, group: string] {
  const { name, group } = foreignIdentity({ format, source }, {}, {});
  return [name, group];
}

describe('what a run of another program is', () => {
  it('is called by its file, or by its folder where every run has a file of that name', () => {
    assert.deepEqual(named('/logs/exp/grpo-s1.log'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/logs/exp/grpo-s1/trainer_state.json'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/logs/exp/grpo-s1/output.log'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/logs/exp/qwen2.5-7b'), ['qwen2.5-7b', 'exp']);
    assert.deepEqual(named('/logs/exp/tf2'), ['tf2', 'exp']);
    assert.deepEqual(named('/logs/exp/grpo-s1/tb'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/logs/exp/grpo-s1/logs/tensorboard'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/logs/exp/grpo-s1/tb_logs'), ['grpo-s1', 'exp']);
    assert.deepEqual(named('/train.log'), ['train', '']);
  });

  it('is what its files tell, and before that what somebody decided', () => {
    const facts = { name: 'n', estimator: 'grpo', seed: 1, group: 'g', plannedSteps: 300, maxGradNorm: 1 };
    const told = foreignIdentity({ format, source: '/a/b.log' }, facts, {});
    assert.deepEqual(
      [told.name, told.estimator, told.seed, told.group, told.plannedSteps, told.maxGradNorm],
      ['n', 'grpo', 1, 'g', 300, 1],
    );
    const decided = foreignIdentity({ format, source: '/a/b.log' }, facts, {}, { assigned: { estimator: 'opo', seed: 2, group: 'h' } });
    assert.deepEqual([decided.name, decided.estimator, decided.seed, decided.group], ['n', 'opo', 2, 'h']);
  });

  it('is compared by parameters that train, not by names, paths and seeds', () => {
    const parameters = {
      'actor.optim.lr': 1e-6,
      'trainer.experiment_name': 'a',
      'trainer.default_local_dir': '/ckpt/a',
      'data.seed': 1,
      'algorithm.adv_estimator': 'grpo',
    };
    const { config } = foreignIdentity({ format, source: '/a/b.log' }, { estimator: 'grpo', parameters }, {});
    assert.deepEqual(config, { 'actor.optim.lr': 1e-6 });
  });
});
