import { integerText } from '../notation.ts';
import type { BranchOrigin } from '../records/run.ts';

/** A run, as far as it has its past in common with others. */
export interface LineageRun {
  readonly id: string;
  /** Id of the run that it is a branch of, and the last step that both have in common; left out: it is none. */
  readonly branchedFrom?: Pick<BranchOrigin, 'id' | 'step'> | undefined;
}

/**
 * The last step up to which each branch among some runs has its past in common with another one of them, which stands for it: with the run
 * that it is a branch of or, where that is not there, with one that that is a branch of. Not there: a run that has its past for itself.
 */
export function sharedPasts(runs: readonly LineageRun[], isShown: (id: string) => boolean = () => true): ReadonlyMap<string, number> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const shared = new Map<string, number>();
  for (const run of runs) {
    let step = Number.POSITIVE_INFINITY;
    // A run.json that somebody has written may lead in a circle.
    const seen = new Set([run.id]);
    for (let origin = run.branchedFrom; origin !== undefined && !seen.has(origin.id); origin = byId.get(origin.id)?.branchedFrom) {
      seen.add(origin.id);
      step = Math.min(step, origin.step);
      if (!byId.has(origin.id) || !isShown(origin.id)) continue;
      shared.set(run.id, step);
      break;
    }
  }
  return shared;
}

/** "branched from dr_grpo seed 1 at step 120". `name`: what its run is called. */
export function lineageWords({ step }: Pick<BranchOrigin, 'step'>, name: string): string {
  return `branched from ${name} at step ${integerText(step)}`;
}
