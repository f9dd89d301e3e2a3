import path from 'node:path';
import { counted } from '../core/notation.ts';
import { LaunchError } from '../runs/launcher/launchError.ts';
import { startQueue } from '../runs/launcher/startQueue.ts';
import { atOnce } from '../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../runs/launcher/trainingPlan.ts';
import type { CommandContext } from './context.ts';
import { failed } from './exit.ts';
import { plannedRuns } from './training.ts';

/**
 * Leaves a plan to a process of its own, which starts the runs a few at once, and returns when the first has begun. What that
 * process has to say goes into a log file beside the run directories.
 */
export async function detach(plan: TrainingPlan, json: boolean, { output, root }: CommandContext): Promise<void> {
  const runs = plannedRuns(plan).map(({ dir, estimator, seed, steps }) => ({ dir, estimator, seed, steps, process: 'waiting' }));
  const { pid, waits, log } = await startQueue(plan, { otbEntry: path.join(root, 'dist', 'otb.mjs') }).catch((error: unknown) => {
    throw error instanceof LaunchError ? failed(error.message, error) : error;
  });
  if (json) output.printJson({ runs, pid, log, waits });
  else output.print(runs.map(({ dir }) => dir).join('\n'));
  const background = `${counted(runs.length, 'run')} in the background, ${atOnce(plan)} at once`;
  if (waits !== null) output.note(`Not started yet: ${waits}. All that waits: otb queue --out ${plan.runsDir}`);
  output.note(`${background}. Progress: ${log}. Follow: otb watch ${plan.runsDir}. Stop all runs there: otb stop ${plan.runsDir}`);
}
