/** What a metric is in a run, whatever its producer calls it. */
export type MetricRole = 'gradNorm' | 'score' | 'entropy' | 'kl' | 'responseLength' | 'clipRatio' | 'learningRate';

/** Which metric of a run plays which role, by the producer's name; left out: none is known to. */
export type MetricKeys = Readonly<Partial<Record<MetricRole, string>>>;

/**
 * Names under which programs log what we draw, the surest first. A name is a whole one, or a pattern over it. verl; TRL and Hugging
 * Face, with "train/" in TensorBoard and W&B; OpenRLHF; SkyRL; slime; prime-rl and NeMo-RL, by their trackers and as their consoles say;
 * SB3; RLlib; Lightning; and those of loops that people wrote themselves.
 */
const aliases: Readonly<Record<MetricRole, readonly (string | RegExp)[]>> = {
  gradNorm: [
    'actor/grad_norm',
    'grad_norm',
    'train/grad_norm',
    'actor_grad_norm',
    'train/actor_grad_norm',
    'policy/grad_norm',
    'policy/raw_grad_norm',
    'optim/grad_norm',
    'Grad. Norm',
    'gradient_norm',
    'grad_gnorm',
    /\/grad_gnorm$/,
    /\/gradients_.+_global_norm$/,
    /^grad_[0-9.]+_norm_total$/,
    /(?:^|\/)grad_?norm$/i,
  ],
  score: [
    'critic/score/mean',
    'critic/rewards/mean',
    // OpenRLHF's "reward" is a mean over batches of unlike sizes.
    'rollout/reward_mean',
    'train/rollout/reward_mean',
    'reward',
    'train/reward',
    'reward_mean',
    'train/reward_mean',
    'rollout/ep_rew_mean',
    'episode_reward_mean',
    'env_runners/episode_return_mean',
    'episode_return_mean',
    'reward/avg_raw_reward',
    'rollout/raw_reward',
    'reward/mean',
    'reward/all/mean',
    /^train\/agg\/(?:[^/]+\/)?effective\/(?:.+\/)?reward\/mean$/,
    'objective/scores',
    'mean_reward',
    'score',
    'Reward',
    'Avg Reward',
    'Avg Total Reward',
    'r',
    /^val-core\/.+\/acc\/mean@\d+$/,
    /^(?:train\/)?rewards\/.+\/mean$/,
    /^(?:eval\/)?eval_.+_pass1$/,
  ],
  entropy: [
    'actor/entropy',
    'entropy',
    'train/entropy',
    'policy/policy_entropy',
    'entropy/all/mean',
    'train/approx_entropy',
    'Entropy',
    'actor/entropy_loss',
    'entropy_loss',
    'train/entropy_loss',
    /(?:^|\/)entropy$/,
  ],
  kl: [
    'actor/ppo_kl',
    'actor/kl_loss',
    'actor/reward_kl_penalty',
    'kl',
    'train/kl',
    'train/approx_kl',
    'policy/policy_kl',
    'loss/avg_kl',
    'train/ppo_kl',
    'train/kl_loss',
    'train/kl_penalty',
    /(?:^|\/)(?:approx_)?kl$/,
    /\/mean_kl_loss$/,
    // Of prime-rl and NeMo-RL: between the engine that generates and the trainer.
    'mismatch_kl/all/mean',
    'Mismatch KL',
    'train/gen_kl_error',
    'Generation KL Error',
  ],
  responseLength: [
    'response_length/mean',
    'completions/mean_length',
    'train/completions/mean_length',
    'response_length',
    'train/response_length',
    'rollout/response_length_mean',
    'train/rollout/response_length_mean',
    'rollout/response_len/mean',
    'generate/avg_num_tokens',
    'train/mean_gen_tokens_per_sample',
    'Mean Generation Length',
    'rollout/ep_len_mean',
    'episode_len_mean',
    'env_runners/episode_len_mean',
    'completion_length',
    'train/completion_length',
    'l',
  ],
  clipRatio: [
    'response_length/clip_ratio',
    'completions/clipped_ratio',
    'train/completions/clipped_ratio',
    'rollout/truncated_rate',
    'train/rollout/truncated_rate',
    'rollout/truncated_ratio',
    'train/truncation_rate',
  ],
  learningRate: [
    'actor/lr',
    'learning_rate',
    'train/learning_rate',
    'lr',
    'actor_lr',
    'train/actor_lr',
    'policy/policy_lr',
    'train/lr-pg_0',
    'LR',
    /(?:^|\/)(?:learning_rate|(?:cur_)?lr)$/,
  ],
};

/** Which of these metrics plays which role. `chosen`: what somebody decided, which counts whether the metric is there yet or not. */
export function metricKeysAmong(keys: readonly string[], chosen: MetricKeys = {}): MetricKeys {
  const found: Partial<Record<MetricRole, string>> = {};
  for (const role of Object.keys(aliases) as MetricRole[]) {
    const key = chosen[role] ?? metricFor(role, keys);
    if (key !== undefined) found[role] = key;
  }
  return found;
}

/** Whether a metric may play a role under any of its names. */
export function mayBe(role: MetricRole, key: string): boolean {
  return aliases[role].some((alias) => (typeof alias === 'string' ? alias === key : alias.test(key)));
}

function metricFor(role: MetricRole, keys: readonly string[]): string | undefined {
  for (const alias of aliases[role]) {
    const key = typeof alias === 'string' ? (keys.includes(alias) ? alias : undefined) : keys.find((name) => alias.test(name));
    if (key !== undefined) return key;
  }
  return undefined;
}
