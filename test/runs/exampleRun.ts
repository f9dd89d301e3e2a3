import { mkdtempSync, realpathSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { rm } from 'node:fs/promises';
import { runSchemaVersion } from '../../src/core/records/run.ts';
import type { PlannedRun, RunRecord } from '../../src/core/records/run.ts';
import { identityOf } from '../../src/core/records/runIdentity.ts';
import type { OwnRun, RunOverview } from '../../src/runs/catalog/runOverview.ts';
import { parseConfig } from '../../src/runs/config/loadConfig.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';

const temporary: string[] = [];
after(async () => {
  for (const dir of temporary) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

/** A new folder that is deleted after the tests of the file. */
export function temporaryFolder(): string {
  const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'otb-test-')));
  temporary.push(dir);
  return dir;
}

/** Planned runs of a small config. */
export function examplePlans(cwd: string, keys: Record<string, unknown> = {}): PlannedRun[] {
  const config = { name: 'example', steps: 5, estimators: ['dr_grpo'], seeds: [1], ...keys };
  return planRuns(parseConfig(JSON.stringify(config), 'example.otb.json'), { now: new Date(2026, 0, 2, 3, 4, 5), cwd, git: null });
}

/** A run record of a process that is gone: nothing has this start time. */
export function exampleRecord(changes: Partial<RunRecord> = {}): RunRecord {
  const [plan] = examplePlans(os.tmpdir());
  if (!plan) throw new Error('no plan');
  return {
    ...plan,
    schemaVersion: runSchemaVersion,
    pid: process.pid,
    processStartTime: 'another boot:1',
    command: ['node', 'trainer.mjs'],
    host: os.hostname(),
    engine: 'wasm',
    device: 'CPU, 1 thread',
    engineReason: 'test',
    createdAt: '2026-01-02T03:04:05.000Z',
    ...changes,
  };
}

/** What is different about a run of the built-in trainer; `record`: its `run.json`. */
export type OverviewChanges = Partial<OwnRun> & { readonly record?: RunRecord };

/** A healthy run before its first step, as the catalog tells of it, changed as given. */
export function overviewOf({ record = exampleRecord(), ...changes }: OverviewChanges & Pick<RunOverview, 'dir'>): OwnRun {
  return {
    identity: identityOf(record),
    process: 'running',
    exit: null,
    collapse: 'healthy',
    notJudged: '',
    onsetStep: null,
    detectedStep: null,
    collapseEvents: [],
    stepNotes: [],
    step: 0,
    gradNorm: Number.NaN,
    score: Number.NaN,
    stepsPerSecond: Number.NaN,
    warmStart: Number.NaN,
    sparkline: [],
    note: null,
    ...changes,
  };
}

/** Waits until something holds, for at most a minute. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
