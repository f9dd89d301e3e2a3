import { listText } from '../../core/notation.ts';
import { collapseCall } from '../../core/records/events.ts';
import { tellingName } from '../../core/records/runIdentity.ts';
import { runName, runTitle } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';

/** Runs that are named when several collapse at once, and names of theirs. */
const named = 3;

/** What a notification says about runs that have just collapsed. */
export function collapseSentence(runs: readonly RunOverview[]): string {
  const [first] = runs;
  if (!first) return '';
  if (runs.length === 1)
    return `${runTitle(first)} collapsed: onset at step ${first.onsetStep}. ${collapseCall(first.collapseEvents, first.detectedStep)?.message ?? ''}`.trim();
  const names = [...new Set(runs.flatMap(({ identity }) => tellingName(identity) ?? []))];
  const of = names.length === 0 || names.length > named ? '' : ` of ${listText(names)}`;
  const words = runs.map((run) => `${runName(run)} (onset at step ${run.onsetStep})`);
  const rest = words.length - named;
  return `${runs.length} runs${of} collapsed: ${listText(rest > 0 ? [...words.slice(0, named), `${rest} more`] : words)}.`;
}

/** Tells this collapse from every other one, also of the same run when it was resumed. */
export function collapseKey(run: RunOverview): string {
  return `${run.dir} ${run.detectedStep} ${collapseCall(run.collapseEvents, run.detectedStep)?.time}`;
}
