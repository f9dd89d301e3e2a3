import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCollapseDetector } from '../src/core/collapse/detector.ts';
import type { CollapseDetector } from '../src/core/collapse/detector.ts';
import { isCollapse } from '../src/core/records/events.ts';
import { metricNames } from '../src/core/records/metricNames.ts';
import { RollingMedian } from '../src/core/series/rollingMedian.ts';
import type { BenchResult } from './report.ts';

/** One training run with what is known about it. Steps as in the file. */
export interface LabelledCurve {
  readonly name: string;
  readonly seed: number;
  readonly collapsed: boolean;
  /** First step at which the mean score of 20 steps is under half of its highest so far; null: none. */
  readonly collapseStep: number | null;
  /** First step of the gradient surge before the collapse; null: a collapse without a surge, or no collapse. */
  readonly onset: number | null;
  readonly records: readonly { readonly step: number; readonly data: Readonly<Record<string, number>> }[];
}

/** What a detector did on a set of curves. An alarm is the first `collapse` or `nan` event of a run. */
export interface DetectorScore {
  readonly detector: string;
  readonly collapsedRuns: number;
  readonly healthyRuns: number;
  readonly healthySteps: number;
  /** Share of the collapsed runs with an alarm from 100 steps before the labelled collapse to 50 after it. */
  readonly recall: number;
  /** Collapsed runs whose alarm came more than 100 steps before the collapse: false ones, counted with the false alarms. */
  readonly tooEarly: number;
  /** Healthy runs with an alarm. */
  readonly falseRuns: number;
  readonly falsePer1000HealthySteps: number;
  /** Steps from the labelled collapse to the alarm: median and quartiles; negative is early. */
  readonly delay: readonly [number, number, number];
  /** Share of the detected collapses with the alarm at or before the labelled step. */
  readonly inTime: number;
  /** Reported minus labelled onset where there is one: median and quartiles of the steps, and share within 10 steps. */
  readonly onsetError: readonly [number, number, number];
  readonly onsetWithin10: number;
  /** Share of the collapsed runs with an `unstable` or `collapse` event in the 100 steps before the collapse. */
  readonly warned: number;
  readonly unstablePer1000HealthySteps: number;
  readonly spikesPer1000HealthySteps: number;
}

/** Reads a folder of labelled CSV files: a line `# collapsed=… collapse_step=… onset=…`, a header, one row a step. */
export function readCurves(dir: string): LabelledCurve[] {
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.csv'))
    .sort();
  return names.map((name) => readCurve(name, readFileSync(path.join(dir, name), 'utf8')));
}

const columns: Readonly<Record<string, string>> = {
  grad_norm: metricNames.gradNorm,
  score: metricNames.score,
  entropy: metricNames.entropy,
  length: metricNames.responseLength,
};

function readCurve(name: string, text: string): LabelledCurve {
  const [label = '', header = '', ...rows] = text.trim().split('\n');
  const labels = new Map(Array.from(label.matchAll(/(\w+)=(-?\d+)/g), ([, key = '', value = '']) => [key, Number(value)]));
  const keys = header.split(',').map((column) => columns[column]);
  const step = (key: string): number | null => ((labels.get(key) ?? -1) < 0 ? null : (labels.get(key) ?? null));
  return {
    name: name.replace(/\.csv$/, ''),
    seed: Number(/_s(\d+)\.csv$/.exec(name)?.[1] ?? 0),
    collapsed: labels.get('collapsed') === 1,
    collapseStep: step('collapse_step'),
    onset: step('onset'),
    records: rows.map((row) => {
      const cells = row.split(',');
      const data: Record<string, number> = {};
      keys.forEach((key, i) => {
        const cell = cells[i];
        if (key !== undefined && cell !== undefined && cell !== '') data[key] = parseNumber(cell);
      });
      return { step: Number(cells[0]), data };
    }),
  };
}

function parseNumber(cell: string): number {
  if (/^-?inf/i.test(cell)) return cell.startsWith('-') ? -Infinity : Infinity;
  return Number(cell);
}

/** Score of a detector on curves; a fresh detector for each. */
export function scoreDetector(name: string, curves: readonly LabelledCurve[], create: () => CollapseDetector): DetectorScore {
  const tally = { hit: 0, tooEarly: 0, falseRuns: 0, warned: 0, unstable: 0, spikes: 0, healthySteps: 0 };
  const delays: number[] = [];
  const onsetErrors: number[] = [];
  for (const curve of curves) {
    const detector = create();
    const collapse = curve.collapseStep ?? Number.POSITIVE_INFINITY;
    let alarm: { step: number; onsetStep: number } | undefined;
    let warned = false;
    for (const { step, data } of curve.records) {
      const healthy = step < collapse - 100;
      if (healthy) tally.healthySteps += 1;
      for (const event of detector.update(step, data)) {
        if (isCollapse(event)) alarm ??= event;
        if (healthy && event.type === 'unstable') tally.unstable += 1;
        if (healthy && event.type === 'spike') tally.spikes += 1;
        if ((event.type === 'unstable' || isCollapse(event)) && !healthy && step <= collapse) warned = true;
      }
    }
    if (!curve.collapsed) tally.falseRuns += alarm === undefined ? 0 : 1;
    else {
      if (warned) tally.warned += 1;
      if (alarm === undefined || alarm.step > collapse + 50) continue;
      if (alarm.step < collapse - 100) tally.tooEarly += 1;
      else {
        tally.hit += 1;
        delays.push(alarm.step - collapse);
        if (curve.onset !== null) onsetErrors.push(alarm.onsetStep - curve.onset);
      }
    }
  }
  const collapsedRuns = curves.filter(({ collapsed }) => collapsed).length;
  const perThousand = (count: number): number => (1000 * count) / tally.healthySteps;
  return {
    detector: name,
    collapsedRuns,
    healthyRuns: curves.length - collapsedRuns,
    healthySteps: tally.healthySteps,
    recall: tally.hit / collapsedRuns,
    tooEarly: tally.tooEarly,
    falseRuns: tally.falseRuns,
    falsePer1000HealthySteps: perThousand(tally.falseRuns + tally.tooEarly),
    delay: quartiles(delays),
    inTime: delays.filter((delay) => delay <= 0).length / delays.length,
    onsetError: quartiles(onsetErrors),
    onsetWithin10: onsetErrors.filter((error) => Math.abs(error) <= 10).length / onsetErrors.length,
    warned: tally.warned / collapsedRuns,
    unstablePer1000HealthySteps: perThousand(tally.unstable),
    spikesPer1000HealthySteps: perThousand(tally.spikes),
  };
}

/** Median, lower and upper quartile. */
function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = new RollingMedian(Math.max(1, values.length));
  for (const value of values) sorted.push(value);
  return [sorted.median, sorted.quantile(0.25), sorted.quantile(0.75)];
}

/** The usual rule of thumb, for comparison: the gradient norm is over `factor` times the median of the last 60 steps. */
export function medianRule(factor: number): CollapseDetector {
  const recent = new RollingMedian(60);
  return {
    state: 'healthy',
    onsetStep: null,
    detectedStep: null,
    gaps: [],
    update: (step, data) => {
      const value = data[metricNames.gradNorm];
      if (value === undefined) return [];
      const surged = recent.size >= 20 && value > factor * recent.median;
      recent.push(value);
      return surged || !Number.isFinite(value) ? [{ type: 'collapse', step, onsetStep: step, message: '', advice: '', data: {} }] : [];
    },
  };
}

/**
 * Scores the collapse detector on a folder of labelled curves, beside the rule of thumb. The detector's thresholds were chosen on
 * even seeds; odd seeds are those it has never seen.
 */
export function evaluateDetector(dir: string): readonly DetectorScore[] {
  const curves = readCurves(dir);
  const odd = curves.filter(({ seed }) => seed % 2 === 1);
  const even = curves.filter(({ seed }) => seed % 2 === 0);
  return [
    scoreDetector('otb, odd seeds (held out)', odd, createCollapseDetector),
    scoreDetector('otb, even seeds (tuned on)', even, createCollapseDetector),
    scoreDetector('otb, all', curves, createCollapseDetector),
    ...[5, 30].map((factor) => scoreDetector(`${factor} × median of 60, all`, curves, () => medianRule(factor))),
  ];
}

/** The detector against the rule of thumb, on the labelled sample of the repository. */
export function benchCollapse(): BenchResult {
  const curves = readCurves(fileURLToPath(new URL('../test/data/collapse', import.meta.url)));
  const ours = scoreDetector('otb', curves, createCollapseDetector);
  const peer = 'gradient norm > 5 × median of 60';
  const theirs = scoreDetector(peer, curves, () => medianRule(5));
  const row = (name: string, unit: string, of: (score: DetectorScore) => number) => ({
    name,
    ours: of(ours),
    peer,
    theirs: of(theirs),
    ratio: of(ours) / of(theirs),
    unit,
  });
  return {
    rows: [
      row('collapses called, from 100 steps before to 50 after', 'share, more is better', ({ recall }) => recall),
      row('false collapses', 'per 1,000 healthy steps, less is better', ({ falsePer1000HealthySteps }) => falsePer1000HealthySteps),
    ],
    notes: [
      `Collapse: ${ours.collapsedRuns} collapsed and ${ours.healthyRuns} healthy runs of test/data/collapse; the median alarm comes ${-ours.delay[0]} steps before the labelled step.`,
    ],
  };
}
