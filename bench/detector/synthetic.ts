import type { LabelledRun } from './labelledRun.ts';
import { aftermathPlans } from './synthetic/aftermaths.ts';
import { collapsePlans } from './synthetic/collapses.ts';
import { healthyNormPlans } from './synthetic/healthyNorms.ts';
import { healthyScorePlans } from './synthetic/healthyScores.ts';
import { numbersOf } from './synthetic/numbers.ts';
import type { Plan } from './synthetic/plan.ts';
import { makeRun } from './synthetic/plan.ts';
import { silentPlans } from './synthetic/silent.ts';

/**
 * Runs of which is known what happens in them, because they were made: the truth of `KnownCollapse` and `finalState` comes from the curves
 * without their noise. The two halves have other numbers and other noise. The same half is the same to the last digit every time. A run's
 * name begins with its group (up to the first space). One is made at a time: some are 100,000 steps long.
 */
export function* syntheticRuns(half: LabelledRun['half']): Generator<LabelledRun> {
  for (const plan of syntheticPlans(half)) yield makeRun(plan, half);
}

/** The truth of each run, in the same order. */
export function* syntheticPlans(half: LabelledRun['half']): Generator<Plan> {
  const numbers = numbersOf[half];
  yield* healthyNormPlans(numbers);
  yield* healthyScorePlans(numbers);
  yield* collapsePlans(numbers);
  yield* aftermathPlans(numbers);
  yield* silentPlans(numbers);
}
