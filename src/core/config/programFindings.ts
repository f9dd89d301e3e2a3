import { branchArguments, environmentNames, isSecret, templateProblems } from './commandTemplate.ts';
import type { Config, ProgramConfig } from './config.ts';
import type { ConfigFinding } from './findings.ts';

/** Sections that only the built-in trainer reads. */
export const builtinSections = [
  'task',
  'policy',
  'warmStart',
  'rollout',
  'optimizer',
  'loss',
  'checkpoint',
  'trajectories',
  'earlyStop',
] as const;

/** Keys that only programs started by command read. */
export const programKeys = [
  'command',
  'metrics',
  'cwd',
  'env',
  'envFile',
  'resume',
  'branch',
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
export const rayKeys = ['address', 'runtimeEnv', 'metadata', 'entrypointResources', 'headers'] as const;
const localKeys = ['cwd', 'gpus', 'gpusPerRun', 'gpuMetrics'] as const;

/** What is wrong with how a program is started and watched. */
export function programFindings(config: Config, trainer: 'command' | 'ray', written: ReadonlySet<string>): readonly ConfigFinding[] {
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
  findings.push(...variableFindings(config), ...branchFindings(config), ...gpuFindings(config, written));
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

/** What is wrong with the GPUs that each run is to have. */
export function gpuFindings({ gpus, gpusPerRun }: Config, written: ReadonlySet<string>): readonly ConfigFinding[] {
  const findings: ConfigFinding[] = [];
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
  return findings;
}

/** What stands for the variables that only the section of branches has. */
const known = { checkpoint: 'checkpoint', step: 1 };

/** What is wrong with how branches of a program start. */
function branchFindings({ branch, onCollapse }: Config): readonly ConfigFinding[] {
  if (branch === null) {
    if (onCollapse !== 'branch') return [];
    return [
      {
        path: ['onCollapse'],
        message: 'a branch starts from a checkpoint, but the config does not say where the program writes them and how it goes on from one',
        remedy:
          'Add "branch", for example for verl {"arguments": ["trainer.resume_mode=resume_path", "trainer.resume_from_path=${checkpoint}"], "checkpoints": "checkpoints/global_step_${step}"}, or write "onCollapse": "stop".',
      },
    ];
  }
  if (branch.checkpoints.includes('${step}')) return [];
  return [
    {
      path: ['branch', 'checkpoints'],
      message: 'it does not say where in the path the step stands',
      remedy: 'Write "${step}" there, for example "checkpoints/global_step_${step}".',
    },
  ];
}

/** What is wrong with the variables of texts, and secrets that are written out. */
export function variableFindings({ command, env, resume, branch, metrics, headers }: Config): readonly ConfigFinding[] {
  const texts: readonly { readonly path: ConfigFinding['path']; readonly text: string; readonly isArgument?: boolean }[] = [
    ...(command ?? []).map((text, index) => ({ path: ['command', index], text, isArgument: true })),
    ...(resume ?? []).map((text, index) => ({ path: ['resume', index], text })),
    // These know two variables more.
    ...branchArguments(branch?.arguments ?? [], known).map((text, index) => ({ path: ['branch', 'arguments', index], text })),
    ...branchArguments(branch === null ? [] : [branch.checkpoints], known).map((text) => ({ path: ['branch', 'checkpoints'], text })),
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
