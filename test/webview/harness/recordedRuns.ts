import path from 'node:path';
import type { LoggedStep } from '../../../bench/detector/labelledRun.ts';
import { recordedRuns } from '../../../bench/detector/packedRuns.ts';
import { createCollapseDetector } from '../../../src/core/collapse/detector.ts';
import { gapsSentence } from '../../../src/core/collapse/sentences.ts';
import { summarizeRun } from '../../../src/core/comparison/runSummary.ts';
import { tableCurve } from '../../../src/core/comparison/tableCurve.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import type { HostMessage } from '../../../src/core/panel/messages.ts';
import type { PanelRun } from '../../../src/core/panel/panelRun.ts';
import { pseudoColumns, roleColumns } from '../../../src/core/panel/rows.ts';

/** A recorded training run, as the extension would tell a panel about it. */
export interface RecordedRun {
  readonly run: PanelRun;
  readonly rows: Extract<HostMessage, { type: 'rows' }>;
}

const curves = recordedRuns(path.resolve('bench/detector/data'));
/** Steps that a page is shown after a collapse from which a run did not come back. */
const aftermath = 60;
const columns = [metricNames.gradNorm, metricNames.score, metricNames.entropy, metricNames.responseLength];
const firstTime = 1.77e9;

/** The curve of that name with what the detector says of it; `changes` overrides what is told. */
export function recordedRun(name: string, estimator: string, changes: Partial<PanelRun> = {}): RecordedRun {
  const curve = curves.find((candidate) => candidate.name === name);
  if (curve === undefined) throw new Error(`there is no recorded run ${name}`);
  const last = curve.finalState === 'collapsed' && curve.collapse !== null ? curve.collapse.step + aftermath : Infinity;
  const steps = curve.steps.filter(({ step }) => step <= last);
  const detector = createCollapseDetector();
  const marks = steps.flatMap(({ step, data }) => detector.update(step, data));
  const collapse = marks.find(({ type }) => type === 'collapse' || type === 'nan');
  const records = steps.map((record) => ({ ...record, time: firstTime + record.step }));
  const outcome = { state: detector.state, onsetStep: collapse?.onsetStep ?? null, detectedStep: collapse?.step ?? null };
  const table = new MetricTable();
  table.appendAll(records);
  const summary = summarizeRun({
    estimator,
    seed: curve.seed,
    curve: tableCurve(table, { gradNorm: metricNames.gradNorm, score: metricNames.score }),
    outcome,
  });
  const id = `/runs/${name}`;
  const run: PanelRun = {
    id,
    label: `${estimator} seed ${curve.seed}`,
    name: 'recorded',
    estimator,
    seed: curve.seed,
    series: estimator,
    parameters: {},
    process: 'finished',
    note: null,
    collapse: detector.state,
    notJudged: gapsSentence(detector.gaps),
    onsetStep: outcome.onsetStep,
    detectedStep: outcome.detectedStep,
    marks,
    plannedSteps: steps.length,
    metrics: columns,
    numbers: {
      step: steps.at(-1)?.step ?? null,
      gradNorm: steps.at(-1)?.data[metricNames.gradNorm] ?? null,
      medianGradNorm: summary.medianGradNorm,
      maxGradNorm: summary.maxGradNorm,
      score: summary.finalScore,
      bestScore: summary.bestScore,
      stepsPerSecond: 1,
    },
    createdAt: '2026-02-01T10:00:00.000Z',
    ...changes,
  };
  return { run, rows: rowsOf(id, steps, 0, steps.length) };
}

/** Some rows of the curve, with every column that a panel can ask for. */
function rowsOf(run: string, records: readonly LoggedStep[], from: number, to: number): RecordedRun['rows'] {
  const chosen = records.slice(from, to);
  const column = (name: string): [string, Float64Array] => [name, Float64Array.from(chosen, ({ data }) => data[name] ?? Number.NaN)];
  const pseudo = {
    [roleColumns.gradNorm]: column(metricNames.gradNorm)[1],
    [roleColumns.score]: column(metricNames.score)[1],
    [pseudoColumns.time]: Float64Array.from(chosen, ({ step }) => firstTime + step),
    [pseudoColumns.tokens]: Float64Array.from(chosen, ({ step }) => 1000 * (step + 1)),
  };
  const steps = { first: chosen[0]?.step ?? 0, stride: 1, count: chosen.length };
  return { type: 'rows', run, rows: { from, steps, columns: { ...Object.fromEntries(columns.map(column)), ...pseudo } } };
}

/** The same rows, cut into the part before row `at` and the part from it on. */
export function splitRows({ run, rows }: RecordedRun['rows'], at: number): readonly [RecordedRun['rows'], RecordedRun['rows']] {
  if (rows.steps instanceof Float64Array) throw new Error('recorded rows are a sequence');
  const { first, stride, count } = rows.steps;
  const cut = (from: number, to: number): RecordedRun['rows'] => ({
    type: 'rows',
    run,
    rows: {
      from,
      steps: { first: first + from * stride, stride, count: to - from },
      columns: Object.fromEntries(Object.entries(rows.columns).map(([name, values]) => [name, values.slice(from, to)])),
    },
  });
  return [cut(0, at), cut(at, count)];
}

/** What the extension says to a panel that has just been opened on the runs. */
export function opening(title: string, runs: readonly RecordedRun[], link: string | null = null): readonly HostMessage[] {
  return [
    { type: 'open', title, subject: { kind: 'runs', runs: runs.map(({ run }) => run.id) }, link, settings: { onsets: true } },
    { type: 'runs', runs: runs.map(({ run }) => run) },
    ...runs.map(({ rows }) => rows),
  ];
}
