import { isProgram } from '../../core/config/programConfig.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { OwnRun } from '../../runs/catalog/runOverview.ts';

/** Why a run has written no rollouts, as a sentence. */
export function noRollouts(run: OwnRun): string {
  const { config } = run.identity.record;
  if (config.trainer === 'trl')
    return `${runName(run)} has written no rollouts yet: the first come with its first step, later ones now and then.`;
  if (isProgram(config)) return `${runName(run)} was started by command: only the built-in trainer and that of TRL write rollouts.`;
  const { every } = config.trajectories;
  const never = 'its config switches them off: set trajectories.every';
  return `${runName(run)} has written no rollouts; ${every === null ? never : `it writes them every ${every} steps and is at step ${run.step}`}.`;
}
