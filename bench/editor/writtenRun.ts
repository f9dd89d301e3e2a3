import { closeSync, openSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { formatMetrics } from '../../src/core/records/metrics.ts';
import { runFiles, runSchemaVersion } from '../../src/core/records/run.ts';
import type { PlannedRun } from '../../src/core/records/run.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { defaultRunsDir } from '../../src/runs/launcher/runsFolder.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';
import { processStartTime } from '../../src/runs/process/processStartTime.ts';

/** Names of the metrics of a step: the five that say most, or as many as the built-in trainer writes. */
export type MetricSet = 'lean' | 'full';

const lean = [metricNames.gradNorm, metricNames.score, metricNames.entropy, metricNames.responseLength, metricNames.throughput];
const metricSets: Readonly<Record<MetricSet, readonly string[]>> = {
  lean,
  full: [...lean, ...Array.from({ length: 26 }, (_, i) => `estimator/number_${i}/total_power`)],
};

/** Runs of this very process, so that they count as running: planned from one config, with one seed each. */
export async function createRuns(workspace: string, count: number, steps: number, name = 'bench'): Promise<RunWriter[]> {
  const text = JSON.stringify({ name, estimators: ['dr_grpo'], seeds: Array.from({ length: count }, (_, i) => i + 1), steps });
  const plans = planRuns(parseConfig(text, path.join(workspace, 'bench.otb.json')), { now: new Date(), cwd: workspace, git: null });
  const startTime = await processStartTime(process.pid);
  return plans.map((plan) => createRun(defaultRunsDir(workspace), plan, startTime));
}

function createRun(runsDir: string, plan: PlannedRun, startTime: string | null): RunWriter {
  const process_ = { pid: process.pid, processStartTime: startTime };
  const writer = RunWriter.create(path.join(runsDir, plan.id), {
    ...plan,
    ...process_,
    schemaVersion: runSchemaVersion,
    command: [],
    host: os.hostname(),
    engine: 'none',
    device: 'none',
    engineReason: 'written by a benchmark',
    createdAt: new Date().toISOString(),
  });
  writer.appendEvent({ type: 'started', step: 0, time: Date.now() / 1000, data: process_ });
  return writer;
}

/** Metrics of a step: a slowly moving norm and score with noise, and a surge every 100,000 steps. */
export function stepMetrics(step: number, set: MetricSet): Record<string, number> {
  const names = metricSets[set];
  const data: Record<string, number> = {};
  for (const [i, name] of names.entries()) data[name] = 1 + i + 0.3 * Math.sin(step / 5000 + i) + 0.1 * noise(step * names.length + i);
  if (step % 100_000 === 50_000) data[metricNames.gradNorm] = 1e4;
  return data;
}

/** Says that a run has taken all its steps. */
export function endRun(run: RunWriter, steps: number): void {
  run.writeExit({ code: 0, signal: null, lastStep: steps, reason: 'completed', message: 'All steps are done.', time: Date.now() / 1000 });
  run.close();
}

/** Appends steps 1 to `steps` to a run at once. */
export function fillRun(dir: string, steps: number, set: MetricSet): void {
  const file = openSync(path.join(dir, runFiles.metrics), 'a');
  try {
    let lines: string[] = [];
    for (let step = 1; step <= steps; step++) {
      lines.push(formatMetrics({ step, time: 1_700_000_000 + step / 20, data: stepMetrics(step, set) }), '\n');
      if (step % 10_000 !== 0 && step !== steps) continue;
      writeSync(file, lines.join(''));
      lines = [];
    }
  } finally {
    closeSync(file);
  }
}

/** −1 to 1, the same at every call. */
function noise(index: number): number {
  const hash = Math.sin(index * 12.9898) * 43758.5453;
  return 2 * (hash - Math.floor(hash)) - 1;
}
