import { isSensitivity } from '../collapse/sensitivity.ts';
import type { ProgramRunConfig, RunConfig, TrlRunConfig } from '../config/config.ts';
import { isProgramTrainer } from '../config/programConfig.ts';
import { ledger } from '../config/trlConfig.ts';
import { isNestedBeyond, isObject, parse } from './json.ts';
import { runSchemaVersion } from './run.ts';
import type { BranchOrigin, ExitRecord, RunRecord } from './run.ts';

/** What a value of `run.json` has to be, in words, and how to tell. */
interface Expectation {
  readonly words: string;
  holds(value: unknown): boolean;
}

const anyText: Expectation = { words: 'a string', holds: (value) => typeof value === 'string' };
const textLike = (example: string): Expectation => ({ ...anyText, words: `a string like "${example}"` });
const anyNumber: Expectation = { words: 'a number', holds: Number.isFinite };
/** A signal to process 0 or −1 would reach others than the run's. */
const processId: Expectation = { words: 'a whole number above 0', holds: (value) => Number.isSafeInteger(value) && (value as number) > 0 };
const anyObject: Expectation = { words: 'an object', holds: isObject };

/** Without these nobody can say which run it is, or how far it is to go. */
const essential: Readonly<Record<string, Expectation>> = {
  id: textLike('20260131-120000-example-grpo-s1'),
  name: anyText,
  group: anyText,
  estimator: textLike('grpo'),
  pid: processId,
  seed: anyNumber,
  config: anyObject,
};

/** What may be left out, also as null, but must not be something else. */
const optional: Readonly<Record<string, Expectation>> = {
  createdAt: textLike('2026-01-31T12:00:00Z'),
  host: anyText,
  cwd: anyText,
  engine: anyText,
  device: anyText,
  engineReason: anyText,
  configFile: anyText,
  processStartTime: anyText,
  branchedFrom: { words: 'an object with the texts "id" and "dir" and the whole number "step"', holds: isOrigin },
};

/** Deeper than any config of ours or of anybody else; whoever walks through one can do so by recursion. */
const mostLevels = 64;

const reasons: readonly unknown[] = [
  'completed',
  'stopped',
  'collapsed',
  'diverged',
  'dead',
  'failed',
] satisfies readonly ExitRecord['reason'][];

/**
 * Reads `run.json`, which other programs may have written: what is missing and not essential gets a value that harms nobody. A string
 * says what is wrong with it, with the key, what it is, and what it should be.
 */
export function parseRunRecord(text: string): RunRecord | string {
  const value = parse(text);
  if (!isObject(value)) return text.trim() === '' ? 'it is empty' : 'it is not a complete JSON object';
  if (isNestedBeyond(text, mostLevels)) return `it is nested more than ${mostLevels} levels deep`;
  const version = value['schemaVersion'];
  if (version !== runSchemaVersion)
    return typeof version === 'number'
      ? `its schema version is ${version}, this program reads ${runSchemaVersion}`
      : 'it has no schema version';
  const problem = problemOf(value);
  if (problem !== undefined) return problem;
  const { branchedFrom, ...rest } = value;
  const given = rest as Partial<RunRecord>;
  const { createdAt, host, cwd, engine, device, engineReason, configFile, processStartTime } = given;
  return {
    ...(rest as unknown as Pick<RunRecord, 'id' | 'name' | 'group' | 'estimator' | 'pid' | 'seed'>),
    schemaVersion: runSchemaVersion,
    createdAt: createdAt ?? '',
    host: host ?? '',
    cwd: cwd ?? '',
    engine: engine ?? 'auto',
    device: device ?? '',
    engineReason: engineReason ?? '',
    configFile: configFile ?? null,
    processStartTime: processStartTime ?? null,
    config: viewableConfig(value['config'] as Readonly<Record<string, unknown>>),
    configLines: linesOf(value['configLines']),
    command: textsOf(value['command']),
    git: gitOf(value['git']),
    ...(isOrigin(branchedFrom) && { branchedFrom: originOf(branchedFrom) }),
  };
}

/** Reads `exit.json`; undefined where it is none, e.g. while it is being written by a foreign tool. */
export function parseExitRecord(text: string): ExitRecord | undefined {
  const value = parse(text);
  if (!isObject(value) || !reasons.includes(value['reason'])) return undefined;
  const { code, signal, lastStep, message, time } = value;
  return {
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
    lastStep: typeof lastStep === 'number' ? lastStep : 0,
    reason: value['reason'] as ExitRecord['reason'],
    message: typeof message === 'string' ? message : '',
    time: typeof time === 'number' ? time : Number.NaN,
  };
}

/** What is wrong with the values; undefined: nothing. */
function problemOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const config = value['config'];
  const isThere = ([key]: readonly [string, Expectation]): boolean => (value[key] ?? null) !== null;
  const missing = Object.entries(essential).flatMap((entry) => (isThere(entry) ? [] : [entry[0]]));
  const wrong = Object.entries({ ...essential, ...optional })
    .filter(isThere)
    .flatMap(([key, expected]) => complaint(key, value[key], expected));
  if (isObject(config)) {
    const steps = config['steps'] ?? null;
    if (steps !== null) wrong.push(...complaint('config.steps', steps, anyNumber));
    else if (!isProgramTrainer(config['trainer'])) missing.push('config.steps');
  }
  const problems = missing.length > 0 ? [...wrong, `it lacks ${missing.join(', ')}`] : wrong;
  return problems.length > 0 ? problems.join('; ') : undefined;
}

/** Characters of a text, which stands in tables and sentences; no path is longer. */
const longestText = 4096;

function complaint(key: string, value: unknown, { words, holds }: Expectation): string[] {
  if (typeof value === 'string' && value.length > longestText && holds(value))
    return [`"${key}" is a string of ${value.length} characters, expected at most ${longestText}`];
  return holds(value) ? [] : [`"${key}" is ${described(value)}, expected ${words}`];
}

/** "a number (1700000000)"; what is long or has parts is only named. */
function described(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  if (typeof value !== 'string') return `${typeof value === 'number' ? 'a number' : 'a truth value'} (${String(value)})`;
  return value.length > 40 ? 'a string' : `a string (${JSON.stringify(value)})`;
}

/** A config as it was written, with those of its parts that are looked at of every run. */
function viewableConfig(config: Readonly<Record<string, unknown>>): RunConfig | ProgramRunConfig {
  if (isProgramTrainer(config['trainer'])) return viewableProgram(config);
  const { optimizer, trajectories } = config;
  const maxGradNorm = isObject(optimizer) ? optimizer['maxGradNorm'] : null;
  const every = isObject(trajectories) ? trajectories['every'] : null;
  return {
    ...config,
    optimizer: { ...(isObject(optimizer) && optimizer), maxGradNorm: typeof maxGradNorm === 'number' ? maxGradNorm : null },
    trajectories: { ...(isObject(trajectories) && trajectories), every: typeof every === 'number' ? every : null },
    collapseSensitivity: sensitivityOf(config),
  } as unknown as RunConfig;
}

/** Null: the record says nothing of it, like those of other programs. */
function sensitivityOf({ collapseSensitivity }: Readonly<Record<string, unknown>>): RunConfig['collapseSensitivity'] {
  return isSensitivity(collapseSensitivity) ? collapseSensitivity : null;
}

/** Somebody may have written the file by hand, and what it says is started when the run is resumed. */
function viewableProgram(config: Readonly<Record<string, unknown>>): ProgramRunConfig {
  const { command, resume, steps, gpus } = config;
  const section = (key: string): Readonly<Record<string, unknown>> => (isObject(config[key]) ? config[key] : {});
  const number = (value: unknown, fallback: number): number => (typeof value === 'number' && value >= 0 ? value : fallback);
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const texts = (key: string): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(section(key)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  const [metrics, stop, output] = [section('metrics'), section('stop'), section('output')];
  return {
    ...(config as unknown as Pick<ProgramRunConfig, 'name' | 'trainer' | 'estimator' | 'seed' | 'onCollapse'>),
    ...(config['trainer'] === 'trl' && { ...viewableTrl(config) }),
    steps: typeof steps === 'number' ? steps : null,
    collapseSensitivity: sensitivityOf(config),
    command: textsOf(command),
    resume: Array.isArray(resume) ? textsOf(resume) : null,
    branch: branchOf(config['branch']),
    metrics: {
      from: metrics['from'] === 'files' ? 'files' : 'stdout',
      path: text(metrics['path']),
      format: text(metrics['format']) ?? 'auto',
      gradNorm: text(metrics['gradNorm']),
      score: text(metrics['score']),
    },
    cwd: text(config['cwd']),
    env: texts('env'),
    envFile: text(config['envFile']),
    stop: { interruptSeconds: number(stop['interruptSeconds'], 15), terminateSeconds: number(stop['terminateSeconds'], 10) },
    output: { maxMegabytes: Math.max(1, number(output['maxMegabytes'], 64)), files: Math.max(1, number(output['files'], 4)) },
    gpus: gpus === 'all' ? gpus : Array.isArray(gpus) ? gpus.filter((index): index is number => Number.isSafeInteger(index)) : null,
    gpusPerRun: Math.max(1, number(config['gpusPerRun'], 1)),
    gpuMetrics: config['gpuMetrics'] === true,
    address: text(config['address']),
    runtimeEnv: section('runtimeEnv'),
    metadata: texts('metadata'),
    entrypointResources: entrypointOf(section('entrypointResources')),
    headers: texts('headers'),
  } as ProgramRunConfig;
}

function branchOf(value: unknown): ProgramRunConfig['branch'] {
  if (!isObject(value) || typeof value['checkpoints'] !== 'string') return null;
  return { arguments: textsOf(value['arguments']), checkpoints: value['checkpoints'] };
}

/** The model, the data and the rewards as they were written: `otb_trl` says what is wrong with them. */
function viewableTrl({ model, dataset, reward, tools, trl, task, warmStart }: Readonly<Record<string, unknown>>): Partial<TrlRunConfig> {
  const text = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);
  const isScratch = isObject(model) && ['width', 'layers', 'heads'].every((key) => Number.isFinite(model[key]));
  const data = isObject(dataset) ? dataset : { path: dataset };
  return {
    model: isScratch ? (model as unknown as TrlRunConfig['model']) : text(model, ''),
    dataset:
      dataset === ledger
        ? ledger
        : {
            path: text(data['path'], ''),
            name: typeof data['name'] === 'string' ? data['name'] : null,
            split: text(data['split'], 'train'),
            prompt: text(data['prompt'], 'prompt'),
            answer: text(data['answer'], 'answer'),
            system: typeof data['system'] === 'string' ? data['system'] : null,
          },
    reward: textsOf(reward),
    tools: textsOf(tools),
    trl: isObject(trl) ? trl : {},
    task: isObject(task) ? (task as unknown as TrlRunConfig['task']) : null,
    warmStart: isObject(warmStart) ? (warmStart as unknown as TrlRunConfig['warmStart']) : null,
  };
}

function entrypointOf({ cpus, gpus, memory, resources }: Readonly<Record<string, unknown>>): ProgramRunConfig['entrypointResources'] {
  const number = (value: unknown): number | null => (typeof value === 'number' && value >= 0 ? value : null);
  const own = isObject(resources)
    ? Object.entries(resources).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    : [];
  return { cpus: number(cpus), gpus: number(gpus), memory: number(memory), resources: own.length === 0 ? null : Object.fromEntries(own) };
}

function isOrigin(value: unknown): value is BranchOrigin {
  if (!isObject(value)) return false;
  const { id, dir, step } = value;
  const isText = (text: unknown): boolean => typeof text === 'string' && text.length <= longestText;
  return isText(id) && isText(dir) && Number.isSafeInteger(step) && (step as number) >= 0;
}

function originOf({ id, dir, step }: BranchOrigin): BranchOrigin {
  return { id, dir, step };
}

function linesOf(value: unknown): RunRecord['configLines'] {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && (entry[1] as number) > 0),
  );
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function gitOf(value: unknown): RunRecord['git'] {
  if (!isObject(value) || typeof value['commit'] !== 'string') return null;
  return { commit: value['commit'], dirty: value['dirty'] === true };
}
