// `npm run study:proxy`: trains policies, holds the variance proxy of every estimator against the variance of the true gradient at each
// of them, by many backward passes, and writes docs/PROXY.md. What is already measured is kept in .otb/study/proxy.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RunConfig } from '../../src/core/config/config.ts';
import { builtinConfig } from '../../src/core/config/programConfig.ts';
import { loadConfig } from '../../src/runs/config/loadConfig.ts';
import { planRuns } from '../../src/runs/planning/planRuns.ts';
import { createEngine } from '../../src/trainer/engines/selection.ts';
import { createTask } from '../../src/trainer/tasks/taskRegistry.ts';
import { warmStart } from '../../src/trainer/warmStart.ts';
import { proxyDocument, type StudiedPolicy } from './document.ts';
import { trainedPolicies } from './fixedPolicies.ts';
import { measuredVariance } from './measuredVariance.ts';

/** A training whose policies are looked at. */
interface Training {
  readonly preset: string;
  readonly estimator: string;
  readonly steps: number;
  /** Steps after which the policy is looked at, unless it has collapsed; and, where it does, at the onset and 10 steps later. */
  readonly at: readonly number[];
}

const trainings: readonly Training[] = [
  { preset: 'figure1', estimator: 'dr_grpo', steps: 300, at: [0, 40, 100] },
  { preset: 'figure1', estimator: 'tir_optimal_token_baseline', steps: 300, at: [100, 300] },
  { preset: 'figure1-smooth', estimator: 'dr_grpo', steps: 300, at: [0, 100] },
  { preset: 'transformer', estimator: 'dr_grpo', steps: 200, at: [0, 60, 200] },
  { preset: 'transformer', estimator: 'tir_optimal_token_baseline', steps: 200, at: [200] },
];
const seed = 1;
const checkpointEvery = 10;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { batches: { type: 'string', default: '120' }, parallel: { type: 'string', default: String(os.availableParallelism()) } },
});
const batches = Number(values.batches);
const folder = path.join(root, '.otb', 'study', 'proxy');
const log = (line: string): void => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);
mkdirSync(folder, { recursive: true });

const policies: StudiedPolicy[] = [];
for (const training of trainings) policies.push(...(await studied(training)));
const page = path.join(root, 'docs', 'PROXY.md');
const findings = readFileSync(path.join(root, 'study', 'proxy', 'findings.md'), 'utf8');
writeFileSync(page, proxyDocument({ batches, findings, policies }));
log(`wrote ${page}`);

async function studied(training: Training): Promise<readonly StudiedPolicy[]> {
  const { preset, estimator } = training;
  const file = path.join(folder, `${preset}-${estimator}-${batches}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as readonly StudiedPolicy[];
  log(`${preset}, ${estimator}: training`);
  const config = await configOf(training);
  const task = createTask(config);
  const site = { kernelFolder: path.join(root, 'dist'), workerFile: path.join(root, 'dist', 'worker.mjs') };
  const { engine } = await createEngine('wasm-simd', { task, config, threads: Number(values.parallel), site, cacheDir: '' });
  await warmStart(engine, task, config, path.join(root, '.otb', 'study', 'cache'), { log: () => undefined, stopRequested: () => false });
  const { policies: kept, onset } = await trainedPolicies(engine, config);
  const wanted = new Set([...training.at.filter((step) => onset === null || step < onset), ...atOnset(onset)]);
  const results: StudiedPolicy[] = [];
  for (const { step, parameters } of kept.filter((policy) => wanted.has(policy.step))) {
    log(`${preset}, ${estimator}: measuring step ${step}`);
    engine.writeParameters(parameters);
    results.push({ preset, estimator, step, onset, ...(await measuredVariance(engine, { seed: 101, ...config.rollout }, batches)) });
  }
  await engine.dispose();
  writeFileSync(file, JSON.stringify(results));
  return results;
}

/** Checkpoints at the beginning of a surge that became a collapse, and in it. */
function atOnset(onset: number | null): readonly number[] {
  if (onset === null) return [];
  const last = Math.floor(onset / checkpointEvery) * checkpointEvery;
  return [last, last + checkpointEvery];
}

async function configOf({ preset, estimator, steps }: Training): Promise<RunConfig> {
  const loaded = await loadConfig(path.join(root, 'presets', `${preset}.otb.json`));
  const options = { estimators: [estimator], seeds: [seed], steps, now: new Date(0), cwd: root, runsDir: folder, git: null };
  const [run] = planRuns(loaded, options);
  return { ...builtinConfig(run!.config), checkpoint: { every: checkpointEvery }, trajectories: { every: null } };
}
