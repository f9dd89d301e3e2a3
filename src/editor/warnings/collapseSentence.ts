import { countText, counted, listText } from '../../core/notation.ts';
import { collapseCall } from '../../core/records/events.ts';
import { comparedAs } from '../../core/records/runIdentity.ts';
import { hasCollapsed, isStoppable } from '../../core/records/runState.ts';
import { runName, runTitle, tellingTitle } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';

/** Estimators that are named when several collapse at once, and names of runs. */
const named = 3;

/** What a notification says of estimators that collapse; of each, all the runs of one group. */
export function collapseSentence(estimators: readonly (readonly RunOverview[])[]): string {
  const fallen = estimators.flatMap((runs) => runs.filter(hasCollapsed));
  const [first] = fallen;
  if (!first) return '';
  if (fallen.length === 1)
    return `${runTitle(first)} collapsed: onset at step ${first.onsetStep}. ${collapseCall(first.collapseEvents, first.detectedStep)?.message ?? ''}`.trim();
  const names = [...new Set(fallen.flatMap((run) => tellingTitle(run) ?? []))];
  const of = names.length === 0 || names.length > named ? '' : ` of ${listText(names)}`;
  if (estimators.length === 1)
    return `${comparedAs(first.identity)}${of}: ${countText(fallen.length, estimators[0]?.length ?? 0)} runs collapsed, ${onset(fallen)}.`;
  const words = estimators.map(estimatorWords);
  const rest = words.length - named;
  return `${counted(fallen.length, 'run')}${of} collapsed: ${listText(rest > 0 ? [...words.slice(0, named), `${rest} more`] : words)}.`;
}

/** "dr_grpo (2 of 4, first onset at step 38)", "opo seed 1 (onset at step 60)". */
function estimatorWords(runs: readonly RunOverview[]): string {
  const fallen = runs.filter(hasCollapsed);
  const [first] = fallen;
  if (!first) return '';
  return runs.length === 1
    ? `${runName(first)} (${onset(fallen)})`
    : `${comparedAs(first.identity)} (${countText(fallen.length, runs.length)}, ${onset(fallen)})`;
}

function onset(fallen: readonly RunOverview[]): string {
  return `${fallen.length === 1 ? '' : 'first '}onset at step ${Math.min(...fallen.map(({ onsetStep }) => onsetStep ?? Infinity))}`;
}

/** Of runs that collapsed those that can be stopped, and should be: one that has recovered goes on. */
export function toStop(fallen: readonly RunOverview[]): readonly RunOverview[] {
  return fallen.filter((run) => run.collapse === 'collapsed' && isStoppable(run));
}

/** Why there is nothing to stop any more of runs that collapsed. */
export function nothingToStop(fallen: readonly RunOverview[]): string {
  const [first] = fallen;
  const recovered = fallen.filter(isStoppable).length;
  if (!first) return 'There is nothing to stop: the runs are gone.';
  if (fallen.length === 1) return `There is nothing to stop: ${runTitle(first)} has ${recovered > 0 ? 'recovered' : 'ended'}.`;
  const rest = recovered === 0 ? '' : recovered === fallen.length ? ' recovered' : ` recovered or`;
  return `There is nothing to stop: the ${fallen.length} runs that collapsed have${rest}${recovered === fallen.length ? '' : ' ended'}.`;
}

/** Tells this collapse from every other one, also of the same run when it was resumed. */
export function collapseKey(run: RunOverview): string {
  return `${run.dir} ${run.detectedStep} ${collapseCall(run.collapseEvents, run.detectedStep)?.time}`;
}
