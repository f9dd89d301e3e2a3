import { appendFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import { estimatorNames } from '../../src/core/estimators/estimator.ts';
import { Random } from '../../src/core/random.ts';
import { formatMetrics } from '../../src/core/records/metrics.ts';
import { estimatorPowerMetric, metricNames } from '../../src/core/records/metricNames.ts';
import { runFiles, runSchemaVersion } from '../../src/core/records/run.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';

const begun = 1_767_268_800;

/** Writes the directory of a finished run with all metrics that the built-in trainer logs, and a collapse at 60 % of its steps; returns the directory. */
export function writeLongRun(runsDir: string, steps: number): string {
  const config = parseConfig(JSON.stringify({ name: 'long', estimators: ['grpo'], seeds: [1], steps }), 'long.otb.json');
  const [plan] = planRuns(config, { now: new Date(2026, 0, 2, 3, 4, 5), cwd: runsDir, git: null });
  if (!plan) throw new Error('no plan');
  const dir = path.join(runsDir, plan.id);
  const writer = RunWriter.create(dir, {
    ...plan,
    schemaVersion: runSchemaVersion,
    pid: process.pid,
    processStartTime: 'another boot:1',
    command: [],
    host: os.hostname(),
    engine: 'none',
    device: 'none',
    engineReason: '',
    createdAt: '2026-01-02T03:04:05.000Z',
  });
  const random = new Random(1);
  const detector = createCollapseDetector({ estimator: 'grpo' });
  const collapseAt = Math.round(0.6 * steps);
  let lines = '';
  for (let step = 1; step <= steps; step++) {
    const data = metricsOf(step, collapseAt, random);
    const time = begun + step / 20;
    lines += `${formatMetrics({ step, time, data })}\n`;
    for (const event of detector.update(step, data)) writer.appendEvent({ ...event, time });
    if (step % 1000 === 0) writer.appendEvent({ type: 'checkpoint', step, time, data: {} });
    if (step % 10_000 !== 0 && step !== steps) continue;
    appendFileSync(path.join(dir, runFiles.metrics), lines);
    lines = '';
  }
  const time = begun + steps / 20;
  writer.appendEvent({ type: 'finished', step: steps, time, data: {} });
  writer.writeExit({ code: 0, signal: null, lastStep: steps, reason: 'completed', message: 'All steps are done.', time });
  writer.close();
  return dir;
}

function metricsOf(step: number, collapseAt: number, random: Random): Record<string, number> {
  const since = Math.max(0, step - collapseAt);
  const near = (value: number): number => value * Math.exp(0.2 * (random.uniform() - 0.5));
  const data: Record<string, number> = {};
  for (const name of Object.values(metricNames)) data[name] = near(1);
  data[metricNames.gradNorm] = near(0.5 * Math.exp(Math.min(since * 0.1, 5)));
  data[metricNames.score] = near(0.6 * Math.exp(-since / 20));
  estimatorNames.forEach((name, index) => (data[estimatorPowerMetric(name)] = near(0.4 + 0.15 * index)));
  return data;
}
