import path from 'node:path';
import { defaultSensitivity } from '../../core/collapse/sensitivity.ts';
import type { Sensitivity } from '../../core/collapse/sensitivity.ts';
import { gapsText } from '../../core/collapse/sentences.ts';
import type { Gap } from '../../core/collapse/sight.ts';
import { nearest } from '../../core/config/nearest.ts';
import { isLifecycleEvent } from '../../core/records/events.ts';
import type { CollapseState, RunEvent } from '../../core/records/events.ts';
import type { MetricSeries, MetricTable } from '../../core/records/metricTable.ts';
import { expectedKeys } from '../../core/records/runIdentity.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import type { Life } from '../../core/records/runHistory.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import type { Malformed, RunPlace } from '../sources/format.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import { readSource } from '../sources/readSource.ts';
import { metricsFormat, placeId } from '../sources/runPlace.ts';
import { detectCollapse } from './detectCollapse.ts';

export interface InspectOptions {
  /** Metric to take for the gradient norm; default: the first that has one of the names under which it is known. */
  readonly gradNorm?: string | undefined;
  /** The same for the score. */
  readonly score?: string | undefined;
  /** What is known of the run besides what its files tell. */
  readonly assigned?: RunAssignment | undefined;
  /** Which of several runs in one file; default: the newest. */
  readonly life?: number | undefined;
}

/** One metric in numbers. Write it with `stringify`: the numbers may be NaN or infinite. */
interface MetricSummary {
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
  /** `otb-run`: a run directory; `metrics`: a metrics.jsonl alone, which says nothing of the run but its metrics; else another program's. */
  readonly format: string;
  readonly id: string;
  readonly name: string;
  /** Null: not known, like estimator, seed and process. */
  readonly group: string | null;
  readonly estimator: string | null;
  readonly seed: number | null;
  /** The runs that were written into the file one after the other, earliest first, and which of them this is, from 1. */
  readonly lives: readonly Life[];
  readonly life: number;
  /** Number of steps that were logged. */
  readonly steps: number;
  readonly firstStep: number | null;
  readonly lastStep: number | null;
  /** Null: the run logs none. */
  readonly gradNormKey: string | null;
  readonly scoreKey: string | null;
  readonly malformedLines: number;
  /** The first of them, with their places and what is wrong with them. */
  readonly malformed: readonly Malformed[];
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  /** At which level it is judged. */
  readonly sensitivity: Sensitivity;
  readonly state: CollapseState;
  /** What a collapse is told from and the run does not log: "steps", "gradNorm", "score". */
  readonly missing: readonly Gap['of'][];
  /** What cannot be judged for that, in words; empty: everything can. */
  readonly notJudged: string;
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  /** What the detector says now, with what befell the process; in order of step. */
  readonly events: readonly RunEvent[];
  readonly process: ProcessState | null;
  readonly exit: ExitRecord | null;
  readonly warnings: readonly string[];
}

/** Reads a run and runs the collapse detector over its metrics. Throws a RunDirectoryError where it cannot be read, or does not log a metric that the options name. */
export async function inspectRun(place: RunPlace, options: InspectOptions = {}): Promise<RunInspection> {
  const { identity, metrics, lives, events, exit, state, malformedLines, malformed, warnings } = await readSource(place, options);
  const source = placeId(place);
  const gradNormKey = chosenMetric(source, metrics, options.gradNorm, identity.metricKeys.gradNorm);
  const scoreKey = chosenMetric(source, metrics, options.score, identity.metricKeys.score);
  const metricKeys = {
    ...identity.metricKeys,
    ...(gradNormKey !== null && { gradNorm: gradNormKey }),
    ...(scoreKey !== null && { score: scoreKey }),
  };
  const { detector, events: collapse } = detectCollapse(metrics, { ...identity, metricKeys });
  const expected = expectedKeys({ kind: identity.kind, metricKeys });
  const { id, name, group, estimator, seed } = identity;
  const isAlone = place.format === metricsFormat;
  return {
    source,
    format: place.format,
    id: isAlone ? path.basename(source) : id,
    name: isAlone ? path.basename(source) : name,
    group: isAlone ? null : group,
    estimator,
    seed,
    lives,
    life: options.life ?? lives.length,
    steps: metrics.length,
    firstStep: metrics.firstStep ?? null,
    lastStep: metrics.lastStep ?? null,
    gradNormKey,
    scoreKey,
    malformedLines,
    malformed,
    metrics: Object.fromEntries(metrics.keys.map((key) => [key, summarize(metrics.series(key))])),
    sensitivity: identity.sensitivity ?? defaultSensitivity,
    state: detector.state,
    missing: detector.gaps.map(({ of }) => of),
    notJudged: gapsText(detector.gaps, expected),
    onsetStep: detector.onsetStep,
    detectedStep: detector.detectedStep,
    // Of one step in the order of the files, whatever the clock said: a process logs what it did after the metrics of the step.
    events: [...collapse, ...events.filter(isLifecycleEvent)].toSorted((a, b) => a.step - b.step),
    process: state,
    exit,
    warnings: [
      ...warnings,
      ...(gradNormKey === null ? meantNote(metrics, 'gradient norm', expected.gradNorm, '--grad-norm', /grad(?!.*loss)|norm/i) : []),
      ...(scoreKey === null ? meantNote(metrics, 'score', expected.score, '--score', /score|reward|acc/i) : []),
    ],
  };
}

/** Names that are told of those that may be meant. */
const mostNamed = 8;

/** Which metrics of a run may be the one that it does not log under its usual name; nothing, where none looks like it. */
function meantNote({ keys }: MetricTable, what: string, expected: string | undefined, option: string, looks: RegExp): string[] {
  const alike = keys.filter((key) => looks.test(key));
  const [first] = alike;
  if (first === undefined) return [];
  const named = `${alike.slice(0, mostNamed).join(', ')}${alike.length > mostNamed ? ', …' : ''}`;
  const lack = expected === undefined ? '' : `No metric is called "${expected}". `;
  return [`${lack}The ${what} may be ${named}: choose it with ${option} ${first}.`];
}

function chosenMetric(dir: string, metrics: MetricTable, wanted: string | undefined, usual: string | undefined): string | null {
  if (wanted === undefined) return usual !== undefined && metrics.keys.includes(usual) ? usual : null;
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
