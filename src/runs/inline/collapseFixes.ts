import { quantityText, roundedQuantity } from '../../core/notation.ts';
import { hasCollapsed, isLive } from '../../core/records/runState.ts';
import type { EstimatorName } from '../../core/estimators/estimator.ts';
import type { TextEdit } from '../../core/inline/textEdit.ts';
import { collapseCall } from '../../core/records/events.ts';
import { median } from '../../core/statistics/quantiles.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import { removeElement, setValue } from './configEdit.ts';
import type { ConfigOutline, NamedEstimator } from './configOutline.ts';

/** Something to do about a collapse: a change of the config, or a command on runs. */
export type CollapseFix =
  | { readonly kind: 'edit'; readonly title: string; readonly edits: readonly TextEdit[] }
  | {
      readonly kind: 'command';
      readonly title: string;
      readonly command: 'otb.stopRun';
      readonly runs: readonly string[];
    };

const remedy: EstimatorName = 'tir_optimal_token_baseline';

/** What can be done about the collapsed ones among an estimator's latest runs, the most promising first. */
export function collapseFixes(
  outline: ConfigOutline,
  estimator: NamedEstimator | undefined,
  runs: readonly OwnRun[],
): readonly CollapseFix[] {
  const fallen = runs.filter(hasCollapsed);
  // Text that is being typed is no ground for edits.
  const edits =
    outline.isComplete && outline.config
      ? [...estimatorFixes(outline, estimator), ...clipFixes(outline, fallen), ...stopFixes(outline)]
      : [];
  const live = fallen.filter(isLive).map((run) => run.dir);
  return [
    ...edits,
    ...(live.length > 0
      ? [
          {
            kind: 'command',
            title: live.length === 1 ? 'Stop the run' : `Stop the ${live.length} collapsed runs`,
            command: 'otb.stopRun',
            runs: live,
          } as const,
        ]
      : []),
  ];
}

function estimatorFixes(outline: ConfigOutline, estimator: NamedEstimator | undefined): readonly CollapseFix[] {
  if (!estimator || estimator.name === remedy) return [];
  if (outline.estimators.some(({ name }) => name === remedy)) {
    return [{ kind: 'edit', title: `Remove ${estimator.name}`, edits: removeElement(outline, ['estimators'], estimator.index) }];
  }
  return [{ kind: 'edit', title: `Use ${remedy} instead`, edits: [{ ...estimator.span, content: JSON.stringify(remedy) }] }];
}

/** Twice the usual norm leaves healthy steps alone. It is of no use where no surge was seen. */
function clipFixes(outline: ConfigOutline, fallen: readonly OwnRun[]): readonly CollapseFix[] {
  const surges = fallen
    .flatMap((run) => collapseCall(run.collapseEvents, run.detectedStep) ?? [])
    .filter(({ data }) => data['surge'] !== 0);
  const usual = surges.map(({ data }) => data['usualGradNorm']).filter((norm) => norm !== undefined);
  const limit = roundedQuantity(2 * median(usual));
  const present = outline.config?.optimizer.maxGradNorm ?? Infinity;
  if (outline.config?.trainer !== 'builtin' || !(limit > 0 && limit < present)) return [];
  return [
    {
      kind: 'edit',
      title: `Clip the gradient norm at ${quantityText(limit)} (optimizer.maxGradNorm)`,
      edits: setValue(outline, ['optimizer', 'maxGradNorm'], limit),
    },
  ];
}

function stopFixes(outline: ConfigOutline): readonly CollapseFix[] {
  if (outline.config?.onCollapse !== 'warn') return [];
  return [{ kind: 'edit', title: 'Stop runs at collapse (onCollapse: "stop")', edits: setValue(outline, ['onCollapse'], 'stop') }];
}
