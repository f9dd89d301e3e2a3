import os from 'node:os';
import path from 'node:path';
import type { RunConfig } from '../../src/core/config/config.ts';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { Random } from '../../src/core/random.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { ExitRecord } from '../../src/core/records/run.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';

export interface RunFixture {
  readonly estimator: EstimatorName;
  readonly seed: number;
  readonly steps: number;
  /** Step at which the gradient norm begins to surge and the score to fall; null: the run stays healthy. */
  readonly collapseAt: number | null;
  /** How it ended; default: all steps are done. */
  readonly reason?: ExitRecord['reason'];
}

/** Writes the directory of a finished run with a plausible curve, as the trainer would have; returns the directory. */
export function writeRunDirectory(runsDir: string, { estimator, seed, steps, collapseAt, reason = 'completed' }: RunFixture): string {
  const id = `20260101-120000-fixture-${estimator}-s${seed}`;
  const dir = path.join(runsDir, id);
  const writer = RunWriter.create(dir, {
    schemaVersion: 1,
    id,
    name: 'fixture',
    group: '20260101-120000-fixture',
    estimator,
    seed,
    config: config(estimator, seed, steps),
    configFile: null,
    configLines: {},
    command: ['node', 'trainer.mjs'],
    cwd: runsDir,
    pid: 1,
    processStartTime: 'long ago',
    host: os.hostname(),
    engine: 'wasm',
    device: 'CPU',
    engineReason: 'fixture',
    git: null,
    createdAt: '2026-01-01T12:00:00.000Z',
  });
  const random = new Random(seed);
  for (let step = 1; step <= steps; step++) {
    const since = collapseAt === null ? 0 : Math.max(0, step - collapseAt);
    const noise = Math.exp(0.2 * (random.uniform() - 0.5));
    const gradNorm = 0.5 * noise * Math.exp(Math.min(since * 0.1, 4));
    const score = since === 0 ? 0.6 + 0.1 * random.uniform() : 0.6 * Math.exp(-since / 20);
    writer.appendMetrics({ step, time: 1_767_268_800 + step, data: { [metricNames.gradNorm]: gradNorm, [metricNames.score]: score } });
  }
  writer.appendEvent({ type: 'finished', step: steps, time: 1_767_268_800 + steps, data: {} });
  writer.writeExit({ code: 0, signal: null, lastStep: steps, reason, message: reason === 'completed' ? 'All steps are done.' : `It ${reason}.`, time: 1_767_268_800 + steps });
  writer.close();
  return dir;
}

function config(estimator: EstimatorName, seed: number, steps: number): RunConfig {
  return {
    name: 'fixture',
    trainer: 'builtin',
    estimator,
    seed,
    steps,
    task: { name: 'ledger', operations: [2, 8], maxTurns: 100, toolFailureRate: 0.1, toolOutageRate: 0.1 },
    policy: { kind: 'gru', width: 32, truncateBackpropEvery: null },
    warmStart: { steps: 100, batchSize: 8, learningRate: 5e-3, wanderRate: 0.01, quitRate: 0.01, copyNoise: 0.03, wordRate: 0.4 },
    rollout: { promptsPerStep: 4, groupSize: 8, maxResponseTokens: 800, temperature: 1 },
    optimizer: { learningRate: 8e-3, warmupSteps: 20, maxGradNorm: null, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    loss: { aggregation: 'seq-mean-token-sum', handleZeroTail: true },
    checkpoint: { every: 100 },
    trajectories: { every: 100 },
    earlyStop: null,
    onCollapse: 'warn',
  };
}
