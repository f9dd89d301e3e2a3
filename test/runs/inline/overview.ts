import path from 'node:path';
import type { RunRecord } from '../../../src/core/records/run.ts';
import type { OwnRun } from '../../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../exampleRun.ts';
import type { OverviewChanges } from '../exampleRun.ts';

/** A healthy run that is under way, as the catalog tells of it. */
export function overview(estimator: string, seed: number, changes: OverviewChanges = {}, record: Partial<RunRecord> = {}): OwnRun {
  const group = record.group ?? '20260101-120000-example';
  const example = exampleRecord();
  return overviewOf({
    dir: path.join('/work space/.otb/runs', `${group}-${estimator}-s${seed}`),
    record: { ...example, estimator, seed, group, config: { ...example.config, steps: 600 }, ...record },
    step: 120,
    gradNorm: 0.3123,
    score: 0.4167,
    stepsPerSecond: 5,
    sparkline: [0.3, 0.3, 3, 30],
    ...changes,
  });
}

/** The same after a collapse that began at a step. */
export function collapsedOverview(
  estimator: string,
  seed: number,
  onsetStep: number,
  changes: OverviewChanges = {},
  record: Partial<RunRecord> = {},
): OwnRun {
  const detectedStep = onsetStep + 9;
  const event = {
    type: 'collapse',
    step: detectedStep,
    onsetStep,
    time: 0,
    message: 'The score fell to 0.1.',
    advice: 'Branch.',
    data: { usualGradNorm: 0.31, surge: 1 },
  } as const;
  return overview(
    estimator,
    seed,
    { process: 'finished', step: 600, score: 0.05, collapse: 'collapsed', onsetStep, detectedStep, collapseEvents: [event], ...changes },
    record,
  );
}
