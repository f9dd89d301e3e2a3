import type { Config, RunConfig } from '../../core/config/config.ts';
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
export function trainingChanges(run: RunConfig, now: Config): readonly ChangedValue[] {
  const [was, is] = seriesOf([run, now], (config) => ({ estimator: '', config: training(config) }));
  if (was === undefined || is === undefined) return [];
  return Object.entries(was.parameters).map(([path, value]) => ({ path, was: value, is: getOwn(is.parameters, path) ?? null }));
}

function training({ trainer, task, policy, warmStart, rollout, optimizer, loss }: RunConfig | Config): unknown {
  return { trainer, task, policy, warmStart, rollout, optimizer, loss };
}
