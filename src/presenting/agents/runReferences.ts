import { createHash } from 'node:crypto';
import path from 'node:path';
import { counted, fewText } from '../../core/notation.ts';
import { isForeign } from '../../core/records/runState.ts';
import { groupKey, groupTitle } from '../../runs/catalog/groupTitles.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { parseRunAtStep } from '../../runs/catalog/runReference.ts';
import type { RunAtStep } from '../../runs/catalog/runReference.ts';
import { AgentError } from './agentError.ts';
import { plainLine } from './untrustedText.ts';

/** A run and what agents call it. */
export interface ReferredRun {
  readonly run: RunOverview;
  /** Its id, or the path of another program's run from the folder that it was found in; where that is not plain, a name of ours. */
  readonly reference: string;
  /** The same for its group. */
  readonly group: string;
}

/** What a name may have in it to be told as it is: nothing that could be read as a sentence. */
const plainName = /^[\w.+=@#/-]{1,120}$/;
/** Runs and groups that an error names. */
const mostNamed = 5;

/** References to runs, in their order. `relative`: the path of a run from the folder that it was found in. */
export function referredRuns(runs: readonly RunOverview[], relative: (dir: string) => string): readonly ReferredRun[] {
  const named = runs.map((run) => ({ run, name: isForeign(run) ? relative(run.dir) : run.identity.id }));
  const counts = countsOf(named.map(({ name }) => name));
  const groups = countsOf([...new Map(runs.map((run) => [groupKey(run), run.identity.group])).values()]);
  return named.map(({ run, name }) => ({
    run,
    reference: counts.get(name) === 1 && plainName.test(name) ? name : `run-${hashOf(run.dir)}`,
    group:
      groups.get(run.identity.group) === 1 && plainName.test(run.identity.group) ? run.identity.group : `group-${hashOf(groupKey(run))}`,
  }));
}

/** The reference of a run that may be gone, by its id; null where that is not plain. */
export function plainReference(id: string): string | null {
  return plainName.test(id) ? id : null;
}

/** The run that RUN or RUN@STEP means: its reference or the unique beginning of one, its directory, or its name where it alone has it. */
export function referredRun(text: string, runs: readonly ReferredRun[], roots: readonly string[]): ReferredRun & Pick<RunAtStep, 'step'> {
  // The whole text first: a file may be called "train@3".
  const asked: readonly RunAtStep[] = [{ run: text, step: null }, parseRunAtStep(text)];
  for (const { run, step } of asked) {
    const found = matching(run, runs, roots);
    if (found.length === 1) return { ...(found[0] as ReferredRun), step };
    if (found.length > 1)
      throw new AgentError(
        'ambiguous_run',
        `"${plainLine(run, 80)}" may be any of ${counted(found.length, 'run')}. Write more of one: ${listed(found)}.`,
      );
  }
  throw new AgentError('unknown_run', unknownRun(parseRunAtStep(text).run, runs));
}

/** The runs of a group, by its reference or its title. */
export function runsOfGroup(text: string, runs: readonly ReferredRun[]): readonly ReferredRun[] {
  const asked = text.trim();
  const found = [({ group }: ReferredRun) => group === asked, ({ run }: ReferredRun) => groupTitle(run) === asked]
    .map((is) => runs.filter(is))
    .find((some) => some.length > 0);
  if (found) return found;
  const groups = [...new Set(runs.map(({ group }) => group))];
  const remedy = groups.length === 0 ? 'There are no runs.' : `The newest are ${fewText(groups, mostNamed)}.`;
  throw new AgentError('unknown_run', `There is no group "${plainLine(asked, 80)}". ${remedy}`);
}

function matching(text: string, runs: readonly ReferredRun[], roots: readonly string[]): readonly ReferredRun[] {
  const asked = text.trim();
  if (asked === '') return [];
  const paths = new Set([asked, ...roots.map((root) => path.resolve(root, asked))]);
  const ways: readonly ((one: ReferredRun) => boolean)[] = [
    ({ reference }) => reference === asked,
    ({ run }) => paths.has(run.dir),
    ({ run: { identity } }) => (identity.label?.name ?? identity.name) === asked,
    ({ reference }) => reference.startsWith(asked),
  ];
  return ways.map((is) => runs.filter(is)).find((found) => found.length > 0) ?? [];
}

function unknownRun(asked: string, runs: readonly ReferredRun[]): string {
  const problem = `There is no run "${plainLine(asked, 80)}" among those that can be read here.`;
  if (runs.length === 0) return `${problem} There are no runs at all.`;
  const near = nearestOf(asked, runs);
  return near.length > 0
    ? `${problem} The nearest are ${listed(near)}.`
    : `${problem} The newest are ${listed(runs)}. otb_list_runs lists more.`;
}

/** Those that have words of it in their reference, most words first. */
function nearestOf(asked: string, runs: readonly ReferredRun[]): readonly ReferredRun[] {
  const words = asked
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1);
  const scored = runs.map((one) => ({ one, score: words.filter((word) => one.reference.toLowerCase().includes(word)).length }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, mostNamed)
    .map(({ one }) => one);
}

function listed(runs: readonly ReferredRun[]): string {
  return fewText(
    runs.map(({ reference }) => reference),
    mostNamed,
  );
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
