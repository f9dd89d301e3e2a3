import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBe, metricKeysAmong } from '../../../src/core/records/metricRoles.ts';
import type { MetricKeys } from '../../../src/core/records/metricRoles.ts';

/** What programs log, with what is alike beside it, and which of it is what. */
const programs: readonly (readonly [string, readonly string[], MetricKeys])[] = [
  [
    'verl',
    [
      'critic/grad_norm',
      'actor/entropy_loss',
      'actor/grad_norm',
      'actor/lr',
      'actor/entropy',
      'actor/kl_loss',
      'actor/ppo_kl',
      'critic/rewards/mean',
      'critic/score/mean',
      'response_length/clip_ratio',
      'response_length/mean',
      'prompt_length/mean',
      'val-core/gsm8k/acc/mean@1',
    ],
    {
      gradNorm: 'actor/grad_norm',
      score: 'critic/score/mean',
      entropy: 'actor/entropy',
      kl: 'actor/ppo_kl',
      responseLength: 'response_length/mean',
      clipRatio: 'response_length/clip_ratio',
      learningRate: 'actor/lr',
    },
  ],
  [
    'verl, at a step that is validation only',
    ['val-core/gsm8k/acc/mean@1', 'val-aux/gsm8k/reward/mean@1'],
    { score: 'val-core/gsm8k/acc/mean@1' },
  ],
  [
    'TRL',
    [
      'rewards/digits/mean',
      'completions/mean_terminated_length',
      'completions/mean_length',
      'completions/clipped_ratio',
      'clip_ratio/region_mean',
      'reward_std',
      'reward',
      'entropy',
      'kl',
      'learning_rate',
      'grad_norm',
    ],
    {
      gradNorm: 'grad_norm',
      score: 'reward',
      entropy: 'entropy',
      kl: 'kl',
      responseLength: 'completions/mean_length',
      clipRatio: 'completions/clipped_ratio',
      learningRate: 'learning_rate',
    },
  ],
  [
    'TRL, in TensorBoard and W&B',
    [
      'train/rewards/digits/mean',
      'train/reward',
      'train/entropy',
      'train/kl',
      'train/completions/mean_length',
      'train/completions/clipped_ratio',
      'train/grad_norm',
      'train/learning_rate',
      'eval/reward',
    ],
    {
      gradNorm: 'train/grad_norm',
      score: 'train/reward',
      entropy: 'train/entropy',
      kl: 'train/kl',
      responseLength: 'train/completions/mean_length',
      clipRatio: 'train/completions/clipped_ratio',
      learningRate: 'train/learning_rate',
    },
  ],
  [
    'OpenRLHF',
    [
      'critic_lr',
      'critic_grad_norm',
      'entropy_loss',
      'reward',
      'kl',
      'response_length',
      'total_length',
      'actor_lr',
      'actor_grad_norm',
      'rollout/reward_mean',
      'rollout/response_length_mean',
      'rollout/truncated_rate',
    ],
    {
      gradNorm: 'actor_grad_norm',
      score: 'rollout/reward_mean',
      entropy: 'entropy_loss',
      kl: 'kl',
      responseLength: 'response_length',
      clipRatio: 'rollout/truncated_rate',
      learningRate: 'actor_lr',
    },
  ],
  [
    'OpenRLHF, in TensorBoard',
    [
      'train/critic_grad_norm',
      'train/reward',
      'train/rollout/reward_mean',
      'train/entropy_loss',
      'train/kl',
      'train/response_length',
      'train/rollout/truncated_rate',
      'train/actor_lr',
      'train/actor_grad_norm',
      'eval/eval_aime25_pass1',
    ],
    {
      gradNorm: 'train/actor_grad_norm',
      score: 'train/rollout/reward_mean',
      entropy: 'train/entropy_loss',
      kl: 'train/kl',
      responseLength: 'train/response_length',
      clipRatio: 'train/rollout/truncated_rate',
      learningRate: 'train/actor_lr',
    },
  ],
  [
    'SB3, which logs no gradient norm',
    ['rollout/ep_len_mean', 'rollout/ep_rew_mean', 'train/approx_kl', 'train/clip_fraction', 'train/entropy_loss', 'train/learning_rate'],
    {
      score: 'rollout/ep_rew_mean',
      entropy: 'train/entropy_loss',
      kl: 'train/approx_kl',
      responseLength: 'rollout/ep_len_mean',
      learningRate: 'train/learning_rate',
    },
  ],
  ["SB3's monitor", ['r', 'l', 't'], { score: 'r', responseLength: 'l' }],
  [
    'RLlib',
    [
      'episode_reward_mean',
      'episode_len_mean',
      'info/learner/default_policy/learner_stats/grad_gnorm',
      'info/learner/default_policy/learner_stats/entropy',
      'info/learner/default_policy/learner_stats/kl',
      'info/learner/default_policy/learner_stats/cur_lr',
    ],
    {
      gradNorm: 'info/learner/default_policy/learner_stats/grad_gnorm',
      score: 'episode_reward_mean',
      entropy: 'info/learner/default_policy/learner_stats/entropy',
      kl: 'info/learner/default_policy/learner_stats/kl',
      responseLength: 'episode_len_mean',
      learningRate: 'info/learner/default_policy/learner_stats/cur_lr',
    },
  ],
  [
    "RLlib's newer API",
    ['env_runners/episode_return_mean', 'env_runners/episode_len_mean', 'learners/default_policy/entropy'],
    {
      score: 'env_runners/episode_return_mean',
      entropy: 'learners/default_policy/entropy',
      responseLength: 'env_runners/episode_len_mean',
    },
  ],
  ['Lightning', ['grad_2.0_norm/weight', 'grad_2.0_norm_total', 'lr'], { gradNorm: 'grad_2.0_norm_total', learningRate: 'lr' }],
  [
    'SkyRL',
    [
      'generate/avg_num_tokens',
      'reward/avg_pass_at_8',
      'reward/avg_raw_reward',
      'policy/policy_entropy',
      'policy/policy_kl',
      'policy/policy_lr',
      'policy/grad_norm',
      'critic/grad_norm',
    ],
    {
      gradNorm: 'policy/grad_norm',
      score: 'reward/avg_raw_reward',
      entropy: 'policy/policy_entropy',
      kl: 'policy/policy_kl',
      responseLength: 'generate/avg_num_tokens',
      learningRate: 'policy/policy_lr',
    },
  ],
  [
    'slime',
    [
      'rollout/response_len/mean',
      'rollout/truncated_ratio',
      'rollout/rewards',
      'rollout/raw_reward',
      'train/entropy_loss',
      'train/ppo_kl',
      'train/grad_norm',
      'train/lr-pg_0',
      'train/lr-pg_1',
    ],
    {
      gradNorm: 'train/grad_norm',
      score: 'rollout/raw_reward',
      entropy: 'train/entropy_loss',
      kl: 'train/ppo_kl',
      responseLength: 'rollout/response_len/mean',
      clipRatio: 'rollout/truncated_ratio',
      learningRate: 'train/lr-pg_0',
    },
  ],
  [
    'prime-rl',
    ['optim/lr', 'optim/grad_norm', 'entropy/all/mean', 'mismatch_kl/all/mean', 'reward/all/mean'],
    {
      gradNorm: 'optim/grad_norm',
      score: 'reward/all/mean',
      entropy: 'entropy/all/mean',
      kl: 'mismatch_kl/all/mean',
      learningRate: 'optim/lr',
    },
  ],
  [
    'prime-rl, by environment and agent',
    ['train/agg/all/solver/reward/mean', 'train/agg/effective/solver/reward/mean', 'train/agg/effective/solver/reward/max'],
    { score: 'train/agg/effective/solver/reward/mean' },
  ],
  [
    'NeMo-RL',
    ['train/reward', 'train/grad_norm', 'train/approx_entropy', 'train/kl_penalty', 'train/mean_gen_tokens_per_sample', 'train/lr'],
    {
      gradNorm: 'train/grad_norm',
      score: 'train/reward',
      entropy: 'train/approx_entropy',
      kl: 'train/kl_penalty',
      responseLength: 'train/mean_gen_tokens_per_sample',
      learningRate: 'train/lr',
    },
  ],
];

for (const [program, keys, roles] of programs)
  test(`the metrics of ${program} have the roles that its source gives them, in whatever order they come`, () => {
    assert.deepEqual(metricKeysAmong(keys), roles);
    assert.deepEqual(metricKeysAmong(keys.toReversed()), roles);
    for (const [role, key] of Object.entries(roles)) assert.ok(mayBe(role as keyof MetricKeys, key));
  });

test('what somebody chose counts, whether it is there yet or not', () => {
  assert.deepEqual(metricKeysAmong(['reward', 'accuracy'], { score: 'accuracy', gradNorm: 'norm' }), {
    score: 'accuracy',
    gradNorm: 'norm',
  });
});

test('metrics that are only alike play no role', () => {
  assert.deepEqual(metricKeysAmong(['reward_std', 'kl_coef', 'perf/grad_norm_time', 'loss', 'prompt_length/mean']), {});
});
