import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  changeFindings,
  changeableSections,
  fixedFinding,
  fixedSections,
  lengthFinding,
  withChanges,
} from '../../core/branching/branchConfig.ts';
import type { BranchChanges } from '../../core/branching/branchConfig.ts';
import type { Config, ProgramRunConfig, RunConfig } from '../../core/config/config.ts';
import { formatPath } from '../../core/config/findings.ts';
import type { ConfigFinding } from '../../core/config/findings.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import { integerText } from '../../core/notation.ts';
import { runFiles } from '../../core/records/run.ts';
import type { PlannedRun, RunRecord } from '../../core/records/run.ts';
import { ConfigError } from '../config/configError.ts';
import { checkConfig } from '../config/loadConfig.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';
import { namesIn } from '../directory/checkpoints.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { TurnsFile } from '../launcher/turnsFile.ts';
import { branchId, narrow } from '../planning/planRuns.ts';
import { branchPointOf } from './branchSource.ts';
import type { BranchSource } from './branchSource.ts';

export interface BranchOptions {
  /** Null: the default checkpoint. */
  readonly step: number | null;
  /** A branch for each; left out: those of `config`, or else that of the run. */
  readonly estimators?: readonly string[];
  /** A branch for each; left out: that of the run. */
  readonly seeds?: readonly number[];
  /** What is changed in the run's config, by path. */
  readonly changes?: BranchChanges;
  /** What the branch is to have instead of the run's config, before the changes. */
  readonly config?: LoadedConfig;
  /** Folder under which the branch gets its directory; left out: that of the run. */
  readonly runsDir?: string;
  /** From `readGit`. */
  readonly git: RunRecord['git'];
}

/**
 * Branches of a run that begin at one of its checkpoints, in its group. They have its config with what is changed, and never branch by
 * themselves. Throws a RunDirectoryError where there is no such checkpoint, and a ConfigError where no branch can have what is asked for.
 */
export function planBranches(source: BranchSource, options: BranchOptions): PlannedRun[] {
  const { dir, record } = source;
  const { changes = new Map<string, unknown>(), config: beside, seeds = [record.seed], git } = options;
  const { step } = branchPointOf(source, options.step);
  const runsDir = options.runsDir ?? path.dirname(dir);
  const estimators = options.estimators ?? beside?.config.estimators ?? [record.estimator];
  const taken = takenIds(runsDir);
  const pairs = estimators.flatMap((estimator) => seeds.map((seed) => ({ estimator, seed })));
  return pairs.map(({ estimator, seed }): PlannedRun => {
    const config = { ...branchConfig(source, { estimator, seed, changes, beside }) };
    if (config.steps !== null && config.steps <= step)
      throw new RunDirectoryError(
        dir,
        `a branch from step ${integerText(step)} has no step to take: its config ends at step ${integerText(config.steps)}`,
        `Give more steps, for example --steps ${2 * Math.max(step, 1)}, or branch from an earlier checkpoint.`,
      );
    const id = branchId(record.group, { estimator, seed, step }, (name) => taken.has(name));
    taken.add(id);
    const isOther = beside !== undefined;
    return {
      id,
      name: record.name,
      group: record.group,
      estimator,
      seed,
      config: config.onCollapse === 'branch' ? { ...config, onCollapse: 'stop' } : config,
      configFile: isOther ? path.resolve(beside.file) : record.configFile,
      configLines: isOther ? beside.lines : unchangedLines(record, estimator, changes),
      cwd: record.cwd,
      git,
      branchedFrom: { id: record.id, dir, step },
    };
  });
}

/** Names that a branch cannot have: of what is in the folder, and of what waits to begin there. */
function takenIds(runsDir: string): Set<string> {
  const waiting = new TurnsFile(runsDir).read().turns.order.map(({ id }) => id);
  return new Set([...namesIn(runsDir), ...waiting]);
}

/** What the lines of a config file say is true of the branch only where it has what stands there. */
function unchangedLines({ configLines, estimator }: RunRecord, own: string, changes: BranchChanges): RunRecord['configLines'] {
  const isChanged = (key: string): boolean =>
    (estimator !== own && key === 'estimator') || [...changes.keys()].some((path) => key === path || path.startsWith(`${key}.`));
  return Object.fromEntries(Object.entries(configLines).filter(([key]) => !isChanged(key)));
}

interface Wanted {
  readonly estimator: string;
  readonly seed: number;
  readonly changes: BranchChanges;
  readonly beside: LoadedConfig | undefined;
}

function branchConfig({ dir, record }: BranchSource, wanted: Wanted): RunConfig | ProgramRunConfig {
  const { config } = record;
  const refused = changeFindings(config, wanted.changes);
  if (refused.length > 0) throw refusal(refused);
  if (wanted.beside !== undefined && wanted.beside.config.trainer !== config.trainer)
    throw refusal([fixedFinding('trainer')], wanted.beside);
  return isProgram(config) ? programBranch(config, wanted) : builtinBranch(dir, config, wanted);
}

function builtinBranch(dir: string, config: RunConfig, { estimator, seed, changes, beside }: Wanted): RunConfig {
  const own = { ...withoutChoice(config), estimators: [estimator], seeds: [seed] };
  const branch = beside === undefined ? own : { ...own, ...sectionsOf(beside, config, checked(dir, own)) };
  // Like that of every run of the built-in trainer.
  return narrow(checked(dir, branch, changes), estimator, seed, null) as RunConfig;
}

/** What a branch may have from another config. Throws a ConfigError where that asks for more. */
function sectionsOf(beside: LoadedConfig, config: RunConfig, own: Config): Partial<Config> {
  const other = fixedSections.filter((section) => !isDeepStrictEqual(own[section], beside.config[section]));
  const length = lengthFinding(config, beside.config.rollout);
  const findings = [...other.map(fixedFinding), ...(length ? [length] : [])];
  if (findings.length > 0) throw refusal(findings, beside);
  const sections = Object.fromEntries(changeableSections.map((section) => [section, beside.config[section]])) as Partial<Config>;
  // Whoever says nothing of it wants the run judged as it was.
  return { ...sections, collapseSensitivity: beside.config.collapseSensitivity ?? config.collapseSensitivity };
}

/** The config as a file would have it, with the changes. Throws a ConfigError where it is none. */
function checked(dir: string, value: object, changes: BranchChanges = new Map()): Config {
  const { config, findings } = checkConfig(withChanges(value, changes));
  if (config === undefined || findings.length > 0) throw refusal(findings, undefined, path.join(dir, runFiles.run), changes);
  return config;
}

/** A run's config says of one estimator and seed what a file says of several. */
function withoutChoice(config: RunConfig): object {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'estimator' && key !== 'seed'));
}

function programBranch(config: ProgramRunConfig, { estimator, seed, changes, beside }: Wanted): ProgramRunConfig {
  const base = beside === undefined ? config : (narrow(beside.config, estimator, seed, stepsOf(beside)) as ProgramRunConfig);
  return withChanges({ ...base, estimator, seed }, changes) as unknown as ProgramRunConfig;
}

/** Those that somebody wrote: of a program nobody knows how many it takes. */
function stepsOf({ config, lines }: LoadedConfig): number | null {
  return lines['steps'] === undefined ? null : config.steps;
}

/** `file`: whose values they are where nobody has changed them. */
function refusal(findings: readonly ConfigFinding[], beside?: LoadedConfig, file = '', changes?: BranchChanges): ConfigError {
  return new ConfigError(
    findings.map(({ path: where, message, remedy }) => {
      const key = formatPath(where);
      if (beside !== undefined) return { file: beside.file, ...beside.locate(key), key, message, remedy };
      const isChange =
        changes === undefined ||
        [...changes.keys()].some((path) => path === key || path.startsWith(`${key}.`) || key.startsWith(`${path}.`));
      return { file, line: 0, column: 0, key: isChange || /^(?:estimators|seeds)\b/.test(key) ? key : `${file}: ${key}`, message, remedy };
    }),
  );
}
