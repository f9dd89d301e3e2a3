import type { ParameterValue } from '../../core/comparison/groups.ts';
import { isObject, setOwn } from '../../core/records/json.ts';
import type { RunFacts } from './format.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Levels of a config that are looked into. */
const mostLevels = 16;
/** Characters of a text that is a parameter. */
const longestText = 500;

/** The numbers, texts and truth values of a config by dotted path. */
export function flattened(config: unknown, path = '', into: Record<string, ParameterValue> = {}, levels = mostLevels): Parameters {
  if (isObject(config)) {
    if (levels > 0)
      for (const [key, value] of Object.entries(config)) flattened(value, path === '' ? key : `${path}.${key}`, into, levels - 1);
  } else if (isParameter(config)) setOwn(into, path, config);
  return into;
}

function isParameter(value: unknown): value is ParameterValue {
  if (typeof value === 'string') return value.length <= longestText;
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** Where the configs of verl, Hugging Face's trainer, OpenRLHF and others keep what we ask for, the surest first. */
const paths = {
  estimator: ['algorithm.adv_estimator', 'adv_estimator', 'advantage_estimator', 'algo.advantage.estimator', 'estimator'],
  seed: ['trainer.seed', 'seed', 'data.seed', 'actor_rollout_ref.actor.data_loader_seed', 'actor_rollout_ref.rollout.seed'],
  plannedSteps: ['trainer.total_training_steps', 'max_steps', 'total_training_steps'],
  maxGradNorm: ['actor_rollout_ref.actor.optim.clip_grad', 'actor_rollout_ref.actor.grad_clip', 'max_grad_norm', 'max_norm', 'clip_grad'],
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
