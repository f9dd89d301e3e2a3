import type { EstimatorName } from '../estimators/estimator.ts';
import { taskSizes } from '../memory/taskSizes.ts';
import { environmentNames, isSecret, templateProblems } from './commandTemplate.ts';
import type { Config, ProgramConfig } from './config.ts';
import type { ConfigFinding } from './findings.ts';
import { engineSizeFindings } from './memoryFindings.ts';

/** Estimators that make sense for a single response; all others compare the responses to one prompt. */
const groupless: readonly string[] = ['reinforce', 'reinforce_plus_plus'] satisfies readonly EstimatorName[];

/** Most runs of a config. More is taken for a mistake: every run is a process, a folder and a row in the runs view. */
export const mostRuns = 1000;

/** Sections that only the built-in trainer reads. */
const builtinSections = ['task', 'policy', 'warmStart', 'rollout', 'optimizer', 'loss', 'checkpoint', 'trajectories', 'earlyStop'] as const;

/** Keys that only programs started by command read. */
const programKeys = [
  'command',
  'metrics',
  'cwd',
  'env',
  'envFile',
  'resume',
  'stop',
  'output',
  'gpus',
  'gpusPerRun',
  'gpuMetrics',
  'address',
  'runtimeEnv',
  'metadata',
  'entrypointResources',
  'headers',
] as const satisfies readonly (keyof ProgramConfig | 'command' | 'metrics')[];
/** Of these, those that only runs on a Ray cluster read, and those that only programs on this machine do. */
const rayKeys = ['address', 'runtimeEnv', 'metadata', 'entrypointResources', 'headers'] as const;
const localKeys = ['cwd', 'gpus', 'gpusPerRun', 'gpuMetrics'] as const;

/**
 * What a schema cannot say: keys that only make sense together, or not together.
 * `written` are the top-level keys that the file has itself; all others were filled in. `engine`: what the maths is to run on, as
 * `--engine` names it.
 */
export function constraintFindings(config: Config, written: ReadonlySet<string>, engine: string): readonly ConfigFinding[] {
  const findings =
    config.trainer === 'builtin'
      ? [...builtinFindings(config, written), ...engineSizeFindings(config, { engine, threads: 1 })]
      : programFindings(config, config.trainer, written);
  return [...runCountFindings(config), ...findings];
}

function runCountFindings({ estimators, seeds }: Config): readonly ConfigFinding[] {
  const runs = estimators.length * seeds.length;
  if (runs <= mostRuns) return [];
  const longer = seeds.length >= estimators.length ? 'seeds' : 'estimators';
  const other = longer === 'seeds' ? estimators : seeds;
  return [
    {
      path: [longer],
      message: `${estimators.length} estimators × ${seeds.length} seeds are ${runs} runs; a config starts at most ${mostRuns}`,
      remedy: `Keep at most ${Math.floor(mostRuns / other.length)} ${longer}, or write several configs.`,
    },
  ];
}

/** What this version cannot do, though the format has it: configs that name it can be read, and not be started. */
export function unavailableFindings({ onCollapse }: Pick<Config, 'onCollapse'>): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  if (onCollapse === 'branch') {
    findings.push({
      path: ['onCollapse'],
      message: '"branch" is not available in this version',
      remedy: 'Write "stop" to end a run that collapses, or "warn" to let it go on.',
    });
  }
  return findings;
}

function builtinFindings(config: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const { estimators, task, policy, rollout, checkpoint } = config;
  for (const key of programKeys) {
    if (!written.has(key) || config[key] === null) continue;
    findings.push({
      path: [key],
      message: 'the built-in trainer runs no command, and does not read this',
      remedy: `Remove "${key}", or write "trainer": "command".`,
    });
  }
  if (rollout.groupSize === 1) {
    const needGroups = estimators.filter((name) => !groupless.includes(name));
    if (needGroups.length > 0) {
      findings.push({
        path: ['rollout', 'groupSize'],
        message: `${needGroups.join(', ')} ${needGroups.length === 1 ? 'compares' : 'compare'} the responses to one prompt, but a group has only 1`,
        remedy: `Write 2 or more, for example 8, or use only ${groupless.join(' and ')}.`,
      });
    }
  }
  const turn = taskSizes[task.name].minResponseTokens;
  if (rollout.maxResponseTokens < turn) {
    findings.push({
      path: ['rollout', 'maxResponseTokens'],
      message: `one turn of the task ${task.name} takes ${turn} tokens, but a response may have only ${rollout.maxResponseTokens}`,
      remedy: `Write ${turn} or more, for example 800.`,
    });
  }
  const [least, most] = task.operations;
  if (least > most) {
    findings.push({
      path: ['task', 'operations'],
      message: `the least number of operations, ${least}, is above the most, ${most}`,
      remedy: `Write [${most}, ${least}].`,
    });
  }
  if (policy.kind === 'transformer' && policy.width % (4 * policy.heads) !== 0) {
    const unit = 4 * policy.heads;
    findings.push({
      path: ['policy', 'width'],
      message: `expected a multiple of 4 × heads = ${unit}, found ${policy.width}`,
      remedy: `Write for example ${Math.max(1, Math.round(policy.width / unit)) * unit}.`,
    });
  }
  if (config.onCollapse === 'branch' && checkpoint.every === null) {
    findings.push({
      path: ['onCollapse'],
      message: 'a branch starts from a checkpoint, but checkpoint.every is null',
      remedy: 'Write "stop" or "warn".',
    });
  }
  return findings;
}

function programFindings(config: Config, trainer: 'command' | 'ray', written: ReadonlySet<string>): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  if (!written.has('estimators')) {
    findings.push({
      path: ['estimators'],
      message: 'missing',
      remedy: 'Add it with the names that the program knows, for example "estimators": ["grpo"].',
    });
  }
  for (const section of builtinSections) {
    if (!written.has(section)) continue;
    findings.push({
      path: [section],
      message: `only the built-in trainer reads this, but "trainer" is "${trainer}"`,
      remedy: 'Remove it, and pass what it says as arguments in "command".',
    });
  }
  for (const key of trainer === 'ray' ? localKeys : rayKeys) {
    if (!written.has(key)) continue;
    findings.push({
      path: [key],
      message: trainer === 'ray' ? 'a job of a Ray cluster runs where the cluster says' : 'only runs on a Ray cluster read this',
      remedy:
        trainer === 'ray'
          ? `Remove "${key}"${insteadOf[key as keyof typeof insteadOf] ?? ''}.`
          : `Remove "${key}", or write "trainer": "ray".`,
    });
  }
  findings.push(...variableFindings(config));
  const { gpus, gpusPerRun } = config;
  if (Array.isArray(gpus) && gpusPerRun > gpus.length) {
    findings.push({
      path: ['gpusPerRun'],
      message: `each run takes ${gpusPerRun} GPUs, but "gpus" names only ${gpus.length}`,
      remedy: `Write ${gpus.length} or fewer, or name more GPUs.`,
    });
  }
  if (gpus === null && written.has('gpusPerRun')) {
    findings.push({ path: ['gpusPerRun'], message: 'there are no GPUs to take', remedy: 'Add "gpus": "all", or remove it.' });
  }
  const { metrics } = config;
  if (metrics?.from === 'files' && metrics.path === null) {
    findings.push({ path: ['metrics'], message: 'metrics from files need a path', remedy: 'Add "path", for example "tb_logs/${name}".' });
  }
  if (metrics?.from === 'stdout' && metrics.path !== null) {
    findings.push({
      path: ['metrics', 'path'],
      message: 'metrics from standard output have no path',
      remedy: 'Set "from" to "files", or remove "path".',
    });
  }
  return findings;
}

/** What to write instead of keys that a job of a Ray cluster does not read. */
const insteadOf = {
  cwd: ', and set "working_dir" in "runtimeEnv"',
  gpus: ', and set "gpus" in "entrypointResources"',
  gpusPerRun: ', and set "gpus" in "entrypointResources"',
} as const;

function variableFindings({ command, env, resume, metrics, headers }: Config): readonly ConfigFinding[] {
  const texts: readonly { readonly path: ConfigFinding['path']; readonly text: string; readonly isArgument?: boolean }[] = [
    ...(command ?? []).map((text, index) => ({ path: ['command', index], text, isArgument: true })),
    ...(resume ?? []).map((text, index) => ({ path: ['resume', index], text })),
    ...Object.entries(env).map(([name, text]) => ({ path: ['env', name], text })),
    ...Object.entries(headers).map(([name, text]) => ({ path: ['headers', name], text })),
    ...(typeof metrics?.path === 'string' ? [{ path: ['metrics', 'path'], text: metrics.path }] : []),
  ];
  const secrets = [
    ...Object.entries(env).map(([name, text]) => ({ path: ['env', name], name, text })),
    ...(command ?? []).flatMap((argument, index) => {
      const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(argument) ?? [];
      return name === undefined || text === undefined ? [] : [{ path: ['command', index], name, text }];
    }),
  ].filter(({ name, text }) => isSecret(name) && text !== '' && environmentNames(text).length === 0);
  const zero = texts.filter(({ text }) => text.includes('\0'));
  return [
    ...zero.map(({ path }) => ({ path, message: 'it has a character of code 0, which no program can be given', remedy: 'Remove it.' })),
    ...secrets.map(({ path, name }) => ({
      path,
      message: `${name} is a secret by its name, and would be written into the files of every run`,
      remedy: `Set it in the environment or in "envFile", and write "\${env:${name}}" here where the program needs it.`,
    })),
    ...Object.entries(headers)
      .filter(([, text]) => environmentNames(text).length === 0)
      .map(([name]) => ({
        path: ['headers', name],
        message: 'headers are taken from the environment, so that no secret stands in a file',
        remedy: 'Write for example "${env:CLUSTER_KEY}".',
      })),
    ...texts.flatMap(({ path, text, isArgument }) => templateProblems(text, isArgument).map((problem) => ({ path, ...problem }))),
  ];
}
