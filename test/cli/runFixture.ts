import path from 'node:path';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { Random } from '../../src/core/random.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import type { ExitRecord } from '../../src/core/records/run.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { examplePlans, exampleRecord } from '../runs/exampleRun.ts';

export interface RunFixture {
  readonly estimator: EstimatorName;
  readonly seed: number;
  readonly steps: number;
  /** Step at which the gradient norm begins to surge and the score to fall; null: the run stays healthy. */
  readonly collapseAt: number | null;
  /** Steps that it was to take; default: those that it took. */
  readonly planned?: number;
  /** How it ended; default: all steps are done. */
  readonly reason?: ExitRecord['reason'];
}

/** Writes the directory of a finished run with a plausible curve, as the trainer would have; returns the directory. */
export function writeRunDirectory(
  runsDir: string,
  { estimator, seed, steps, collapseAt, planned = steps, reason = 'completed' }: RunFixture,
): string {
  const [plan] = examplePlans(runsDir, { name: 'fixture', estimators: [estimator], seeds: [seed], steps: planned });
  if (!plan) throw new Error('no plan');
  const dir = path.join(runsDir, plan.id);
  const writer = RunWriter.create(dir, exampleRecord({ ...plan, configFile: null, configLines: {} }));
  const random = new Random(seed);
  for (let step = 1; step <= steps; step++) {
    const since = collapseAt === null ? 0 : Math.max(0, step - collapseAt);
    const noise = Math.exp(0.2 * (random.uniform() - 0.5));
    const gradNorm = 0.5 * noise * Math.exp(Math.min(since * 0.1, 4));
    const score = since === 0 ? 0.6 + 0.1 * random.uniform() : 0.6 * Math.exp(-since / 20);
    writer.appendMetrics({ step, time: 1_767_268_800 + step, data: { [metricNames.gradNorm]: gradNorm, [metricNames.score]: score } });
  }
  writer.appendEvent({ type: 'finished', step: steps, time: 1_767_268_800 + steps, data: {} });
  writer.writeExit({
    code: 0,
    signal: null,
    lastStep: steps,
    reason,
    message: reason === 'completed' ? 'All steps are done.' : `It ${reason}.`,
    time: 1_767_268_800 + steps,
  });
  writer.close();
  return dir;
}
