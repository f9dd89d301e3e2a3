import type { Config, ProgramRunConfig, RunConfig } from '../../core/config/config.ts';
import { isProgram, trainingOf } from '../../core/config/programConfig.ts';
import { trlRun } from '../../core/config/trlConfig.ts';
import { getOwn } from '../../core/records/json.ts';
import { seriesOf } from '../../core/comparison/groups.ts';
import type { ParameterValue } from '../../core/comparison/groups.ts';

/** A value of a config that is no longer what a run had. */
export interface ChangedValue {
  /** e.g. "optimizer.learningRate". */
  readonly path: string;
  readonly was: ParameterValue;
  readonly is: ParameterValue;
}

/** What the config would train differently from the run: neither its length and seeds, nor when it writes what. */
export function trainingChanges(run: RunConfig | ProgramRunConfig, now: Config): readonly ChangedValue[] {
  const compared = isProgram(run) ? [trainingOf(run), program(now)] : [training(run), training(now)];
  const [was, is] = seriesOf(compared, (config) => ({ estimator: '', config }));
  if (was === undefined || is === undefined) return [];
  return Object.entries(was.parameters).map(([path, value]) => ({ path, was: value, is: getOwn(is.parameters, path) ?? null }));
}

function training({ trainer, task, policy, warmStart, rollout, optimizer, loss }: RunConfig | Config): unknown {
  return { trainer, task, policy, warmStart, rollout, optimizer, loss };
}

/** What a run of the config would train with. */
function program(now: Config): unknown {
  return trainingOf(now.trainer === 'trl' ? { ...now, trainer: 'trl', ...trlRun(now) } : { ...now, trainer: now.trainer });
}
