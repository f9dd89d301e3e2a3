import type { Config, ProgramRunConfig, RunConfig } from '../../core/config/config.ts';
import { isProgram } from '../../core/config/programConfig.ts';
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
  const compared = isProgram(run) ? [program(run), program(now)] : [training(run), training(now)];
  const [was, is] = seriesOf(compared, (config) => ({ estimator: '', config }));
  if (was === undefined || is === undefined) return [];
  return Object.entries(was.parameters).map(([path, value]) => ({ path, was: value, is: getOwn(is.parameters, path) ?? null }));
}

function training({ trainer, task, policy, warmStart, rollout, optimizer, loss }: RunConfig | Config): unknown {
  return { trainer, task, policy, warmStart, rollout, optimizer, loss };
}

function program({ trainer, command, env, gpusPerRun, runtimeEnv }: ProgramRunConfig | Config): unknown {
  return { trainer, command, env, gpusPerRun, runtimeEnv };
}
