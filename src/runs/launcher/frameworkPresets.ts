import path from 'node:path';
import type { TrainingScript } from '../../core/config/trainingScript.ts';

/** What a config is for: the frameworks, any other command, and the same as a job of a Ray cluster. */
export const configKinds = ['verl', 'trl', 'command', 'ray'] as const;
export type ConfigKind = (typeof configKinds)[number];

export interface NewConfig {
  readonly kind: ConfigKind;
  readonly script: TrainingScript;
  /** GPUs of this machine. */
  readonly gpus: number;
}

/** A key of the config with what is said of it. */
interface Entry {
  readonly key: string;
  /** JSON, which may have lines and comments of its own. */
  readonly value: string;
  readonly comments?: readonly string[];
}

/** An argument of the command, with a remark behind it. */
type Argument = readonly [text: string, remark?: string];

/** How a script is started for each run, and what there is to say of it. */
interface Start {
  readonly program: readonly Argument[];
  readonly args: readonly Argument[];
  readonly env: Readonly<Record<string, string>>;
  readonly estimators: readonly string[];
  readonly resume: readonly string[] | null;
  readonly remarks: readonly string[];
}

/** Estimators of a group of responses, which the token baseline compares with as they are. */
const groupEstimators: ReadonlySet<string> = new Set(['grpo', 'rloo', 'opo', 'reinforce_plus_plus_baseline', 'gpg', 'dr_grpo']);

/** The name of a config for a script: "run_qwen3". */
export function configNameFor(file: string): string {
  const name = path.posix.basename(file).replace(/\.\w+$/, '');
  return name.replaceAll(/[^\w.-]+/g, '-').slice(0, 60) || 'run';
}

/** The text of a commented config that starts a script: JSON with comments, see `media/otb-config.schema.json`. */
export function newConfigText(config: NewConfig): string {
  const { kind, script, gpus } = config;
  const name = configNameFor(script.file);
  const start = startOf(config);
  const entries: readonly Entry[] = [
    { key: 'name', value: JSON.stringify(name) },
    { key: 'trainer', value: JSON.stringify(kind === 'ray' ? 'ray' : 'command') },
    ...(kind === 'ray' ? clusterEntries() : []),
    {
      key: 'command',
      value: argumentList([...start.program, ...start.args]),
      comments: [
        'Program and arguments; no shell reads them. ${estimator}, ${seed}, ${name} and ${runDir} are those of each run.',
        ...start.remarks,
      ],
    },
    ...(Object.keys(start.env).length > 0 ? [{ key: 'env', value: inline(start.env) }] : []),
    { key: 'estimators', value: inline(start.estimators), comments: ['One run for each estimator and seed.'] },
    { key: 'seeds', value: '[1]' },
    {
      key: 'metrics',
      value: '{ "from": "stdout" }',
      comments: [
        'Read from what the program prints. Gradient norm and score are known by their names; "gradNorm" and "score" name others.',
      ],
    },
    ...(kind === 'ray' ? [] : gpuEntries(script, gpus)),
    ...(start.resume === null
      ? []
      : [{ key: 'resume', value: inline(start.resume), comments: ['What is added to the command when a run is resumed.'] }]),
    { key: 'onCollapse', value: '"warn"', comments: ['"stop" ends a run when its gradient norm surges and its score falls.'] },
  ];
  const title = `// Runs ${script.file}${kind === 'ray' ? ' as jobs of a Ray cluster' : ''}. Start it with "OTB: Start OTB run", or otb run and this file.`;
  return `${title}\n{\n${entries.map(written).join(',\n')}\n}\n`;
}

function written({ key, value, comments = [] }: Entry): string {
  return [...comments.map((comment) => `  // ${comment}`), `  ${JSON.stringify(key)}: ${value}`].join('\n');
}

function argumentList(args: readonly Argument[]): string {
  const lines = args.map(([text, remark], index) => {
    const comma = index < args.length - 1 ? ',' : '';
    return `    ${JSON.stringify(text)}${comma}${remark === undefined ? '' : ` // ${remark}`}`;
  });
  return `[\n${lines.join('\n')}\n  ]`;
}

/** `["a", "b"]`, `{ "A": "b" }`. */
function inline(value: readonly string[] | Readonly<Record<string, string>>): string {
  if (Array.isArray(value)) return `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`;
  const pairs = Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${JSON.stringify(entry)}`);
  return `{ ${pairs.join(', ')} }`;
}

function startOf(config: NewConfig): Start {
  const { script, kind } = config;
  const program = programOf(config);
  if (script.framework === 'verl' && script.takesArguments) return { program, ...verlStart(script, kind) };
  if (script.framework === 'trl' && script.takesArguments) return { program, ...trlStart(script, kind) };
  return { program, ...ownStart(script, kind) };
}

function programOf({ script, kind }: NewConfig): readonly Argument[] {
  // A "${" of the path is no variable of ours.
  const file = script.file.replaceAll('${', () => '$${');
  if (script.isShell) return [['bash'], [file]];
  return kind === 'ray' ? [['python3', 'of the cluster'], [file]] : [['${python}', 'see OTB: Check environment'], [file]];
}

function verlStart({ estimators: [found = 'grpo'], usesFusedKernels }: TrainingScript, kind: ConfigKind): Omit<Start, 'program'> {
  const isGroup = groupEstimators.has(found);
  const run = '${name}-${estimator}-s${seed}';
  return {
    args: [
      ['algorithm.adv_estimator=${estimator}'],
      ['data.seed=${seed}'],
      ['actor_rollout_ref.actor.data_loader_seed=${seed}'],
      ...(isGroup ? [['actor_rollout_ref.actor.calculate_sum_pi_squared=True', 'needed by optimal_token_baseline'] as const] : []),
      ...(isGroup && usesFusedKernels ? [['actor_rollout_ref.model.use_fused_kernels=False', 'likewise'] as const] : []),
      [`trainer.experiment_name=${run}`],
      [kind === 'ray' ? `trainer.default_local_dir=checkpoints/${run}` : 'trainer.default_local_dir=${runDir}/verl', 'checkpoints'],
    ],
    env: {},
    estimators: isGroup ? [found, 'optimal_token_baseline'] : [found],
    resume: ['trainer.resume_mode=auto'],
    remarks: ['They follow those that the script gives itself, and count more.'],
  };
}

function trlStart({ estimators, isShell, findsCheckpoint }: TrainingScript, kind: ConfigKind): Omit<Start, 'program'> {
  const isRloo = estimators[0] === 'rloo';
  const found = estimators[0] ?? 'grpo';
  return {
    args: [
      ...(isRloo ? [] : flagged('loss_type', '${estimator}')),
      ...flagged('seed', '${seed}'),
      ...flagged('output_dir', kind === 'ray' ? 'output/${name}-${estimator}-s${seed}' : '${runDir}/trl'),
      ...flagged('logging_steps', '1'),
    ],
    env: {},
    estimators: isRloo ? ['rloo'] : found === 'dr_grpo' ? ['dr_grpo'] : [found, 'dr_grpo'],
    resume: findsCheckpoint ? [] : null,
    remarks: isShell
      ? ['They follow those that the script gives itself, and count more.']
      : ['Add the others that the script needs, for example "--model_name_or_path", or "--config" and its file.'],
  };
}

function flagged(name: string, value: string): readonly Argument[] {
  return [[`--${name}`], [value]];
}

/** Any other script: what it is known to take. */
function ownStart(script: TrainingScript, kind: ConfigKind): Omit<Start, 'program'> {
  const { options, variables, findsCheckpoint } = script;
  const option = (names: readonly string[], value: string): readonly Argument[] => {
    const name = names.find((known) => options.has(known));
    return name === undefined ? [] : flagged(name, value);
  };
  const estimator = option(
    ['estimator', 'adv_estimator', 'advantage_estimator', 'advantage-estimator', 'loss_type', 'algorithm', 'algo'],
    '${estimator}',
  );
  const seed = option(['seed', 'random_seed', 'random-seed'], '${seed}');
  const output = kind === 'ray' ? [] : option(['output_dir', 'output-dir', 'out', 'out_dir', 'log_dir'], '${runDir}/output');
  const env = {
    ...(variables.estimator !== undefined && { [variables.estimator]: '${estimator}' }),
    ...(variables.seed !== undefined && { [variables.seed]: '${seed}' }),
  };
  const missing = [
    ...(estimator.length === 0 && variables.estimator === undefined ? ['${estimator}'] : []),
    ...(seed.length === 0 && variables.seed === undefined ? ['${seed}'] : []),
  ];
  const found = script.estimators.length > 0 ? script.estimators : ['default'];
  return {
    args: [...estimator, ...seed, ...output],
    env,
    // Runs that the script does not tell apart would all be the same.
    estimators: estimator.length > 0 || variables.estimator !== undefined ? found : found.slice(0, 1),
    resume: findsCheckpoint ? [] : null,
    remarks: missing.length === 0 ? [] : [toHandOn(script, missing.join(' and '))],
  };
}

/** What to do so that a script's runs differ. */
function toHandOn({ file, isShell, framework, takesArguments }: TrainingScript, values: string): string {
  if (!isShell || takesArguments || framework === null)
    return `The script is told nothing of ${values} yet: hand them on as it takes them, as arguments here or in "env".`;
  const example = framework === 'verl' ? '"algorithm.adv_estimator=${estimator}"' : '"--loss_type", "${estimator}"';
  return `${path.posix.basename(file)} takes no arguments: end its last command with "$@", and add them here, for example ${example}.`;
}

/** GPUs that the runs share, where there are some; a machine that has none says how to. */
function gpuEntries({ gpus: wanted }: TrainingScript, gpus: number): readonly Entry[] {
  if (gpus === 0) return [];
  const each = Math.min(wanted ?? 1, gpus);
  return [
    { key: 'gpus', value: '"all"', comments: ['Each run waits until so many GPUs of this machine are free, and sees only these.'] },
    { key: 'gpusPerRun', value: String(each) },
  ];
}

function clusterEntries(): readonly Entry[] {
  return [
    {
      key: 'address',
      value: 'null',
      comments: ['URL of the dashboard, for example "http://127.0.0.1:8265"; null: RAY_API_SERVER_ADDRESS or RAY_ADDRESS.'],
    },
    { key: 'runtimeEnv', value: '{ "working_dir": "." }', comments: ['A folder that the cluster sees too, or the URL of a zip file.'] },
    {
      key: 'entrypointResources',
      value: '{ "cpus": 1 }',
      comments: ['What the command itself takes, without the workers that it starts: "gpus": 1 where it trains itself.'],
    },
  ];
}
