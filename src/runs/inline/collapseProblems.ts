import { hasCollapsed } from '../../core/records/runState.ts';
import type { TextSpan } from '../../core/inline/textEdit.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import type { ConfigOutline, NamedEstimator } from './configOutline.ts';
import type { ConfigRuns } from './configRuns.ts';
import { trainingChanges } from './trainingChanges.ts';
import type { ChangedValue } from './trainingChanges.ts';

/** An estimator whose latest runs collapsed, one or more of them. */
export interface CollapseProblem {
  readonly estimator: string;
  /** Its string in the list; undefined where the config has no list and takes the default. */
  readonly named: NamedEstimator | undefined;
  /** What to underline. */
  readonly span: TextSpan;
  readonly runs: readonly OwnRun[];
  /** What the config would do differently now; empty as well while the text is no valid config. */
  readonly changes: readonly ChangedValue[];
}

/** The collapses that a config is responsible for: gone when its estimator is, or when newer runs of it did not collapse. */
export function collapseProblems(outline: ConfigOutline, runs: ConfigRuns): readonly CollapseProblem[] {
  return placedEstimators(outline, runs).flatMap(({ estimator, named, span }): CollapseProblem[] => {
    const latest = runs.latestOf(estimator);
    const first = latest.find(hasCollapsed);
    if (!first) return [];
    const changes = outline.config ? trainingChanges(first.identity.record.config, outline.config) : [];
    return [{ estimator, named, span, runs: latest, changes }];
  });
}

type PlacedEstimator = Pick<CollapseProblem, 'estimator' | 'named' | 'span'>;

function placedEstimators(outline: ConfigOutline, runs: ConfigRuns): readonly PlacedEstimator[] {
  const name = outline.span(['name']);
  if (outline.node(['estimators']) === undefined && outline.isComplete && name)
    return runs.estimators.map((estimator) => ({ estimator, named: undefined, span: name }));
  return outline.estimators.map((named) => ({ estimator: named.name, named, span: named.span }));
}
