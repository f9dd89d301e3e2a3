import { gapsText } from '../../core/collapse/sentences.ts';
import type { Gap } from '../../core/collapse/sight.ts';
import { nearest } from '../../core/config/nearest.ts';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseState, RunEvent } from '../../core/records/events.ts';
import { metricNames } from '../../core/records/metricNames.ts';
import type { MetricSeries, MetricTable } from '../../core/records/metricTable.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import { readRun } from '../directory/readRun.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { detectCollapse } from './detectCollapse.ts';

export interface InspectOptions {
  /** Metric to take for the gradient norm; default verl's name. */
  readonly gradNorm?: string | undefined;
  /** Metric to take for the score; default verl's name. */
  readonly score?: string | undefined;
}

/** One metric in numbers. Write it with `stringify`: the numbers may be NaN or infinite. */
export interface MetricSummary {
  /** Steps that have it. */
  readonly count: number;
  readonly last: number;
  /** Of the values that are numbers; NaN where none is. */
  readonly min: number;
  readonly max: number;
}

/** What there is to say about a run: an entry of `otb inspect --json`. */
export interface RunInspection {
  readonly source: string;
  readonly format: 'otb-run';
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly estimator: string;
  readonly seed: number;
  /** Number of steps that were logged. */
  readonly steps: number;
  readonly firstStep: number | null;
  readonly lastStep: number | null;
  /** Null: the run logs none. */
  readonly gradNormKey: string | null;
  readonly scoreKey: string | null;
  readonly malformedLines: number;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly state: CollapseState;
  /** What a collapse is told from and the run does not log: "steps", "gradNorm", "score". */
  readonly missing: readonly Gap['of'][];
  /** What cannot be judged for that, in words; empty: everything can. */
  readonly notJudged: string;
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  /** What the detector says now, with what befell the process; in order of step. */
  readonly events: readonly RunEvent[];
  readonly process: ProcessState;
  readonly exit: ExitRecord | null;
  readonly warnings: readonly string[];
}

/**
 * Reads a run directory and runs the collapse detector over its metrics. Throws a RunDirectoryError where it is no run, or does
 * not log a metric that the options name.
 */
export async function inspectRun(dir: string, options: InspectOptions = {}): Promise<RunInspection> {
  const { record, metrics, events, exit, state: process, malformedLines, warnings } = await readRun(dir);
  const gradNormKey = chosenMetric(dir, metrics, options.gradNorm, metricNames.gradNorm);
  const scoreKey = chosenMetric(dir, metrics, options.score, metricNames.score);
  const { detector, events: collapse } = detectCollapse(metrics, {
    keys: { ...(gradNormKey !== null && { gradNorm: gradNormKey }), ...(scoreKey !== null && { score: scoreKey }) },
    estimator: record.estimator,
    maxGradNorm: record.config.optimizer.maxGradNorm,
  });
  const { id, name, group, estimator, seed } = record;
  return {
    source: dir,
    format: 'otb-run',
    id,
    name,
    group,
    estimator,
    seed,
    steps: metrics.length,
    firstStep: metrics.firstStep ?? null,
    lastStep: metrics.lastStep ?? null,
    gradNormKey,
    scoreKey,
    malformedLines,
    metrics: Object.fromEntries(metrics.keys.map((key) => [key, summarize(metrics.series(key))])),
    state: detector.state,
    missing: detector.gaps.map(({ of }) => of),
    notJudged: gapsText(detector.gaps, { gradNorm: gradNormKey ?? metricNames.gradNorm, score: scoreKey ?? metricNames.score }),
    onsetStep: detector.onsetStep,
    detectedStep: detector.detectedStep,
    // A process logs what it did after the metrics of the step, and has the later time.
    events: [...collapse, ...events.filter(isLifecycleEvent)].toSorted((a, b) => a.step - b.step || a.time - b.time),
    process,
    exit,
    warnings,
  };
}

function chosenMetric(dir: string, metrics: MetricTable, wanted: string | undefined, usual: string): string | null {
  if (wanted === undefined) return metrics.keys.includes(usual) ? usual : null;
  if (metrics.keys.includes(wanted)) return wanted;
  const meant = nearest(wanted, metrics.keys);
  throw new RunDirectoryError(
    dir,
    `the run logs no metric "${wanted}"`,
    meant === undefined ? `It logs: ${metrics.keys.join(', ')}.` : `Did you mean "${meant}"?`,
  );
}

function summarize(series: MetricSeries | undefined): MetricSummary {
  const { values = new Float64Array() } = series ?? {};
  let min = Number.NaN;
  let max = Number.NaN;
  for (const value of values) {
    if (!(value >= min)) min = Number.isNaN(value) ? min : value;
    if (!(value <= max)) max = Number.isNaN(value) ? max : value;
  }
  return { count: values.length, last: values.at(-1) ?? Number.NaN, min, max };
}
