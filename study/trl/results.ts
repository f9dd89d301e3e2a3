import type { ComparedRun } from '../../src/core/comparison/groups.ts';
import type { CollapseOutcome, RunCurve } from '../../src/core/comparison/runSummary.ts';
import { summarizeRun } from '../../src/core/comparison/runSummary.ts';
import { tableCurve } from '../../src/core/comparison/tableCurve.ts';
import { median } from '../../src/core/statistics/quantiles.ts';
import { comparedRun } from '../../src/runs/inspection/comparedRun.ts';
import type { SourceContents } from '../../src/runs/sources/readSource.ts';

/** What the section on TRL is made from: lies in the repository, because the section outlives the runs. */
export interface TrlResults {
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: readonly TrlSetting[];
}

export interface TrlSetting {
  readonly name: string;
  /** What it is, in a sentence. */
  readonly purpose: string;
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly runs: readonly TrlRun[];
}

export interface TrlRun extends CollapseOutcome {
  readonly estimator: string;
  readonly seed: number;
  /** By step, from the first. */
  readonly gradNorm: readonly number[];
  readonly score: readonly number[];
  /** Median over steps of its total power by that of the reference estimator on the same rollouts. */
  readonly powerRatio: number | null;
  /** Median of a step. */
  readonly seconds: number | null;
}

/** Whose total power the others are compared with. */
export const powerReference = 'dr_grpo';

export function trlRun(contents: SourceContents): TrlRun {
  const { identity, metrics } = contents;
  const { summary } = comparedRun(contents);
  const curve = tableCurve(metrics, identity.metricKeys);
  const own = metrics.column('variance_proxy/proxy2_total_power')?.values ?? [];
  const reference = metrics.column(`estimator/${powerReference}/total_power`)?.values ?? [];
  const seconds = metrics.column('timing_s/step')?.values ?? [];
  return {
    estimator: summary.estimator,
    seed: summary.seed ?? 0,
    state: summary.state,
    onsetStep: summary.onsetStep,
    detectedStep: summary.detectedStep,
    gradNorm: Array.from(curve.gradNorm, rounded),
    score: Array.from(curve.score, rounded),
    powerRatio: middle(Array.from(own, (power, row) => power / (reference[row] ?? Number.NaN))),
    seconds: middle(Array.from(seconds)),
  };
}

/** The same run as comparisons see it. */
export function comparable({ estimator, seed, state, onsetStep, detectedStep, ...run }: TrlRun): ComparedRun {
  const curve: RunCurve = { steps: run.score.map((_, index) => index + 1), gradNorm: run.gradNorm, score: run.score };
  const outcome = { state, onsetStep, detectedStep };
  return {
    source: `${estimator}-s${seed}`,
    summary: summarizeRun({ estimator, seed, curve, outcome }),
    curve,
    config: null,
    events: [],
    notJudged: '',
  };
}

/** One run a line; JSON has no infinity, which a gradient norm may be. */
export function resultsText({ settings, environment }: TrlResults): string {
  const text = (value: unknown): string => JSON.stringify(value, (_, part: unknown) => (isNotFinite(part) ? String(part) : part));
  const setting = ({ runs, ...about }: TrlSetting): string => `${text(about).slice(0, -1)},"runs":[\n${runs.map(text).join(',\n')}\n]}`;
  return `{"environment":${text(environment)},"settings":[\n${settings.map(setting).join(',\n')}\n]}\n`;
}

export function parseResults(text: string): TrlResults {
  const results = JSON.parse(text) as TrlResults;
  const numbers = (values: readonly unknown[]): number[] => values.map(Number);
  const run = (given: TrlRun): TrlRun => ({ ...given, gradNorm: numbers(given.gradNorm), score: numbers(given.score) });
  return { ...results, settings: results.settings.map((setting) => ({ ...setting, runs: setting.runs.map(run) })) };
}

function isNotFinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

function middle(values: readonly number[]): number | null {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? null : rounded(median(finite));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
