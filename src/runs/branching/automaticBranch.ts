import { existsSync } from 'node:fs';
import path from 'node:path';
import { branchEstimator, isTokenBaseline } from '../../core/branching/branchPoint.ts';
import { integerText } from '../../core/notation.ts';
import { runFiles } from '../../core/records/run.ts';
import type { PlannedRun } from '../../core/records/run.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { readGit } from '../planning/git.ts';
import { branchId } from '../planning/planRuns.ts';
import { branchPointOf, readBranchSource } from './branchSource.ts';
import type { BranchSource } from './branchSource.ts';
import { planBranches } from './planBranches.ts';

const estimator = branchEstimator;

/** Where a run that has collapsed, and is to branch by itself, does so; a string says in a sentence why it does not. */
function automaticPoint(source: BranchSource): number | string {
  const { record } = source;
  if (record.branchedFrom !== undefined) return 'No branch is started, because this run is a branch itself.';
  if (isTokenBaseline(record.estimator))
    return `No branch is started, because the run already uses ${record.estimator}: lower its learning rate, or clip its gradient norm, and branch by hand.`;
  try {
    return branchPointOf(source, null).step;
  } catch (error) {
    if (!(error instanceof RunDirectoryError)) throw error;
    return `No branch is started, because ${error.problem}. ${error.remedy}`;
  }
}

/** What becomes of a run that has collapsed and whose config says `"onCollapse": "branch"`, as a sentence for its end. */
export async function branchSentence(dir: string): Promise<string> {
  const step = automaticPoint(await readBranchSource(dir));
  return typeof step === 'string' ? step : `A branch with ${estimator} begins at the checkpoint of step ${integerText(step)}.`;
}

/**
 * The branch that is to be started because a run has collapsed; undefined: none, or there is it already. It is called the same whoever
 * asks, so that of two who start it one finds its directory taken.
 */
export async function branchDue(dir: string): Promise<PlannedRun | undefined> {
  const source = await readBranchSource(dir).catch(() => undefined);
  if (source?.exit?.reason !== 'collapsed' || source.record.config.onCollapse !== 'branch') return undefined;
  const step = automaticPoint(source);
  if (typeof step === 'string') return undefined;
  const { group, seed, cwd } = source.record;
  const id = branchId(group, { estimator, seed, step });
  if (existsSync(path.join(path.dirname(dir), id, runFiles.run))) return undefined;
  const [branch] = planBranches(source, { step, estimators: [estimator], git: await readGit(cwd) });
  return branch && { ...branch, id };
}
