import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { defaultSensitivity } from '../../core/collapse/sensitivity.ts';
import type { Sensitivity } from '../../core/collapse/sensitivity.ts';
import type { Config, ProgramRunConfig, RunConfig } from '../../core/config/config.ts';
import { formatPath } from '../../core/config/findings.ts';
import type { ConfigFinding } from '../../core/config/findings.ts';
import { trlCommand, trlMetrics, trlResume, trlRun } from '../../core/config/trlConfig.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import type { PlannedRun, RunRecord } from '../../core/records/run.ts';
import { ConfigError } from '../config/configError.ts';
import type { ConfigProblem } from '../config/configError.ts';
import { checkConfig } from '../config/loadConfig.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';
import { judgedAt } from '../sources/knownKeys.ts';
import { defaultRunsDir } from '../launcher/runsFolder.ts';

export interface PlanOptions {
  /** Instead of the config's. */
  readonly estimators?: readonly string[];
  /** Instead of the config's. */
  readonly seeds?: readonly number[];
  /** Instead of the config's. */
  readonly steps?: number;
  /** How readily the runs are called collapsed, instead of the config's. */
  readonly sensitivity?: Sensitivity;
  /** The same where the config says nothing of it; default: normal. */
  readonly usualSensitivity?: Sensitivity;
  readonly now: Date;
  readonly cwd: string;
  /** Folder under which run directories are made; default `<cwd>/.otb/runs`. */
  readonly runsDir?: string;
  /** From `readGit(cwd)`. */
  readonly git: RunRecord['git'];
}

/**
 * One run for each estimator and seed, all seeds of an estimator together. Ids are
 * `<yyyymmdd-hhmmss>-<name>-<estimator>-s<seed>` in local time; where a group of that name is already there, a number follows the
 * name. Throws a ConfigError where the options do not go with the config.
 */
export function planRuns(loaded: LoadedConfig, options: PlanOptions): PlannedRun[] {
  const { estimators, seeds, steps } = options;
  const checked = effectiveConfig(loaded, {
    ...(estimators && { estimators }),
    ...(seeds && { seeds }),
    ...(steps !== undefined && { steps }),
  });
  // Written into the run, so that whoever resumes or reads it judges as it was judged.
  const { sensitivity = defaultSensitivity } = judgedAt(checked.collapseSensitivity, options);
  const config: Config = { ...checked, collapseSensitivity: sensitivity };
  const pairs = pairsOf(config);
  const runsDir = options.runsDir ?? defaultRunsDir(options.cwd);
  const names = existsSync(runsDir) ? readdirSync(runsDir) : [];
  const group = freeGroup(
    config.name,
    options.now,
    (prefix) => names.some((name) => isOfGroup(name, prefix)) || pairs.some((pair) => names.includes(runId(prefix, pair))),
  );
  // Lines of the other seeds and estimators say nothing of a run, and with a thousand of them would be most of its record.
  const commonLines = Object.entries(loaded.lines).filter(([key]) => !/^(?:estimators|seeds)\[/.test(key));
  return pairs.map((pair): PlannedRun => {
    const { estimator, seed } = pair;
    const configLines = Object.fromEntries(commonLines);
    const estimatorLine = loaded.lines[`estimators[${loaded.config.estimators.indexOf(estimator)}]`] ?? loaded.lines['estimators'];
    const seedLine = loaded.lines[`seeds[${loaded.config.seeds.indexOf(seed)}]`] ?? loaded.lines['seeds'];
    if (estimatorLine !== undefined) configLines['estimator'] = estimatorLine;
    if (seedLine !== undefined) configLines['seed'] = seedLine;
    return {
      id: runId(group, pair),
      name: config.name,
      group,
      estimator,
      seed,
      config: narrow(config, estimator, seed, loaded.lines['steps'] === undefined && steps === undefined ? null : config.steps),
      configFile: path.resolve(loaded.file),
      configLines,
      cwd: options.cwd,
      git: options.git,
    };
  });
}

/**
 * The same runs in a group of a name that nobody else has: two commands of one second see the same names in the folder of runs, and
 * plan the same. `claim` reserves a name, and returns false where another process has.
 */
export function withOwnGroup(runs: readonly PlannedRun[], claim: (group: string) => boolean): readonly PlannedRun[] {
  const planned = runs[0]?.group ?? '';
  let group = planned;
  for (let number = 2; !claim(group); number++) group = `${planned}-${number}`;
  return runs.map((run) => ({ ...run, group, id: `${group}${run.id.slice(planned.length)}` }));
}

function effectiveConfig(loaded: LoadedConfig, overrides: Partial<Pick<Config, 'estimators' | 'seeds' | 'steps'>>): Config {
  const written = new Set([...Object.keys(loaded.lines).filter((key) => !/[.[]/.test(key)), ...Object.keys(overrides)]);
  const checked = checkConfig({ ...loaded.config, ...overrides }, loaded.engine, undefined, written);
  const problem = ({ path: where, message, remedy }: ConfigFinding): ConfigProblem => {
    const overridden = where[0] !== undefined && where[0] in overrides;
    // The flag repeats for each value, so an index into the list would mean nothing to the user.
    if (overridden) return { file: loaded.file, line: 0, column: 0, key: flagOf(String(where[0])), message, remedy };
    return { file: loaded.file, ...loaded.locate(formatPath(where)), key: formatPath(where), message, remedy };
  };
  if (checked.config === undefined || checked.findings.length > 0) throw new ConfigError(checked.findings.map(problem));
  return checked.config;
}

/**
 * What one run of a config needs.
 *
 * @param steps of a program, where somebody said how many it takes
 */
export function narrow(config: Config, estimator: string, seed: number, steps: number | null): RunConfig | ProgramRunConfig {
  const { trainer } = config;
  switch (trainer) {
    case 'builtin':
      return narrowBuiltin(config, estimator as EstimatorName, seed);
    case 'trl':
      return {
        ...narrowProgram(config),
        trainer,
        estimator,
        seed,
        // Unless somebody counts in epochs.
        steps: 'num_train_epochs' in config.trl ? steps : config.steps,
        command: trlCommand(config.gpusPerRun),
        resume: trlResume,
        metrics: trlMetrics,
        ...trlRun(config),
      };
    default:
      return { ...narrowProgram(config), trainer, estimator, seed, steps };
  }
}

function narrowProgram(config: Config): Omit<ProgramRunConfig, 'trainer' | 'estimator' | 'seed' | 'steps'> {
  const { name, onCollapse, collapseSensitivity, command, metrics, cwd, env, envFile, resume, branch, stop, output } = config;
  const { gpus, gpusPerRun, gpuMetrics } = config;
  const { address, runtimeEnv, metadata, entrypointResources, headers } = config;
  return {
    name,
    onCollapse,
    collapseSensitivity,
    command: command ?? [],
    metrics: metrics ?? { from: 'stdout', path: null, format: 'auto', gradNorm: null, score: null },
    cwd,
    env,
    envFile,
    resume,
    branch,
    stop,
    output,
    gpus,
    gpusPerRun,
    gpuMetrics,
    address,
    runtimeEnv,
    metadata,
    entrypointResources,
    headers,
  };
}

function narrowBuiltin(config: Config, estimator: EstimatorName, seed: number): RunConfig {
  const { name, steps, task, policy, warmStart, rollout, optimizer, loss, checkpoint, trajectories, earlyStop } = config;
  const { onCollapse, collapseSensitivity } = config;
  return {
    name,
    trainer: 'builtin',
    estimator,
    seed,
    steps,
    task,
    policy,
    warmStart,
    rollout,
    optimizer,
    loss,
    checkpoint,
    trajectories,
    earlyStop,
    onCollapse,
    collapseSensitivity,
  };
}

/** What a run is planned for. */
interface PlannedPair {
  readonly estimator: string;
  /** How many estimators before it have the same name for a file system. */
  readonly index: number;
  readonly seed: number;
}

function pairsOf({ estimators, seeds }: Pick<Config, 'estimators' | 'seeds'>): readonly PlannedPair[] {
  return estimators.flatMap((estimator, place) => {
    const name = fileSystemName(estimator).toLowerCase();
    const index = estimators.slice(0, place).filter((other) => fileSystemName(other).toLowerCase() === name).length;
    return seeds.map((seed) => ({ estimator, index, seed }));
  });
}

function flagOf(key: string): string {
  return `--${key === 'steps' ? key : key.slice(0, -1)}`;
}

/** `index`: of the estimator, where others have the same name for a file system: a program may call its estimators anything. */
function runId(group: string, { estimator, index, seed }: PlannedPair): string {
  return `${group}-${fileSystemName(estimator)}${index === 0 ? '' : `-${index + 1}`}-s${seed}`;
}

/** Whether a file or directory is a run of a group, or its queue. */
function isOfGroup(name: string, group: string): boolean {
  return name.startsWith(group) && /^(?:-[^-]+-s\d+(?:-b\d+(?:-\d+)?)?$|\.)/.test(name.slice(group.length));
}

/** What a branch is called in the folder of runs, where no run, and none that waits, has that name yet. */
export function branchId(
  group: string,
  { estimator, seed, step }: { readonly estimator: string; readonly seed: number; readonly step: number },
  taken: (id: string) => boolean = () => false,
): string {
  const base = `${runId(group, { estimator, index: 0, seed })}-b${step}`;
  let id = base;
  for (let number = 2; taken(id); number++) id = `${base}-${number}`;
  return id;
}

function freeGroup(name: string, now: Date, taken: (group: string) => boolean): string {
  const base = `${timestamp(now)}-${fileSystemName(name)}`;
  let group = base;
  for (let number = 2; taken(group); number++) group = `${base}-${number}`;
  return group;
}

/** `yyyymmdd-hhmmss`, local time. */
function timestamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

/** Letters, digits, dots, underscores and hyphens are safe on every file system; a dot first or last is not. */
function fileSystemName(name: string): string {
  const safe = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '');
  return safe === '' ? 'run' : safe.slice(0, 60);
}
