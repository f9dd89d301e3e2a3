import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { describeComparison } from '../../src/cli/comparisonTable.ts';
import { describeInspection, inspectionTable } from '../../src/cli/inspectionTable.ts';
import { Output } from '../../src/cli/output.ts';
import { Board } from '../../src/cli/progress/board.ts';
import { FollowedRun } from '../../src/cli/progress/followedRun.ts';
import { renderLiveTable } from '../../src/cli/progress/liveTable.ts';
import { ProgressLog } from '../../src/cli/progress/progressLog.ts';
import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import { compareRuns } from '../../src/core/comparison/comparison.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { ExitRecord, ProcessState } from '../../src/core/records/run.ts';
import { renderReport } from '../../src/core/report/report.ts';
import { RunStanding, endingNote } from '../../src/runs/catalog/runStanding.ts';
import type { OwnRun } from '../../src/runs/catalog/runOverview.ts';
import { readRun } from '../../src/runs/directory/readRun.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { comparedRun } from '../../src/runs/inspection/comparedRun.ts';
import { identityOf } from '../../src/core/records/runIdentity.ts';
import { readSource } from '../../src/runs/sources/readSource.ts';
import { runDirectory } from '../../src/runs/sources/runPlace.ts';
import { detectCollapse } from '../../src/runs/inspection/detectCollapse.ts';
import { inspectRun } from '../../src/runs/inspection/inspectRun.ts';
import { runsMarkdown } from '../../src/runs/inline/estimatorMarkdown.ts';
import { afterText, outcomeText, problemText, runningText } from '../../src/runs/inline/runSentences.ts';
import { examplePlans, exampleRecord, overviewOf, temporaryFolder } from '../runs/exampleRun.ts';

type Metric = (step: number) => number | undefined;
interface Edge {
  readonly steps: number;
  readonly norm: Metric;
  readonly score: Metric;
  readonly runs?: number;
  readonly estimator?: string;
  readonly exit?: ExitRecord['reason'] | null;
}

const usual = (step: number): number => 0.5 + 0.1 * Math.sin(step);
const surge = (step: number): number => (step < 100 ? usual(step) : usual(step) * Math.min(1e6, 2 ** (step - 100)));
const fall = (top: number) => (step: number) => (step < 100 ? top : top - Math.min(0.9, 0.05 * (step - 100)));
const nothing: Metric = () => undefined;

const edges: Readonly<Record<string, Edge>> = {
  'no step': { steps: 0, norm: nothing, score: nothing },
  'one step': { steps: 1, norm: usual, score: () => 1 },
  'two steps': { steps: 2, norm: usual, score: () => 0 },
  'no norm': { steps: 200, norm: nothing, score: fall(0.8) },
  'no score': { steps: 200, norm: surge, score: nothing },
  'no metric that is known': { steps: 30, norm: nothing, score: nothing },
  'a norm of 0': { steps: 150, norm: () => 0, score: () => 0.5 },
  'a constant norm': { steps: 150, norm: () => 0.4, score: () => 0.5 },
  'a tiny norm': { steps: 150, norm: (step) => 8e-5 * usual(step), score: () => 8e-5 },
  'a collapse': { steps: 200, norm: surge, score: fall(0.8) },
  'negative scores': { steps: 200, norm: surge, score: fall(-0.3) },
  'a score of 0': { steps: 200, norm: surge, score: () => 0 },
  'a recovery': {
    steps: 400,
    norm: (step) => (step > 99 && step < 160 ? 1e6 : usual(step)),
    score: (step) => (step > 99 && step < 160 ? 0.01 : 0.8),
  },
  'a huge spike': { steps: 200, norm: (step) => (step === 100 ? 1.3e11 : usual(step)), score: () => 0.7 },
  'NaN norms': { steps: 200, norm: (step) => (step < 50 ? usual(step) : Number.NaN), score: () => 0.7 },
  'NaN scores': { steps: 200, norm: usual, score: () => Number.NaN },
  'infinite norms': { steps: 200, norm: (step) => (step < 50 ? usual(step) : Infinity), score: () => 0.7 },
  'everything NaN': { steps: 60, norm: () => Number.NaN, score: () => Number.NaN },
  'sixty collapses': { steps: 120, norm: surge, score: fall(0.8), runs: 60 },
  'a lost run': { steps: 40, norm: usual, score: () => 0.5, exit: null },
  'lost runs without a step': { steps: 0, norm: nothing, score: nothing, exit: null, runs: 3 },
  'a run that failed': { steps: 3, norm: usual, score: () => 0.5, exit: 'failed' },
  'an unknown estimator': { steps: 200, norm: surge, score: fall(0.8), estimator: 'my_own', runs: 2 },
};

/** What no sentence may have in it, on whatever data. */
const offences: readonly RegExp[] = [
  /NaN %|∞ %|– %/,
  /undefined|\[object|\bnull\b/,
  /(?<![\d.,])1 (?:runs|steps|seeds|times|values|metrics|comparisons|lines)\b/,
  /\b0 of 0\b|\bof 1 (?:runs|steps|seeds)\b/,
  /·10⁻¹[²³⁴-⁹]/,
  /\b0\.00\b(?!\d)|(?<![\w.-])-\d/,
  /\bstep \d+\.(?!5\b)\d/i,
  /\d\.0(?:\s|$|:|\))/,
  /\d[eE][+-]?\d/,
  /[ \t]$/m,
  /\.\.(?!\.)|\. \.|,\.|: *$|\( *\)/m,
  /\bgoing on\b/,
];

function writeEdge(folder: string, name: string, edge: Edge): string[] {
  const seeds = Array.from({ length: edge.runs ?? 1 }, (_, index) => index + 1);
  return examplePlans(folder, { name: name.replaceAll(' ', '-'), estimators: ['opo'], seeds, steps: Math.max(edge.steps, 1) }).map(
    (plan) => {
      const writer = RunWriter.create(
        path.join(folder, plan.id),
        exampleRecord({ ...plan, estimator: (edge.estimator ?? plan.estimator) as typeof plan.estimator }),
      );
      writer.appendEvent({ type: 'started', step: 0, time: 1, data: {} });
      const detector = createCollapseDetector({ estimator: 'opo', maxGradNorm: null });
      for (let step = 1; step <= edge.steps; step++) {
        const values = { [metricNames.gradNorm]: edge.norm(step), [metricNames.score]: edge.score(step) };
        const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined);
        const data = known.length === 0 ? { other: 1 } : Object.fromEntries(known);
        writer.appendMetrics({ step, time: 10 + step, data });
        for (const event of detector.update(step, data)) writer.appendEvent({ ...event, time: 10 + step });
      }
      const reason = edge.exit === undefined ? 'completed' : edge.exit;
      if (reason !== null)
        writer.writeExit({
          code: 0,
          signal: null,
          lastStep: edge.steps,
          reason,
          message: reason === 'completed' ? 'All steps are done.' : 'It failed.',
          time: 20 + edge.steps,
        });
      writer.close();
      return writer.dir;
    },
  );
}

/** The run as the runs view of the editor has it, put together from its files as the catalog does. */
async function overview(dir: string, process: ProcessState | undefined): Promise<OwnRun> {
  const { record, metrics, exit, state } = await readRun(dir);
  const standing = new RunStanding();
  const { events } = detectCollapse(metrics, { ...identityOf(record), maxGradNorm: null });
  for (const metric of metrics.records()) standing.addMetrics(metric);
  for (const event of events) standing.addEvent({ ...event, time: 1 });
  const shown = process ?? state;
  return overviewOf({
    ...{ dir, record, process: shown, exit: process === undefined ? exit : null },
    ...{
      collapse: standing.collapse,
      notJudged: standing.notJudged,
      onsetStep: standing.onsetStep,
      detectedStep: standing.history.detectedStep,
    },
    ...{ collapseEvents: standing.history.events, step: standing.step, gradNorm: standing.gradNorm, score: standing.score },
    note: endingNote(shown, exit),
  });
}

const output = new Output({ write: () => undefined }, { write: () => undefined }, {});

async function sentencesOf(dirs: readonly string[]): Promise<Record<string, string>> {
  const inspections = await Promise.all(dirs.map((dir) => inspectRun(runDirectory(dir))));
  const compared = (await Promise.all(dirs.map((dir) => readSource(runDirectory(dir))))).map(comparedRun);
  const comparison = compareRuns(compared);
  const report = renderReport({ title: 'report', comparison, command: ['otb'], createdAt: '2026', environment: {} });
  const lines: string[] = [];
  const followed = await Promise.all(dirs.map(async (dir) => new FollowedRun(dir, (await readRun(dir)).record)));
  const board = new Board(new ProgressLog((line) => lines.push(line)));
  await Promise.all(followed.map((run) => board.follow(run)));
  board.close();
  const live = { paint: (_format: unknown, text: string) => text, columns: 200, rows: 100, parallel: 2, footer: 'Ctrl-C' };
  const editor: string[] = [];
  for (const process of [undefined, 'running', 'starting', 'lost'] as const) {
    const runs = await Promise.all(dirs.map((dir) => overview(dir, process)));
    const group = { runsDir: '/runs', group: 'g', runs };
    editor.push(
      ...runs.map((run) => run.note ?? ''),
      ...[outcomeText(group), runningText(group, 1), problemText('opo', runs, [])],
      ...[afterText(runs, 'long')?.text ?? '', afterText(runs, 'short')?.text ?? '', runsMarkdown(runs, 10)],
    );
  }
  return {
    inspect: inspections.map((run) => describeInspection(run, output)).join('\n'),
    'inspect of several': inspectionTable(inspections, output),
    events: inspections
      .flatMap(({ events }) => events.flatMap((event) => ('advice' in event ? [event.message, event.advice] : [])))
      .join('\n'),
    compare: describeComparison(comparison, output),
    report: report
      .replace(/<style>.*?<\/style>|<pre>.*?<\/pre>|<svg.*?<\/svg>/gs, '')
      .replaceAll(/<\/?(?:strong|code|em|span)[^>]*>/g, '')
      .replaceAll(/<[^>]+>/g, '\n')
      .replaceAll(/ *\n */g, '\n'),
    figure: [...report.matchAll(/<(?:desc|text|title)[^>]*>([^<]*)/g)].map(([, text]) => text).join('\n'),
    watch: lines.join('\n'),
    'live table': renderLiveTable(followed, live),
    editor: editor.join('\n'),
  };
}

describe('every sentence is whole, on data at the edges', () => {
  for (const [name, edge] of Object.entries(edges)) {
    it(name, async () => {
      const texts = await sentencesOf(writeEdge(temporaryFolder(), name, edge));
      if (process.env['SHOW']) for (const [where, text] of Object.entries(texts)) console.log(`=== ${name}: ${where}\n${text}`);
      for (const [where, text] of Object.entries(texts)) {
        for (const line of text.replaceAll(/\S*otb-test-\S*/g, 'DIR').split('\n')) {
          const offence = offences.find((pattern) => pattern.test(line));
          assert.equal(offence, undefined, `${where}: "${line}" has ${offence}`);
        }
      }
    });
  }
});
