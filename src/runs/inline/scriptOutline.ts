import path from 'node:path';
import { estimatorSettings, settingsOfRun } from '../../core/inline/estimatorSettings.ts';
import type { EstimatorSetting } from '../../core/inline/estimatorSettings.ts';
import type { ScriptSyntax } from '../../core/inline/scriptText.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import type { ConfigRuns } from './configRuns.ts';
import { startedFiles } from './startedFiles.ts';

/** An estimator of runs where a script or YAML file sets it. */
export interface SetEstimator {
  readonly estimator: string;
  readonly setting: EstimatorSetting;
}

/** What a script's text says at this moment of the estimators that it trains with. */
export class ScriptOutline {
  readonly settings: readonly EstimatorSetting[];

  constructor(
    readonly text: string,
    readonly syntax: ScriptSyntax,
  ) {
    this.settings = estimatorSettings(text, syntax);
  }

  /** Where the estimators of runs that it started are set, in the order of the text. */
  estimatorsOf(runs: ConfigRuns): readonly SetEstimator[] {
    const set = runs.estimators.flatMap((estimator) => {
      const isGiven = runs.latestOf(estimator).some(isTold);
      return settingsOfRun(this.settings, estimator, isGiven).map((setting) => ({ estimator, setting }));
    });
    return set.toSorted((a, b) => a.setting.span.offset - b.setting.span.offset);
  }
}

/** Whether a run's command, or its environment, says which estimator it takes. */
function isTold({ identity }: OwnRun): boolean {
  if (identity.kind !== 'command') return false;
  const { command, env } = identity.record.config;
  return [...command, ...Object.values(env)].some((text) => text.includes('${estimator}'));
}

/** Scripts and YAML files that a run may have been started from; none where it is no run by command. */
export function scriptsOf({ identity }: OwnRun): readonly string[] {
  if (identity.kind !== 'command') return [];
  const { command, cwd, config } = identity.record;
  const { working_dir: inCluster } = config.runtimeEnv;
  const isFolder = config.trainer === 'ray' && typeof inCluster === 'string' && !inCluster.includes('://');
  return startedFiles(command, path.resolve(cwd, config.cwd ?? (isFolder ? inCluster : '.')));
}
