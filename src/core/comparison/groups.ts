import { bySeed, branchWords, comparedAs } from '../records/runIdentity.ts';
import type { BranchOrigin } from '../records/run.ts';
import type { RunIdentity } from '../records/runIdentity.ts';
import { hasCollapsed } from '../records/runState.ts';
import type { CollapseEvent } from '../records/events.ts';
import type { StepNote } from '../records/stepNotes.ts';
import { valueText } from '../notation.ts';
import { mean, median, standardDeviation } from '../statistics/quantiles.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import type { Interval } from '../statistics/wilson.ts';
import { countedOnce } from './repeats.ts';
import type { Repeat } from './repeats.ts';
import type { RunCurve, RunSummary } from './runSummary.ts';

/** A run as comparisons, figures and reports see it. */
export interface ComparedRun {
  /** Where it came from, e.g. its directory. */
  readonly source: string;
  readonly summary: RunSummary;
  readonly curve: RunCurve;
  /** Config snapshot, plain JSON; null where the source has none. */
  readonly config: unknown;
  /** Whose names the config has, as in a `DescribedRun`. */
  readonly vocabulary?: string;
  readonly events: readonly CollapseEvent[];
  /** What people noted about its steps; left out: nothing. */
  readonly notes?: readonly StepNote[];
  /** What cannot be judged of it and why, as a sentence; empty: everything can. */
  readonly notJudged: string;
  /** Of the run, by which branches name it. */
  readonly id?: string;
  /** The run that it is a branch of; its summary is then about its own steps. Left out: none. */
  readonly branchedFrom?: BranchOrigin;
}

export type ParameterValue = string | number | boolean | null;

interface MeanAndSpread {
  readonly mean: number;
  /** Sample standard deviation over runs; 0 for one run. */
  readonly std: number;
}

/** Runs of one estimator (and of the same parameters), summarized over seeds. */
export interface GroupSummary {
  readonly estimator: string;
  /** The estimator, and the parameters that differ where it alone does not tell the group apart. */
  readonly label: string;
  /** Config values that differ between groups, by their path, e.g. "optimizer.learningRate". */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly count: number;
  /** Those that are known. */
  readonly seeds: readonly number[];
  readonly collapsed: number;
  /** Of the collapsed runs, those that came back. */
  readonly recovered: number;
  readonly collapseRate: number;
  /** 95 % Wilson interval of the rate. */
  readonly collapseRateInterval: Interval;
  readonly onsetStep: { readonly median: number; readonly min: number; readonly max: number } | null;
  readonly finalScore: MeanAndSpread | null;
  readonly bestScore: MeanAndSpread | null;
  /** Median over runs of each run's median gradient norm, and of each run's highest. */
  readonly medianGradNorm: number | null;
  readonly maxGradNorm: number | null;
  /** Highest gradient norm of any step of any run. */
  readonly worstGradNorm: number | null;
  /** Of a branch, which is a group of its own: the run that it is a branch of. */
  readonly branchedFrom?: BranchOrigin;
  readonly runs: readonly RunSummary[];
}

/** A group together with the runs it was made of, in order of seed. */
export interface RunGroup {
  readonly summary: GroupSummary;
  readonly runs: readonly ComparedRun[];
  /** Runs of the same config and seed as one of those, which stands for both. */
  readonly repeats: readonly Repeat<ComparedRun>[];
}

/** Names of a run rather than its parameters, what the comparison is about anyway, and what a run leaves behind, which changes no number. */
const notParameters = new Set(['name', 'estimator', 'estimators', 'seed', 'seeds', 'command', 'checkpoint', 'trajectories']);

/** What tells a run apart from others before it has logged anything. */
export interface DescribedRun {
  /** What it is compared as. */
  readonly estimator: string;
  /** Whose names its parameters have; left out: the built-in trainer's. Only what all vocabularies know can differ between runs. */
  readonly vocabulary?: string;
  /** Config snapshot, plain JSON; null where there is none. */
  readonly config: unknown;
  /** The run that it is a branch of; left out: none. */
  readonly branchedFrom?: BranchOrigin | undefined;
  /** Of a branch: it stands by itself, whatever others have its config. */
  readonly seed?: number | null;
}

/** Runs that differ in nothing but their seed, or a branch, which has its past from another run, alone. */
export interface SeedSeries<Run> {
  /** The estimator, and the parameters that differ where it alone does not tell the series apart. */
  readonly label: string;
  /** Config values that differ between all runs, by their path, e.g. "optimizer.learningRate". */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly runs: readonly Run[];
}

/** What comparisons tell a run apart by. */
export function describedRun({ identity }: { readonly identity: ComparedIdentity }): DescribedRun {
  const { config, format = '', branchedFrom, seed } = identity;
  return { estimator: comparedAs(identity), config, vocabulary: format, branchedFrom, seed };
}

/** What is known of a run that may not have begun. */
type ComparedIdentity = Pick<RunIdentity, 'estimator' | 'name' | 'config' | 'branchedFrom' | 'seed'> & { readonly format?: string };

/** Series by estimator and by every config value that differs between runs, each branch apart, in order of first appearance. */
export function seriesOf<Run>(runs: readonly Run[], describe: (run: Run) => DescribedRun): SeedSeries<Run>[] {
  const described = runs.map(describe);
  const parameters = described.map(({ config }) => configLeaves(config));
  const differing = [...new Set(parameters.flatMap((values) => [...values.keys()]))]
    .filter((path) => new Set(parameters.map((values) => values.get(path) ?? null)).size > 1)
    .filter((path) => isCommon(path, described, parameters))
    .sort();
  const series = new Map<string, { estimator: string; of: string | undefined; values: Record<string, ParameterValue>; runs: Run[] }>();
  runs.forEach((run, index) => {
    const { estimator = '', branchedFrom, seed = null } = described[index] ?? {};
    const values = Object.fromEntries(differing.map((path) => [path, parameters[index]?.get(path) ?? null]));
    const branch = branchedFrom === undefined ? '' : `${seed === null ? '' : ` seed ${seed}`}${branchWords({ branchedFrom })}`;
    const key = JSON.stringify([estimator, values, branchedFrom?.id, branch]);
    const same = series.get(key) ?? { estimator: `${estimator}${branch}`, of: branchedFrom?.id, values, runs: [] };
    same.runs.push(run);
    series.set(key, same);
  });
  const all = [...series.values()];
  return all.map(({ estimator, of, values, runs: members }) => {
    const others = all.filter((other) => other.estimator === estimator);
    const isOnlyOfRun = others.filter((other) => other.of === of).length === 1;
    const origin = of !== undefined && others.some((other) => other.of !== of) ? ` of ${of}` : '';
    return {
      label: `${estimator}${origin}${isOnlyOfRun ? '' : ` (${describeParameters(values)})`}`,
      parameters: values,
      runs: members,
    };
  });
}

/** Whether some run of each vocabulary has the parameter: another program may call it something else. */
function isCommon(path: string, runs: readonly DescribedRun[], parameters: readonly ReadonlyMap<string, ParameterValue>[]): boolean {
  const vocabulary = (run: DescribedRun | undefined): string => run?.vocabulary ?? '';
  const having = new Set(runs.filter((_, index) => parameters[index]?.has(path)).map(vocabulary));
  return runs.every((run) => having.has(vocabulary(run)));
}

/** Groups of runs that differ in nothing but their seed, in order of first appearance; of repeats of a run one counts. */
export function groupRuns(runs: readonly ComparedRun[]): RunGroup[] {
  const series = seriesOf(runs, ({ summary: { estimator, seed }, config, vocabulary = '', branchedFrom }) => {
    return { estimator, config, vocabulary, branchedFrom, seed };
  });
  return series.map(({ label, parameters, runs: members }) => {
    const counted = countedOnce(members, ({ summary, config }) => ({ seed: summary.seed, step: summary.steps, config }));
    const ordered = counted.runs.toSorted((a, b) => bySeed(a.summary, b.summary));
    return {
      summary: summarizeGroup(
        label,
        parameters,
        ordered.map((run) => run.summary),
        ordered[0]?.branchedFrom,
      ),
      runs: ordered,
      repeats: counted.repeats,
    };
  });
}

function summarizeGroup(
  label: string,
  parameters: Readonly<Record<string, ParameterValue>>,
  runs: readonly RunSummary[],
  branchedFrom: BranchOrigin | undefined,
): GroupSummary {
  const collapsed = runs.filter(hasCollapsed);
  const onsets = present(collapsed, (run) => run.onsetStep);
  const maxima = present(runs, (run) => run.maxGradNorm);
  return {
    estimator: runs[0]?.estimator ?? label,
    label,
    parameters,
    count: runs.length,
    seeds: runs.flatMap((run) => run.seed ?? []),
    collapsed: collapsed.length,
    recovered: collapsed.filter((run) => run.state === 'recovered').length,
    collapseRate: collapsed.length / runs.length,
    collapseRateInterval: wilsonInterval({ count: collapsed.length, of: runs.length }),
    onsetStep: onsets.length === 0 ? null : { median: median(onsets), min: Math.min(...onsets), max: Math.max(...onsets) },
    finalScore: spread(present(runs, (run) => run.finalScore)),
    bestScore: spread(present(runs, (run) => run.bestScore)),
    medianGradNorm: medianOrNull(present(runs, (run) => run.medianGradNorm)),
    maxGradNorm: medianOrNull(maxima),
    worstGradNorm: maxima.length === 0 ? null : Math.max(...maxima),
    ...(branchedFrom && { branchedFrom }),
    runs,
  };
}

function present(runs: readonly RunSummary[], value: (run: RunSummary) => number | null): number[] {
  return runs.map(value).filter((number) => number !== null);
}

function spread(values: readonly number[]): MeanAndSpread | null {
  return values.length === 0 ? null : { mean: mean(values), std: standardDeviation(values) };
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

/** Characters of a value in a label, which stands in tables, legends and sentences. */
const longestValue = 60;

/** "learningRate 0.004, groupSize 8": last parts of the paths, because the line is read beside the config. */
function describeParameters(values: Readonly<Record<string, ParameterValue>>): string {
  return Object.entries(values)
    .map(([path, value]) => `${path.slice(path.lastIndexOf('.') + 1)} ${shortened(valueText(value))}`)
    .join(', ');
}

/** Without its middle where it is long: paths, above all, differ in their ends. */
function shortened(text: string): string {
  const half = longestValue / 2;
  return text.length <= longestValue ? text : `${text.slice(0, half)}…${text.slice(1 - half)}`;
}

/** What tells runs apart in a config: leaves of a plain JSON value by their dotted path; a list counts as one leaf. */
export function configLeaves(config: unknown, prefix = '', into = new Map<string, ParameterValue>()): Map<string, ParameterValue> {
  if (typeof config !== 'object' || config === null) return into;
  for (const [key, value] of Object.entries(config) as [string, unknown][]) {
    if (prefix === '' && notParameters.has(key)) continue;
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') into.set(path, value);
    else if (Array.isArray(value)) into.set(path, JSON.stringify(value));
    else configLeaves(value, path, into);
  }
  return into;
}
