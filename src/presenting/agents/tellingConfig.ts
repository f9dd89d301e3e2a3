import { configLeaves } from '../../core/comparison/groups.ts';
import type { ParameterValue } from '../../core/comparison/groups.ts';
import { exactText } from '../../core/notation.ts';
import { plainLine } from './untrustedText.ts';

const longestKey = 60;
const longestValue = 60;
const mostEntries = 14;

/**
 * By the last part of its path, what a value has to do with how a run goes, the most telling first: the built-in trainer's names, and
 * those of verl, TRL, OpenRLHF and the others for the same things.
 */
const telling: readonly RegExp[] = [
  /^(?:learning_?rate|(?:actor_)?lr|actor_learning_rate)$/i,
  /^(?:max_?grad_?norm|grad_clip|clip_grad(?:_norm)?|max_norm)$/i,
  /^(?:model|model_name|model_name_or_path|pretrain|model_path)$/i,
  /^(?:group_?size|num_generations|n_samples_per_prompt|rollout_n|n|num_samples)$/i,
  /^(?:prompts_?per_?step|train_batch_size|rollout_batch_size|per_device_train_batch_size|batch_size)$/i,
  /^(?:max_?response_?(?:tokens|length)|max_completion_length|generate_max_len|max_new_tokens)$/i,
  /^(?:temperature)$/i,
  /^(?:beta|kl_loss_coef|init_kl_coef|kl_coef|use_kl_loss)$/i,
  /^(?:entropy_coeff?|ent_coef)$/i,
  /^(?:clip_ratio(?:_low|_high)?|cliprange|epsilon(?:_high)?|eps_clip(?:_low_high)?)$/i,
  /^(?:aggregation|loss_agg_mode|loss_type)$/i,
  /^(?:warmup_?steps|lr_warmup_steps)$/i,
  /^(?:max_?turns|max_assistant_turns)$/i,
  /^(?:kind|width|task)$/i,
  /^(?:dataset|dataset_name|prompt_data|train_files)$/i,
  /^(?:on_?collapse)$/i,
];

/** What is called so of the built-in trainer and is something else: how the policy is warmed up, and Adam's epsilon. */
const other = /^(?:warmStart\..*|optimizer\.epsilon)$/;

/** Of a run's config what tells most about how it goes, the most telling first: by path, as clean texts and numbers. */
export function tellingConfig(config: unknown): readonly (readonly [path: string, value: ParameterValue])[] {
  const ranked: { readonly rank: number; readonly path: string; readonly value: ParameterValue }[] = [];
  for (const [path, value] of configLeaves(config)) {
    if (other.test(path)) continue;
    const last = path.slice(path.lastIndexOf('.') + 1).slice(path.lastIndexOf('/') + 1);
    const parent = path.split('.').at(-2) ?? '';
    const rank = telling.findIndex((pattern) => pattern.test(last) || (last === 'name' && pattern.test(parent)));
    if (rank >= 0) ranked.push({ rank, path, value });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank || a.path.length - b.path.length)
    .slice(0, mostEntries)
    .map(({ path, value }) => [plainLine(path, longestKey), plainValue(value)]);
}

/** A value from outside, as JSON can have it. */
export function plainValue(value: ParameterValue): ParameterValue {
  if (typeof value === 'string') return plainLine(value, longestValue);
  return typeof value === 'number' && !Number.isFinite(value) ? exactText(value) : value;
}
