import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '../src/core/config/config.ts';
import type { EstimatorName } from '../src/core/estimators/estimator.ts';
import type { RunRecord } from '../src/core/records/run.ts';
import { createEngine } from '../src/trainer/engines/selection.ts';
import type { Engine } from '../src/trainer/engines/engine.ts';
import { decodeSafetensors } from '../src/trainer/safetensors.ts';
import { rolloutMetrics } from '../src/trainer/stepMetrics.ts';
import { createTask } from '../src/trainer/tasks/taskRegistry.ts';
import { warmStart } from '../src/trainer/warmStart.ts';
import type { StudySite } from './experiment.ts';
import { gradientVariance, type GradientVariance } from './gradientVariance.ts';

/** A policy that stands still while gradients are measured: a run of the `gentle` preset after so many steps. */
interface FixedPolicy {
  readonly estimator: EstimatorName;
  /** 0: the warm start, before any reinforcement learning. */
  readonly step: number;
}

const policies: readonly FixedPolicy[] = [
  { estimator: 'tir_optimal_token_baseline', step: 0 },
  { estimator: 'tir_optimal_token_baseline', step: 100 },
  { estimator: 'tir_optimal_token_baseline', step: 400 },
  { estimator: 'tir_optimal_token_baseline', step: 900 },
  { estimator: 'dr_grpo', step: 100 },
];
const preset = 'gentle';
const seed = 1;
const prompts = 200;
const measured: readonly EstimatorName[] = [
  'reinforce',
  'dr_grpo',
  'grpo',
  'rloo',
  'opo',
  'optimal_trajectory_baseline',
  'tir_optimal_token_baseline',
];

export interface PolicyVariance {
  readonly label: string;
  readonly prompts: number;
  /** Of 32 responses to the first prompts. */
  readonly score: number;
  readonly entropy: number;
  readonly responseLength: number;
  readonly rows: readonly GradientVariance[];
}

/** Measures every fixed policy, or reads what an earlier study measured. The runs of the preset must be there. */
export async function varianceAtFixedPolicies(site: StudySite, log: (line: string) => void): Promise<readonly PolicyVariance[]> {
  const results: PolicyVariance[] = [];
  for (const policy of policies) {
    const label = policy.step === 0 ? 'warm start' : `${policy.estimator}, step ${policy.step}`;
    const file = path.join(site.folder, 'variance', `${policy.estimator}-${policy.step}.json`);
    if (!existsSync(file)) {
      log(`variance: measuring ${label}`);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify({ label, ...(await measure(policy, site)) }));
    }
    results.push(JSON.parse(readFileSync(file, 'utf8')) as PolicyVariance);
  }
  return results;
}

async function measure({ estimator, step }: FixedPolicy, site: StudySite): Promise<Omit<PolicyVariance, 'label'>> {
  const runDir = path.join(site.folder, preset, `${estimator}-s${seed}`);
  const { config } = JSON.parse(readFileSync(path.join(runDir, 'run.json'), 'utf8')) as RunRecord<RunConfig>;
  const sized: RunConfig = { ...config, rollout: { ...config.rollout, promptsPerStep: 1, groupSize: 32 } };
  const task = createTask(sized);
  const engineSite = { kernelFolder: path.join(site.root, 'dist'), workerFile: path.join(site.root, 'dist', 'worker.mjs') };
  const { engine } = await createEngine('wasm-simd', { task, config: sized, threads: site.parallel, site: engineSite, cacheDir: '' });
  if (step === 0)
    await warmStart(engine, task, config, path.join(site.folder, 'cache'), { log: () => undefined, stopRequested: () => false });
  else
    engine.writeParameters(
      decodeSafetensors(readFileSync(path.join(runDir, 'checkpoints', `step-${String(step).padStart(6, '0')}`, 'policy.safetensors'))),
    );
  const { maxResponseTokens } = config.rollout;
  const rows = await gradientVariance(engine, { estimators: measured, prompts, maxResponseTokens, seed: 101 });
  const about = await describe(engine, maxResponseTokens);
  await engine.dispose();
  return { prompts, ...about, rows };
}

async function describe(engine: Engine, maxResponseTokens: number): Promise<Pick<PolicyVariance, 'score' | 'entropy' | 'responseLength'>> {
  const samples = 32;
  const sums = { score: 0, entropy: 0, responseLength: 0 };
  for (let step = 0; step < samples; step++) {
    const data = rolloutMetrics(
      await engine.rollout({ seed: 101, step, promptsPerStep: 1, groupSize: 32, maxResponseTokens, temperature: 1 }),
    );
    sums.score += data['critic/score/mean']! / samples;
    sums.entropy += data['actor/entropy']! / samples;
    sums.responseLength += data['response_length/mean']! / samples;
  }
  return sums;
}
