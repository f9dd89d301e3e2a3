import type { ParameterValue } from '../../../core/comparison/groups.ts';
import { isObject, setOwn } from '../../../core/records/json.ts';
import type { RunFacts } from '../format.ts';
import { BracketDepth, pythonLiteral } from '../pythonLiteral.ts';
import type { TerminalLine } from '../terminalText.ts';

/** Beyond these a printed dict is no config: verl's own has 800 lines. */
const limits = { characters: 1 << 20, lines: 20_000, processes: 8, parameters: 5000, text: 500 } as const;

interface Printed {
  readonly lines: string[];
  readonly brackets: BracketDepth;
  characters: number;
}

/**
 * Finds the config that verl prints at its start: `pprint` of a dict over hundreds of lines, between which other processes print theirs.
 */
export class VerlConfigReader {
  private readonly printed = new Map<string, Printed>();

  /** What the config says that this line completes; undefined: it completes none. */
  take({ text, process }: TerminalLine): RunFacts | undefined {
    let printed = this.printed.get(process);
    if (!printed) {
      if (!/^\{'\w+':/.test(text) || this.printed.size >= limits.processes) return undefined;
      this.printed.set(process, (printed = { lines: [], brackets: new BracketDepth(), characters: 0 }));
    } else if (!text.startsWith(' ')) {
      // Of somebody else, whose lines Ray does not mark: pprint indents all lines but the first.
      return undefined;
    }
    printed.lines.push(text);
    printed.characters += text.length;
    printed.brackets.take(text);
    const isOver = printed.characters > limits.characters || printed.lines.length > limits.lines;
    if (printed.brackets.depth > 0 && !isOver) return undefined;
    this.printed.delete(process);
    const config = isOver ? undefined : pythonLiteral(printed.lines.join('\n'));
    return isVerlConfig(config) ? factsOf(config) : undefined;
  }

  /** A record ends what was printed before it, whole or not. */
  clear(): void {
    this.printed.clear();
  }
}

function isVerlConfig(config: unknown): config is Readonly<Record<string, unknown>> {
  return isObject(config) && isObject(config['trainer']) && (isObject(config['data']) || isObject(config['actor_rollout_ref']));
}

function factsOf(config: Readonly<Record<string, unknown>>): RunFacts {
  const parameters: Record<string, ParameterValue> = {};
  flatten(config, '', parameters);
  const text = (path: string) => {
    const value = parameters[path];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const number = (...paths: readonly string[]) =>
    paths.map((path) => parameters[path]).find((value) => typeof value === 'number' && Number.isFinite(value)) as number | undefined;
  const estimator = text('algorithm.adv_estimator');
  const isDrGrpo = estimator === 'grpo' && parameters['algorithm.norm_adv_by_std_in_grpo'] === false;
  const steps = number('trainer.total_training_steps');
  return {
    ...optional('name', text('trainer.experiment_name')),
    ...optional('group', text('trainer.project_name')),
    ...optional('estimator', isDrGrpo ? 'dr_grpo' : estimator),
    ...optional('seed', number(...seeds)),
    ...optional('plannedSteps', steps !== undefined && steps > 0 ? steps : undefined),
    ...optional('maxGradNorm', number(...clippings)),
    parameters,
  };
}

/** Where a seed may be, the one of the whole run first; most have a default. */
const seeds = [
  'trainer.seed',
  'seed',
  'data.seed',
  'actor_rollout_ref.actor.data_loader_seed',
  'actor_rollout_ref.actor.fsdp_config.seed',
  'actor_rollout_ref.actor.megatron.seed',
  'actor_rollout_ref.rollout.seed',
  'engine.seed',
];
const clippings = ['actor_rollout_ref.actor.optim.clip_grad', 'actor_rollout_ref.actor.grad_clip', 'optim.clip_grad'];

function optional<K extends keyof RunFacts>(key: K, value: RunFacts[K] | undefined): Pick<RunFacts, K> | object {
  return value === undefined ? {} : { [key]: value };
}

function flatten(value: unknown, path: string, into: Record<string, ParameterValue>): void {
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, entry] of Object.entries(value)) flatten(entry, path === '' ? key : `${path}.${key}`, into);
    return;
  }
  if (Object.keys(into).length >= limits.parameters) return;
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null;
  const scalar = isScalar ? value : JSON.stringify(value);
  setOwn(into, path, typeof scalar === 'string' ? scalar.slice(0, limits.text) : scalar);
}
