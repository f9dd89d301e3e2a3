import { parsePath } from '../config/findings.ts';
import type { ConfigFinding } from '../config/findings.ts';
import type { Config, ProgramRunConfig, RunConfig } from '../config/config.ts';
import { isProgram } from '../config/programConfig.ts';
import { builtinSections } from '../config/programFindings.ts';
import { isObject } from '../records/json.ts';

/** Values of a config by their paths, "optimizer.learningRate", as a branch is to have them. */
export type BranchChanges = ReadonlyMap<string, unknown>;

/** Why a branch keeps what its run has, by the first part of the path. */
const fixed: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  task: ['a branch goes on with the task that its run has learned', 'Start a run of its own for another task.'],
  policy: ['the weights in the checkpoint fit no other policy', 'Start a run of its own for another policy.'],
  warmStart: ['the warm start was over long before the branch begins', 'Leave it as it is, or start a run of its own.'],
  name: ['a branch belongs to the group of its run', 'Leave it out; to tell runs apart, give them labels.'],
  trainer: ['no other trainer can read the checkpoint', 'Leave it out.'],
  estimator: ['the estimator has an option of its own', 'Write --estimator NAME.'],
  estimators: ['the estimator has an option of its own', 'Write --estimator NAME.'],
  seed: ['the seed has an option of its own', 'Write --seed N.'],
  seeds: ['the seed has an option of its own', 'Write --seed N.'],
};

/** Keys that the configs of all trainers have, and that are no part of a program's command. */
const commonKeys = ['steps', 'onCollapse', 'collapseSensitivity'] as const satisfies readonly (keyof RunConfig & keyof ProgramRunConfig)[];

/** Sections of the built-in trainer's config that must be as they were. */
export const fixedSections = ['task', 'policy', 'warmStart'] as const satisfies readonly (keyof RunConfig)[];

/** What of it a branch may have otherwise than its run: all else. */
export const changeableSections: readonly (keyof RunConfig & keyof Config)[] = [
  ...commonKeys,
  ...builtinSections.filter((section) => !fixedSections.some((fixed) => fixed === section)),
];

/** What of the changes no branch of a run can have. */
export function changeFindings(config: RunConfig | ProgramRunConfig, changes: BranchChanges): readonly ConfigFinding[] {
  return [...changes.keys()].flatMap((key): ConfigFinding[] => {
    const path = parsePath(key);
    const problem = isProgram(config) ? fixedOfProgram(config, path) : fixedOfBuiltin(config, path);
    return problem === undefined ? [] : [{ path, message: problem[0], remedy: problem[1] }];
  });
}

/** What is wrong with a section of another config that a branch would have to have as its run has it. */
export function fixedFinding(section: keyof typeof fixed): ConfigFinding {
  const [message, remedy] = fixed[section] as readonly [string, string];
  return { path: [section], message, remedy };
}

function fixedOfBuiltin({ policy, rollout }: RunConfig, path: readonly (string | number)[]): readonly [string, string] | undefined {
  if (policy.kind === 'transformer' && path[0] === 'rollout' && path[1] === 'maxResponseTokens') return longerResponses(rollout);
  return fixed[String(path[0])];
}

/** A transformer has a row of its position embedding for each token that a sequence may have. */
function longerResponses({ maxResponseTokens }: RunConfig['rollout']): readonly [string, string] {
  return [
    `the transformer in the checkpoint was made for responses of ${maxResponseTokens} tokens`,
    'Leave it as it is, or start a run of its own.',
  ];
}

/** The same where a whole config stands beside the branch: a finding; undefined: the length is as it was, or the policy has none. */
export function lengthFinding(config: RunConfig, rollout: RunConfig['rollout']): ConfigFinding | undefined {
  if (config.policy.kind !== 'transformer' || rollout.maxResponseTokens === config.rollout.maxResponseTokens) return undefined;
  const [message, remedy] = longerResponses(config.rollout);
  return { path: ['rollout', 'maxResponseTokens'], message, remedy };
}

/** Keys of TRL's whose values its checkpoints have, and take up again whatever the config says. */
const keptByTrl: readonly unknown[] = ['learning_rate', 'lr_scheduler_type', 'warmup_steps', 'warmup_ratio'];

function fixedOfProgram(
  { trainer }: ProgramRunConfig,
  [first, second]: readonly (string | number)[],
): readonly [string, string] | undefined {
  const section = String(first);
  if (trainer === 'trl' && section === 'trl' && keptByTrl.includes(second))
    return [
      'TRL goes on with the learning rate and the schedule that are in the checkpoint',
      'Leave it as it is, or start a run of its own.',
    ];
  if (commonKeys.some((key) => key === section) || (trainer === 'trl' && section === 'trl')) return undefined;
  if (section === 'estimator' || section === 'estimators' || section === 'seed' || section === 'seeds') return fixed[section];
  const instead = trainer === 'trl' ? 'its keys of TRL can be changed, for example trl.max_grad_norm' : 'its command says how it trains';
  return [`a branch of this run keeps it: ${instead}`, 'Write a config with other values, and give it beside --branch.'];
}

/** A copy of a config with the changes in it; sections that are null, or missing, come into being. */
export function withChanges(config: object, changes: BranchChanges): Record<string, unknown> {
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const [key, value] of changes) {
    const path = parsePath(key).map(String);
    const last = path.pop();
    if (last === undefined) continue;
    let place = copy;
    for (const part of path) {
      const inner = Object.hasOwn(place, part) ? place[part] : undefined;
      place = isObject(inner) ? (inner as Record<string, unknown>) : putInto(place, part, {});
    }
    putInto(place, last, value);
  }
  return copy;
}

/** `__proto__` is a key like any other. */
function putInto<Value>(place: Record<string, unknown>, key: string, value: Value): Value {
  Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

/** The plain values in which a branch differs from its run, by their paths; null: the branch has none. For its event. */
export function changedValues(before: unknown, after: unknown): Readonly<Record<string, string | number | boolean | null>> {
  const changed: Record<string, string | number | boolean | null> = {};
  compare(before, after, '', changed);
  return changed;
}

function compare(before: unknown, after: unknown, path: string, into: Record<string, string | number | boolean | null>): void {
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[key], after[key], path === '' ? key : `${path}.${key}`, into);
    return;
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const isPlain = typeof after === 'string' || typeof after === 'number' || typeof after === 'boolean';
  putInto(into, path, isPlain ? after : after === null || after === undefined ? null : JSON.stringify(after));
}
