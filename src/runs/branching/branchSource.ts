import { branchEstimator, chosenBranchPoint, defaultBranchPoint, isTokenBaseline } from '../../core/branching/branchPoint.ts';
import type { BranchableRun, BranchPoint } from '../../core/branching/branchPoint.ts';
import type { BranchConfig } from '../../core/config/config.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import { integerText } from '../../core/notation.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import { CollapseHistory } from '../catalog/collapseHistory.ts';
import { listCheckpoints } from '../directory/checkpoints.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { programCheckpoints } from './programCheckpoints.ts';

/** A run as far as it takes to branch from it. */
export interface BranchSource extends BranchableRun {
  readonly dir: string;
  readonly record: RunRecord;
  readonly state: ProcessState;
  readonly exit: ExitRecord | null;
}

/**
 * Reads a run, whose process may go on meanwhile. `branch`: how its program goes on from a checkpoint, where another config says so.
 * Throws a RunDirectoryError where there is no run, or it cannot be read.
 */
export async function readBranchSource(dir: string, branch?: BranchConfig | null): Promise<BranchSource> {
  const { record, events, state, exit } = await readRunStatus(dir);
  const history = new CollapseHistory();
  for (const event of events) history.add(event);
  const { onsetStep, detectedStep } = history;
  const [checkpoints, remedy] = checkpointsOf(dir, record, branch ?? undefined);
  return { dir, record, state, exit, events: history.events, onsetStep, detectedStep, checkpoints, remedy };
}

/**
 * Where a branch begins: at the checkpoint of that step, or of the default one. Throws a RunDirectoryError that says why it cannot, and
 * which checkpoints there are.
 */
export function branchPointOf(source: BranchSource, step: number | null): BranchPoint {
  const point = step === null ? defaultBranchPoint(source) : chosenBranchPoint(step, source);
  if ('problem' in point) throw new RunDirectoryError(source.dir, point.problem, point.remedy);
  return point;
}

/** Where a branch of a run that is known already begins, and with what; undefined: there is no such checkpoint, or that would be no remedy. */
export function offeredBranch({ dir, identity, collapseEvents, onsetStep, detectedStep }: OwnRun): OfferedBranch | undefined {
  const { record } = identity;
  if (isTokenBaseline(record.estimator) || onsetStep === null) return undefined;
  const [checkpoints, remedy] = checkpointsOf(dir, record);
  const point = defaultBranchPoint({ events: collapseEvents, onsetStep, detectedStep, checkpoints, remedy });
  if ('problem' in point) return undefined;
  const { step } = point;
  return { step, estimator: branchEstimator, title: `Branch from step ${integerText(step)} with ${branchEstimator}` };
}

/** A branch that can be started without asking for more. */
export interface OfferedBranch {
  readonly step: number;
  readonly estimator: string;
  /** As on a button. */
  readonly title: string;
}

function checkpointsOf(dir: string, record: RunRecord, branch?: BranchConfig): readonly [steps: readonly number[], remedy: string] {
  const { config } = record;
  const found = isProgram(config) ? programCheckpoints(dir, { ...record, config }, branch ?? config.branch) : listCheckpoints(dir);
  return [found.map(({ step }) => step), remedyOf(config, branch)];
}

/** How a run comes to have some, or more of them. */
function remedyOf(config: RunRecord['config'], branch: BranchConfig | undefined): string {
  if (!isProgram(config))
    return 'To have some, or more of them, set "checkpoint.every" in the config, for example to 20, and start the run again.';
  if (config.trainer === 'trl')
    return 'To have some, or more of them, set "save_steps" in "trl" of the config, for example to 20, and start the run again.';
  const asked = branch ?? config.branch;
  if (asked === null)
    return 'Its config does not say where its program writes them, and how it goes on from one: add "branch" to the config, and give that beside --branch.';
  return `They are looked for at ${asked.checkpoints}: that is "branch.checkpoints" of the config.`;
}
