import type { LabelledRun } from './labelledRun.ts';
import type { Judge } from './verdict.ts';

export interface UpdateTime {
  readonly judge: string;
  /** Microseconds that one step takes. */
  readonly microseconds: number;
  /** How many times that of the cheapest other than the first judge. */
  readonly timesCheapest: number;
}

const rounds = 5;

/** What a step costs each judge, on one thread: the best of a few rounds, in which they take turns. */
export function updateTimes(runs: readonly LabelledRun[], judges: readonly Judge[]): UpdateTime[] {
  const steps = runs.reduce((sum, run) => sum + run.steps.length, 0);
  const best = judges.map(() => Infinity);
  for (let round = 0; round < rounds; round++)
    for (const [i, judge] of judges.entries()) {
      const started = performance.now();
      for (const run of runs) {
        const update = judge.start();
        for (const { step, data } of run.steps) update(step, data);
      }
      best[i] = Math.min(best[i] ?? Infinity, (1000 * (performance.now() - started)) / steps);
    }
  const cheapest = Math.min(...best.slice(1));
  return judges.map(({ name }, i) => ({ judge: name, microseconds: best[i] ?? Infinity, timesCheapest: (best[i] ?? Infinity) / cheapest }));
}
