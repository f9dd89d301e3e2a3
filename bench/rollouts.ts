import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCollapseDetector } from '../src/core/collapse/detector.ts';
import type { RunConfig } from '../src/core/config/config.ts';
import { metricNames } from '../src/core/records/metricNames.ts';
import { quantile } from '../src/core/statistics/quantiles.ts';
import { checkConfig } from '../src/runs/config/loadConfig.ts';
import { writeAtomically } from '../src/runs/directory/atomicFile.ts';
import { stepName } from '../src/runs/directory/checkpoints.ts';
import { linesOf } from '../src/runs/directory/runWriter.ts';
import { createEngine } from '../src/trainer/engines/selection.ts';
import { createTask } from '../src/trainer/tasks/taskRegistry.ts';
import { train, type TrainingJournal } from '../src/trainer/training.ts';
import { trajectories } from '../src/trainer/trajectories.ts';
import type { BenchResult } from './report.ts';
import type { BenchRow } from './row.ts';

const dist = path.dirname(fileURLToPath(import.meta.url));

/** The first steps are slower: the compiler has not seen the code yet. */
const steps = { warmUp: 5, measured: 25 };
const recurrent = { task: { name: 'ledger' }, policy: { kind: 'gru', width: 32 }, rollout: { maxResponseTokens: 800 } };
const transformer = { task: { name: 'ledger' }, policy: { kind: 'transformer', width: 64, layers: 2, heads: 2 } };
const runs = { 'GRU of 32, responses of up to 800 tokens': recurrent, 'transformer of 64, default responses': transformer };

/** What the sampled trajectories cost a run at the default setting, of all its time. Written at every step here, to measure it well. */
export async function benchRollouts(threads: number): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  for (const [name, config] of Object.entries(runs)) {
    const { every, writing, step } = await measure(config, threads);
    const [ours, theirs] = [writing * 1000, every * step * 1000];
    const peer = `the ${every} steps for which it is done once`;
    rows.push({ name: `writing rollouts, ${name}`, ours, peer, theirs, ratio: ours / theirs, unit: 'ms, less is better' });
  }
  return { rows, notes: [] };
}

/** Median seconds of writing and of a step without it. */
async function measure(written: object, threads: number): Promise<{ every: number; writing: number; step: number }> {
  const { config, findings } = checkConfig({ name: 'rollouts', estimators: ['tir_optimal_token_baseline'], ...written });
  const every = config?.trajectories.every;
  if (config === undefined || !every) throw new Error(findings[0]?.message ?? 'By default no rollouts are written: nothing to measure.');
  const run = {
    ...config,
    trainer: 'builtin',
    estimator: 'tir_optimal_token_baseline',
    seed: 1,
    steps: steps.warmUp + steps.measured,
    trajectories: { every: 1 },
    checkpoint: { every: null },
    earlyStop: null,
    onCollapse: 'warn',
  } satisfies RunConfig;
  const folder = await mkdtemp(path.join(tmpdir(), 'otb-rollouts-'));
  const task = createTask(run);
  const site = { kernelFolder: dist, workerFile: path.join(dist, 'worker.mjs') };
  const { engine } = await createEngine('wasm-simd', { task, config: run, threads, site, cacheDir: '' });
  const writing: number[] = [];
  const stepping: number[] = [];
  const journal: TrainingJournal = {
    trajectories(step, rollout, batch) {
      const started = performance.now();
      writeAtomically(path.join(folder, `${stepName(step)}.jsonl`), linesOf(trajectories(rollout, batch, task.vocabulary)));
      writing.push((performance.now() - started) / 1000);
    },
    metrics: (_, data) => stepping.push(data[metricNames.stepSeconds]! - writing.at(-1)!),
    collapse: () => undefined,
    checkpoint: () => undefined,
    stopRequested: () => false,
    checkpointRequested: () => false,
  };
  try {
    const detector = createCollapseDetector();
    await train({ config: run, engine, detector, journal, doneSteps: 0, history: [], now: () => performance.now() / 1000 });
    const median = (seconds: readonly number[]): number => quantile(seconds.slice(steps.warmUp), 0.5);
    return { every, writing: median(writing), step: median(stepping) };
  } finally {
    await engine.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
