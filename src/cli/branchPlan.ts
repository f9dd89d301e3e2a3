import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { Sensitivity } from '../core/collapse/sensitivity.ts';
import { isProgram } from '../core/config/programConfig.ts';
import type { RunRecord } from '../core/records/run.ts';
import { readBranchSource } from '../runs/branching/branchSource.ts';
import { planBranches } from '../runs/branching/planBranches.ts';
import { findRunDirectory, parseRunAtStep } from '../runs/catalog/runReference.ts';
import { loadConfig } from '../runs/config/loadConfig.ts';
import { commandLinePython } from '../runs/launcher/pythonChoice.ts';
import { cacheFolder, shareOfCores, withProgramLimit } from '../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../runs/launcher/trainingPlan.ts';
import { readGit } from '../runs/planning/git.ts';
import type { CommandContext } from './context.ts';
import { checkEngine } from './doctor/engineChoice.ts';
import { badInput } from './exit.ts';
import { collect, nonEmpty } from './options.ts';

/** What a branch is to have otherwise than its run. */
interface BranchWords {
  readonly branch?: string;
  readonly learningRate?: number;
  readonly maxGradNorm?: number | 'off';
  readonly set?: readonly (readonly [key: string, value: unknown])[];
}

/** What decides which runs are planned, and how they compute. */
export interface PlanWords extends BranchWords {
  readonly estimator?: readonly string[];
  readonly seed?: readonly number[];
  readonly steps?: number;
  readonly sensitivity?: Sensitivity;
  readonly out?: string;
  readonly engine: string;
  readonly threads?: number;
  readonly parallel?: number;
  readonly python?: string;
}

/** `--branch`, and what can be said of a branch only. */
export function withBranchOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--branch <run[@step]>',
        'go on from a checkpoint of this run (its directory, its id or the beginning of it) as a new run of its group; without @step from the last healthy one',
      ).argParser(nonEmpty),
    )
    .option('--learning-rate <x>', 'of a branch', positive)
    .option('--max-grad-norm <x>', 'of a branch: the gradient norm at which it clips, or off', positiveOrOff)
    .option(
      '--set <key=value>',
      'of a branch: another value of its config, for example loss.aggregation=token-mean; may be repeated',
      collect(setting),
    );
}

/** Says what makes sense with `--branch` only. */
export function requireNoBranchWords({ learningRate, maxGradNorm, set }: BranchWords): void {
  const given = [
    ...(learningRate === undefined ? [] : ['--learning-rate']),
    ...(maxGradNorm === undefined ? [] : ['--max-grad-norm']),
    ...(set === undefined ? [] : ['--set']),
  ];
  if (given.length > 0)
    throw badInput(`${given.join(' and ')} can be given with --branch only. For a run of its own, write the value into its config.`);
}

/** Plans the branches of a run. `config`: what they are to have instead of the run's config. */
export async function planBranch(
  branch: string,
  config: string | undefined,
  options: PlanWords,
  { cwd, env, root }: CommandContext,
): Promise<TrainingPlan> {
  const { run, step } = parseRunAtStep(branch);
  const loaded = config === undefined ? undefined : await loadConfig(config, options.engine);
  const source = await readBranchSource(await findRunDirectory(run, cwd), loaded?.config.branch);
  const runsDir = options.out === undefined ? path.dirname(source.dir) : path.resolve(cwd, options.out);
  const { estimator: estimators, seed: seeds, engine } = options;
  const runs = planBranches(source, {
    step,
    ...(estimators && { estimators }),
    ...(seeds && { seeds }),
    ...(loaded && { config: loaded }),
    changes: changesOf(source.record, options),
    runsDir,
    git: await readGit(source.record.cwd),
  });
  await checkEngine(engine, root);
  return {
    runs,
    runsDir,
    engine,
    ...shareOfCores(runs.length, withProgramLimit(runs, options)),
    cacheDir: cacheFolder(cwd, env),
    python: commandLinePython(options.python, env, cwd).program,
    // That of the group may be another process's, which would take them for its own.
    group: `${source.record.group}.branch-${process.pid}`,
  };
}

function changesOf(
  { config }: RunRecord,
  { learningRate, maxGradNorm, set = [], steps, sensitivity }: PlanWords,
): ReadonlyMap<string, unknown> {
  const named = isProgram(config)
    ? { rate: 'trl.learning_rate', clip: 'trl.max_grad_norm', off: 0 }
    : { rate: 'optimizer.learningRate', clip: 'optimizer.maxGradNorm', off: null };
  if (isProgram(config) && config.trainer !== 'trl' && (learningRate !== undefined || maxGradNorm !== undefined))
    throw badInput(
      'the command of this run says its learning rate and its clipping. Write a config with another "command", and give it beside --branch.',
    );
  return new Map<string, unknown>([
    ...(steps === undefined ? [] : [['steps', steps] as const]),
    ...(sensitivity === undefined ? [] : [['collapseSensitivity', sensitivity] as const]),
    ...(learningRate === undefined ? [] : [[named.rate, learningRate] as const]),
    ...(maxGradNorm === undefined ? [] : [[named.clip, maxGradNorm === 'off' ? named.off : maxGradNorm] as const]),
    ...set,
  ]);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`expected a number > 0, found "${text}"`);
  return value;
}

function positiveOrOff(text: string): number | 'off' {
  if (text === 'off') return text;
  try {
    return positive(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}. For no clipping: off`);
  }
}

/** "optimizer.learningRate=0.004"; a value that is no JSON is a text. */
function setting(text: string): readonly [key: string, value: unknown] {
  const [, key = '', value = ''] = /^\s*([^=]*?)\s*=(.*)$/s.exec(text) ?? [];
  if (key === '') throw new InvalidArgumentError(`expected a key and a value, for example optimizer.learningRate=0.004, found "${text}"`);
  try {
    return [key, JSON.parse(value) as unknown];
  } catch {
    return [key, value];
  }
}
