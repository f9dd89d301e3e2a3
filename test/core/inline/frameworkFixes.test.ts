import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimatorSettings } from '../../../src/core/inline/estimatorSettings.ts';
import { clipFixes, estimatorFixes } from '../../../src/core/inline/frameworkFixes.ts';
import type { ScriptFix } from '../../../src/core/inline/frameworkFixes.ts';
import type { ScriptSyntax } from '../../../src/core/inline/scriptText.ts';
import { edited } from '../../../src/core/inline/textEdit.ts';

function fixesOf(text: string, syntax: ScriptSyntax, limit: number): readonly ScriptFix[] {
  const program = { text, syntax };
  return estimatorSettings(text, syntax).flatMap((setting) => [...estimatorFixes(program, setting), ...clipFixes(program, setting, limit)]);
}

function withEstimator(text: string, syntax: ScriptSyntax): string | undefined {
  const fix = fixesOf(text, syntax, 0).find(({ title }) => title.startsWith('Use '));
  return fix && edited(text, fix.edits);
}

function withClip(text: string, syntax: ScriptSyntax, limit = 0.5): string | undefined {
  const fix = fixesOf(text, syntax, limit).find(({ title }) => title.startsWith('Clip'));
  return fix && edited(text, fix.edits);
}

const clipVerl = 'actor_rollout_ref.actor.optim.clip_grad';

describe('fixes of verl', () => {
  it('set the token baseline, and the sums that it needs, on a line of their own', () => {
    const script = 'python3 -m verl.trainer.main_ppo \\\n    algorithm.adv_estimator=grpo \\\n    trainer.nnodes=1 $@\n';
    assert.equal(
      withEstimator(script, 'shell'),
      'python3 -m verl.trainer.main_ppo \\\n    algorithm.adv_estimator=optimal_token_baseline \\\n    actor_rollout_ref.actor.calculate_sum_pi_squared=True \\\n    trainer.nnodes=1 $@\n',
    );
  });

  it('set the sums where they are named already, and turn fused kernels off, which do not have them', () => {
    const script =
      'main_ppo algorithm.adv_estimator=grpo actor_rollout_ref.model.use_fused_kernels=True actor_rollout_ref.actor.calculate_sum_pi_squared=False';
    assert.equal(
      withEstimator(script, 'shell'),
      'main_ppo algorithm.adv_estimator=optimal_token_baseline actor_rollout_ref.model.use_fused_kernels=False actor_rollout_ref.actor.calculate_sum_pi_squared=True',
    );
  });

  it('change the variable where it is assigned, and add the rest where it is used', () => {
    assert.equal(
      withEstimator('adv=gae\nmain_ppo \\\n  x=1 \\\n  algorithm.adv_estimator=$adv\n', 'shell'),
      'adv=optimal_token_baseline\nmain_ppo \\\n  x=1 \\\n  algorithm.adv_estimator=$adv \\\n  actor_rollout_ref.actor.calculate_sum_pi_squared=True\n',
    );
  });

  it('keep quotes whole', () => {
    assert.equal(
      withEstimator("main_ppo 'algorithm.adv_estimator=rloo' x=1", 'shell'),
      "main_ppo 'algorithm.adv_estimator=optimal_token_baseline' actor_rollout_ref.actor.calculate_sum_pi_squared=True x=1",
    );
    assert.equal(
      withEstimator('["algorithm.adv_estimator=rloo", "x=1"]', 'python'),
      '["algorithm.adv_estimator=optimal_token_baseline", "actor_rollout_ref.actor.calculate_sum_pi_squared=True", "x=1"]',
    );
  });

  it('find the sections of a YAML file, and add those that it lacks', () => {
    assert.equal(
      withEstimator('algorithm:\n  adv_estimator: grpo # group\nactor_rollout_ref:\n    actor:\n        ppo_epochs: 1\n', 'yaml'),
      'algorithm:\n  adv_estimator: optimal_token_baseline # group\nactor_rollout_ref:\n    actor:\n        calculate_sum_pi_squared: true\n        ppo_epochs: 1\n',
    );
    assert.equal(
      withEstimator('algorithm:\n  adv_estimator: grpo', 'yaml'),
      'algorithm:\n  adv_estimator: optimal_token_baseline\nactor_rollout_ref:\n  actor:\n    calculate_sum_pi_squared: true\n',
    );
  });

  it('clip where the newer and the older workers read it, and with Megatron at the one place', () => {
    assert.equal(
      withClip('main_ppo \\\n algorithm.adv_estimator=grpo \\\n x=1', 'shell'),
      `main_ppo \\\n algorithm.adv_estimator=grpo \\\n ${clipVerl}=0.5 \\\n actor_rollout_ref.actor.grad_clip=0.5 \\\n x=1`,
    );
    assert.equal(
      withClip("main_ppo --config-name='ppo_megatron_trainer' algorithm.adv_estimator=grpo", 'shell'),
      `main_ppo --config-name='ppo_megatron_trainer' algorithm.adv_estimator=grpo ${clipVerl}=0.5`,
    );
  });

  it('clip no higher than now', () => {
    const low = `main_ppo algorithm.adv_estimator=grpo ${clipVerl}=0.2 actor_rollout_ref.actor.grad_clip=0.2`;
    assert.equal(withClip(low, 'shell'), undefined);
    assert.equal(withClip('main_ppo algorithm.adv_estimator=grpo', 'shell', 1.5), undefined);
    assert.equal(withClip(low.replaceAll('0.2', '2'), 'shell'), low.replaceAll('0.2', '0.5'));
  });

  it('leave a token baseline alone, and a script that is given its estimator', () => {
    assert.equal(withEstimator('main_ppo algorithm.adv_estimator=optimal_token_baseline', 'shell'), undefined);
    assert.equal(withEstimator('main_ppo algorithm.adv_estimator=$1', 'shell'), undefined);
  });

  it('offer nothing that nobody can write where it belongs', () => {
    assert.deepEqual(fixesOf('TrlParser((ScriptArguments, GRPOConfig))', 'python', 0.5), []);
    assert.deepEqual(fixesOf('config.algorithm.adv_estimator = "grpo"\n', 'python', 0.5), []);
  });
});

describe('fixes of TRL', () => {
  it('name a loss that TRL has', () => {
    assert.equal(withEstimator('GRPOConfig(loss_type="grpo")', 'python'), 'GRPOConfig(loss_type="dr_grpo")');
    assert.equal(withEstimator('train.py --loss_type bnpo', 'shell'), 'train.py --loss_type dr_grpo');
    assert.equal(withEstimator('GRPOConfig(loss_type="dr_grpo")', 'python'), undefined);
  });

  it('clip by the argument of the config, by the flag, or in the YAML file', () => {
    assert.equal(
      withClip('GRPOConfig(\n    loss_type="dr_grpo",\n    beta=0,\n)', 'python'),
      'GRPOConfig(\n    loss_type="dr_grpo",\n    max_grad_norm=0.5,\n    beta=0,\n)',
    );
    assert.equal(withClip('RLOOConfig(beta=0)', 'python'), 'RLOOConfig(max_grad_norm=0.5, beta=0)');
    assert.equal(withClip('RLOOConfig()', 'python'), 'RLOOConfig(max_grad_norm=0.5)');
    assert.equal(withClip('RLOOConfig(\n    beta=0,\n)', 'python'), 'RLOOConfig(\n    max_grad_norm=0.5,\n    beta=0,\n)');
    assert.equal(withClip('GRPOConfig(max_grad_norm=1.0, loss_type="dapo")', 'python'), 'GRPOConfig(max_grad_norm=0.5, loss_type="dapo")');
    assert.equal(withClip('trl grpo --loss_type dapo --seed 1', 'shell'), 'trl grpo --loss_type dapo --max_grad_norm 0.5 --seed 1');
    assert.equal(withClip('["--loss_type", "dapo"]', 'python'), '["--loss_type", "dapo", "--max_grad_norm", "0.5"]');
    assert.equal(withClip('loss_type: dapo\nmax_grad_norm: 1.0\n', 'yaml'), 'loss_type: dapo\nmax_grad_norm: 0.5\n');
  });
});

describe('fixes of other frameworks', () => {
  it('clip by the flag that each of them has', () => {
    assert.equal(
      withClip('ARGS=(\n   --advantage-estimator grpo\n   --kl 0\n)', 'shell'),
      'ARGS=(\n   --advantage-estimator grpo\n   --clip-grad 0.5\n   --kl 0\n)',
    );
    assert.equal(withClip('t --algo.advantage.estimator rloo', 'shell'), 't --algo.advantage.estimator rloo --actor.max_norm 0.5');
    assert.equal(withClip('t --advantage_estimator rloo', 'shell'), 't --advantage_estimator rloo --max_norm 0.5');
    assert.equal(
      withClip('trainer.algorithm.advantage_estimator="grpo" \\\nx=1', 'shell'),
      'trainer.algorithm.advantage_estimator="grpo" \\\ntrainer.policy.optimizer_config.max_grad_norm=0.5 \\\nx=1',
    );
  });
});
