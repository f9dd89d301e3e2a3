import path from 'node:path';
import { chosenBranchPoint, defaultBranchPoint } from '../../core/branching/branchPoint.ts';
import type { BranchableRun, BranchPoint } from '../../core/branching/branchPoint.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import { CollapseHistory } from '../catalog/collapseHistory.ts';
import { listCheckpoints } from '../directory/checkpoints.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { readRunStatus } from '../directory/runStatus.ts';

/** A run as far as it takes to branch from it. */
export interface BranchSource extends BranchableRun {
  readonly dir: string;
  readonly record: RunRecord;
  readonly state: ProcessState;
  readonly exit: ExitRecord | null;
}

/** Reads a run, whose process may go on meanwhile. Throws a RunDirectoryError where there is none, or it cannot be read. */
export async function readBranchSource(dir: string): Promise<BranchSource> {
  const { record, events, state, exit } = await readRunStatus(dir);
  const history = new CollapseHistory();
  for (const event of events) history.add(event);
  const { onsetStep, detectedStep } = history;
  const [checkpoints, remedy] = checkpointsOf(dir, record);
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

function checkpointsOf(dir: string, { config }: RunRecord): readonly [steps: readonly number[], remedy: string] {
  const steps = isProgram(config) ? [] : listCheckpoints(dir).map(({ step }) => step);
  const file = path.basename(dir);
  return [
    steps,
    isProgram(config)
      ? `The config of ${file} does not say where its program writes them.`
      : 'To have some, or more of them, set "checkpoint.every" in the config, for example to 20, and start the run again.',
  ];
}
