import { hasCollapsed } from '../../core/records/runState.ts';
import type { EstimatorSetting } from '../../core/inline/estimatorSettings.ts';
import type { TextSpan } from '../../core/inline/textEdit.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import type { ConfigOutline, NamedEstimator } from './configOutline.ts';
import { ScriptOutline } from './scriptOutline.ts';
import type { ConfigRuns } from './configRuns.ts';
import { trainingChanges } from './trainingChanges.ts';
import type { ChangedValue } from './trainingChanges.ts';

/** An estimator whose latest runs collapsed, one or more of them. */
export interface CollapseProblem {
  readonly estimator: string;
  /** Its string in a config's list; left out where the config has no list and takes the default, and in a script. */
  readonly named?: NamedEstimator;
  /** What sets it in a script; left out in a config. */
  readonly setting?: EstimatorSetting;
  /** What to underline. */
  readonly span: TextSpan;
  readonly runs: readonly OwnRun[];
  /** What the config would do differently now; empty as well while the text is no valid config. */
  readonly changes: readonly ChangedValue[];
}

/** The collapses that a text is responsible for: gone when its estimator is, or when newer runs of it did not collapse. */
export function collapseProblems(outline: ConfigOutline | ScriptOutline, runs: ConfigRuns): readonly CollapseProblem[] {
  const placed = outline instanceof ScriptOutline ? inScript(outline, runs) : inConfig(outline, runs);
  return placed.flatMap((place): CollapseProblem[] => {
    const latest = runs.latestOf(place.estimator);
    const first = latest.find(hasCollapsed);
    if (!first) return [];
    const now = outline instanceof ScriptOutline ? undefined : outline.config;
    return [{ ...place, runs: latest, changes: now ? trainingChanges(first.identity.record.config, now) : [] }];
  });
}

type PlacedEstimator = Omit<CollapseProblem, 'runs' | 'changes'>;

function inConfig(outline: ConfigOutline, runs: ConfigRuns): readonly PlacedEstimator[] {
  const name = outline.span(['name']);
  if (outline.node(['estimators']) === undefined && outline.isComplete && name)
    return runs.estimators.map((estimator) => ({ estimator, span: name }));
  return outline.estimators.map((named) => ({ estimator: named.name, named, span: named.span }));
}

function inScript(outline: ScriptOutline, runs: ConfigRuns): readonly PlacedEstimator[] {
  return outline.estimatorsOf(runs).map(({ estimator, setting }) => ({ estimator, setting, span: setting.span }));
}
