import type { ParameterValue } from '../../core/comparison/groups.ts';
import { isObject, setOwn } from '../../core/records/json.ts';
import type { RunFacts } from './format.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Levels of a config that are looked into, parameters in all, and characters of a text that is one. */
const limits = { levels: 20, parameters: 5000, text: 500 } as const;

/** The numbers, texts and truth values of a config by dotted path, what is too long cut off. `withLists`: a list counts as one text. */
export function flattened(
  config: unknown,
  path = '',
  into: Record<string, ParameterValue> = {},
  { withLists = false }: { readonly withLists?: boolean } = {},
): Parameters {
  let left = limits.parameters;
  const add = (value: unknown, at: string, levels: number): void => {
    if (isObject(value)) {
      if (levels > 0) for (const [key, entry] of Object.entries(value)) add(entry, at === '' ? key : `${at}.${key}`, levels - 1);
      return;
    }
    const parameter = withLists && Array.isArray(value) ? JSON.stringify(value).slice(0, limits.text) : parameterOf(value);
    if (parameter !== undefined && left-- > 0) setOwn(into, at, parameter);
  };
  add(config, path, limits.levels);
  return into;
}

function parameterOf(value: unknown): ParameterValue | undefined {
  if (typeof value === 'string') return value.slice(0, limits.text);
  if (value === null || typeof value === 'boolean') return value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Where the configs of verl, Hugging Face's trainer, OpenRLHF and others keep what we ask for, the surest first. */
const paths = {
  estimator: ['algorithm.adv_estimator', 'adv_estimator', 'advantage_estimator', 'algo.advantage.estimator', 'estimator'],
  seed: [
    'trainer.seed',
    'seed',
    'data.seed',
    'actor_rollout_ref.actor.data_loader_seed',
    'actor_rollout_ref.actor.fsdp_config.seed',
    'actor_rollout_ref.actor.megatron.seed',
    'actor_rollout_ref.rollout.seed',
    'engine.seed',
  ],
  plannedSteps: ['trainer.total_training_steps', 'max_steps', 'total_training_steps'],
  maxGradNorm: [
    'actor_rollout_ref.actor.optim.clip_grad',
    'actor_rollout_ref.actor.grad_clip',
    'optim.clip_grad',
    'max_grad_norm',
    'max_norm',
    'clip_grad',
  ],
} as const;

/** What a config says of its run, whoever's it is; with the config itself. */
export function parameterFacts(parameters: Parameters): RunFacts {
  const named = first(parameters, paths.estimator, (value) => typeof value === 'string' && value !== '') as string | undefined;
  const estimator = named === 'grpo' && parameters['algorithm.norm_adv_by_std_in_grpo'] === false ? 'dr_grpo' : named;
  const seed = first(parameters, paths.seed, (value) => Number.isSafeInteger(value)) as number | undefined;
  const plannedSteps = first(parameters, paths.plannedSteps, (value) => Number.isSafeInteger(value) && Number(value) > 0) as
    number | undefined;
  const maxGradNorm = first(parameters, paths.maxGradNorm, (value) => typeof value === 'number' && value > 0) as number | undefined;
  return {
    parameters,
    ...(estimator !== undefined && { estimator }),
    ...(seed !== undefined && { seed }),
    ...(plannedSteps !== undefined && { plannedSteps }),
    ...(maxGradNorm !== undefined && { maxGradNorm }),
  };
}

function first(parameters: Parameters, keys: readonly string[], isRight: (value: ParameterValue) => boolean): ParameterValue | undefined {
  const key = keys.find((one) => Object.hasOwn(parameters, one) && isRight(parameters[one] as ParameterValue));
  return key === undefined ? undefined : parameters[key];
}
