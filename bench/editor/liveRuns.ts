import { setTimeout as delay } from 'node:timers/promises';
import type { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { stepMetrics } from './writtenRun.ts';

/** Milliseconds since 1970 at which each step of a run was in its file: [step]. */
export type WriteTimes = number[];

/** Writes steps to runs at a steady rate, as trainers would. `after` is the last step that they have. Returns when they were written. */
export async function writeSteps(
  runs: readonly RunWriter[],
  { after = 0, steps, perSecond }: { after?: number; steps: number; perSecond: number },
): Promise<ReadonlyMap<string, WriteTimes>> {
  const times = new Map(runs.map((run) => [run.dir, [] as WriteTimes]));
  const start = performance.now();
  for (let i = 1; i <= steps; i++) {
    await delay(Math.max(0, start + (i * 1000) / perSecond - performance.now()));
    for (const run of runs) {
      const step = after + i;
      run.appendMetrics({ step, time: Date.now() / 1000, data: stepMetrics(step, 'full') });
      const written = times.get(run.dir);
      if (written) written[step] = performance.timeOrigin + performance.now();
    }
  }
  return times;
}
