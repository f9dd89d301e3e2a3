import { defaultSensitivity } from '../collapse/sensitivity.ts';
import type { Sensitivity } from '../collapse/sensitivity.ts';
import type { ProgramRunConfig, RunConfig } from '../config/config.ts';
import { isProgram, trainingOf } from '../config/programConfig.ts';
import { trlClip } from '../config/trlConfig.ts';
import { integerText } from '../notation.ts';
import { metricNames } from './metricNames.ts';
import type { MetricKeys } from './metricRoles.ts';
import type { BranchOrigin, PlannedRun, RunRecord } from './run.ts';
import type { RunLabel } from './runLabel.ts';

/** What every surface knows of a run, wherever it comes from. Null, and an empty text: not known. */
interface KnownOfRun {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly estimator: string | null;
  readonly seed: number | null;
  readonly plannedSteps: number | null;
  /** Global norm at which gradients are clipped; null also where they are not. */
  readonly maxGradNorm: number | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly host: string;
  /** What tells runs apart besides, as plain JSON: the config of the built-in trainer, the parameters of another program. */
  readonly config: unknown;
  /** Which metrics are the gradient norm, the score … */
  readonly metricKeys: MetricKeys;
  /** Which of those somebody decided on; left out: none. */
  readonly chosenKeys?: MetricKeys;
  /** How readily it is called collapsed by whoever reads it; left out: nobody has said. */
  readonly sensitivity?: Sensitivity;
  /** What somebody said of it; left out: nothing. */
  readonly label?: RunLabel;
  /** The run that it is a branch of; left out: none. */
  readonly branchedFrom?: BranchOrigin;
}

/** A run of the built-in trainer. */
interface BuiltinIdentity extends KnownOfRun {
  readonly kind: 'builtin';
  readonly estimator: string;
  readonly seed: number;
  readonly plannedSteps: number;
  /** All that its `run.json` says. */
  readonly record: RunRecord<RunConfig>;
}

/** A run of a program that was started by command from here, on this machine or as a job of a Ray cluster. */
interface CommandIdentity extends KnownOfRun {
  readonly kind: 'command';
  readonly estimator: string;
  readonly seed: number;
  readonly record: RunRecord<ProgramRunConfig>;
  /** Whether its config says how the program goes on with a run, or there may be a job of it that never stopped. */
  readonly canResume: boolean;
}

/** A run that was started from here: its directory is ours, and its process can be asked to end. */
export type OwnIdentity = BuiltinIdentity | CommandIdentity;

/** A run of another program, of whose files we are only readers: it cannot be stopped, resumed or deleted from here. */
export interface ForeignIdentity extends KnownOfRun {
  readonly kind: 'foreign';
  /** Name of the format. */
  readonly format: string;
  /** What that is in words: "console log of verl". */
  readonly title: string;
}

export type RunIdentity = OwnIdentity | ForeignIdentity;

const builtinKeys: MetricKeys = {
  gradNorm: metricNames.gradNorm,
  score: metricNames.score,
  entropy: metricNames.entropy,
  responseLength: metricNames.responseLength,
  clipRatio: metricNames.clipRatio,
  learningRate: metricNames.learningRate,
};

export function identityOf(record: RunRecord): OwnIdentity {
  const { createdAt, host } = record;
  return { ...plannedIdentity(record), createdAt, host, record } as OwnIdentity;
}

/** What is known of a run that has not started. */
export type PlannedIdentity = Omit<BuiltinIdentity, 'record'> | Omit<CommandIdentity, 'record'>;

export function plannedIdentity({ id, name, group, estimator, seed, config, branchedFrom }: PlannedRun): PlannedIdentity {
  const { collapseSensitivity: sensitivity } = config;
  const known = {
    ...{ id, name, group, estimator, seed, createdAt: '', host: '' },
    ...(sensitivity !== null && { sensitivity }),
    ...(branchedFrom && { branchedFrom }),
  };
  if (!isProgram(config)) {
    const { steps, optimizer } = config;
    // A record from before there were levels tells no run apart from one of the usual level.
    const compared = { ...config, collapseSensitivity: sensitivity ?? defaultSensitivity };
    const { maxGradNorm } = optimizer;
    return { kind: 'builtin', ...known, plannedSteps: steps, maxGradNorm, config: compared, metricKeys: builtinKeys };
  }
  const { trainer, steps, resume } = config;
  const keys = chosenKeys(config);
  return {
    kind: 'command',
    ...known,
    plannedSteps: steps,
    maxGradNorm: config.trainer === 'trl' ? trlClip(config.trl) : null,
    config: comparedConfig(config),
    metricKeys: keys,
    ...(Object.keys(keys).length > 0 && { chosenKeys: keys }),
    canResume: resume !== null || trainer === 'ray',
  };
}

/** Which metrics the config of a run by command says are the gradient norm and the score. */
export function chosenKeys({ metrics: { gradNorm, score } }: Pick<ProgramRunConfig, 'metrics'>): MetricKeys {
  return { ...(gradNorm !== null && { gradNorm }), ...(score !== null && { score }) };
}

/** Of a config of a run by command what may tell two of them apart: how it trains, not how it is watched. */
function comparedConfig(config: ProgramRunConfig): unknown {
  return { steps: config.steps, ...trainingOf(config) };
}

/** What a run calls its gradient norm, its score …: one of the built-in trainer has its names for those that it has not logged yet, too. */
export function expectedKeys({ kind, metricKeys }: Pick<RunIdentity, 'kind' | 'metricKeys'>): MetricKeys {
  return kind === 'builtin' ? { ...builtinKeys, ...metricKeys } : metricKeys;
}

/** What a run is compared as: its estimator, and where that is not known its name. */
export function comparedAs({ estimator, name, label }: Pick<RunIdentity, 'estimator' | 'name' | 'label'>): string {
  return estimator ?? label?.name ?? name;
}

/** "dr_grpo seed 2", of a branch "dr_grpo seed 2 from step 120", as far as it is known; what somebody called the run, where somebody did. */
export function estimatorAndSeed(identity: Pick<RunIdentity, 'estimator' | 'name' | 'seed' | 'label' | 'branchedFrom'>): string {
  if (identity.label?.name !== undefined) return identity.label.name;
  const seed = identity.seed === null ? '' : ` seed ${identity.seed}`;
  return `${comparedAs(identity)}${seed}${branchWords(identity)}`;
}

/** " from step 120", to follow what a branch is called; empty: the run is none. */
export function branchWords({ branchedFrom }: Pick<RunIdentity, 'branchedFrom'>): string {
  return branchedFrom === undefined ? '' : ` from step ${integerText(branchedFrom.step)}`;
}

/** A run's name where it says more than estimator and seed do; null of "grpo-s1", and of a run that is compared as its name anyway. */
export function tellingName({ estimator, name, seed }: Pick<RunIdentity, 'estimator' | 'name' | 'seed'>): string | null {
  if (estimator === null) return null;
  const isSeed = (digits: string): boolean => Number(digits) === seed;
  const rest = name.replace(estimator, '').replace(/(?:s|seed)?[-_=]?(\d+)$/i, (all, digits: string) => (isSeed(digits) ? '' : all));
  return /[\p{L}\p{N}]/u.test(rest) ? name : null;
}

/** The order of seeds; those that are not known come last. */
export function bySeed(a: Pick<RunIdentity, 'seed'>, b: Pick<RunIdentity, 'seed'>): number {
  if (a.seed === b.seed) return 0;
  return (a.seed ?? Infinity) - (b.seed ?? Infinity);
}
