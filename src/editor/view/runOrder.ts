import { comparedAs, bySeed } from '../../core/records/runIdentity.ts';
import { hasCollapsed, hasFailed, isLive } from '../../core/records/runState.ts';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { RunGroup } from '../runSelection.ts';

/** By what the runs view is sorted. */
export const runOrders = ['newest', 'name', 'state', 'score'] as const;
export type RunOrder = (typeof runOrders)[number];

/** What comes after "Sort by". */
export const orderTexts: Readonly<Record<RunOrder, string>> = {
  newest: 'start, newest first',
  name: 'name',
  state: 'state, collapsed first',
  score: 'score, best first',
};

const collator = new Intl.Collator('en', { numeric: true });

/**
 * Groups, and the runs of each, in an order. What is equal in it stays as it was: groups newest first, runs in the order of the config.
 * @param groups newest first.
 */
export function orderedGroups(groups: readonly RunGroup[], order: RunOrder): readonly RunGroup[] {
  const started = groups.map(({ node, runs }) => ({ node, runs: withBranches(asStarted(runs)) }));
  if (order === 'newest') return started;
  const compare = comparisons[order];
  const sorted = started.map(({ node, runs }) => ({ node, runs: runs.toSorted(compare) }));
  if (order === 'name') return sorted.toSorted((a, b) => collator.compare(titleOf(a), titleOf(b)));
  // A group stands where its first run does.
  return sorted.toSorted((a, b) => compare(a.runs[0] as RunOverview, b.runs[0] as RunOverview));
}

/** Each branch behind the run that it comes from, where that is in the list. */
function withBranches(runs: readonly RunOverview[]): readonly RunOverview[] {
  const ids = new Set(runs.map(({ identity }) => identity.id));
  const originOf = ({ identity: { id, branchedFrom: origin } }: RunOverview): string | undefined =>
    origin !== undefined && origin.id !== id && ids.has(origin.id) ? origin.id : undefined;
  const branches = new Map<string | undefined, RunOverview[]>();
  for (const run of runs) branches.set(originOf(run), [...(branches.get(originOf(run)) ?? []), run]);
  const below = (run: RunOverview, above: ReadonlySet<string>): readonly RunOverview[] => {
    const seen = new Set([...above, run.identity.id]);
    const own = (branches.get(run.identity.id) ?? []).filter(({ identity }) => !seen.has(identity.id));
    return [run, ...own.flatMap((branch) => below(branch, seen))];
  };
  const ordered = (branches.get(undefined) ?? []).flatMap((run) => below(run, new Set()));
  // Runs that name each other hang on none.
  return [...ordered, ...runs.filter((run) => !ordered.includes(run))];
}

const comparisons: Readonly<Record<Exclude<RunOrder, 'newest'>, (a: RunOverview, b: RunOverview) => number>> = {
  name: (a, b) => collator.compare(runName(a), runName(b)),
  state: (a, b) => urgency(a) - urgency(b),
  // What has no score comes last.
  score: (a, b) => scoreOf(b) - scoreOf(a) || 0,
};

function titleOf({ runs: [first] }: RunGroup): string {
  return first ? groupTitle(first) : '';
}

function scoreOf({ score }: RunOverview): number {
  return Number.isNaN(score) ? -Number.MAX_VALUE : score;
}

function urgency(run: RunOverview): number {
  if (run.collapse === 'collapsed') return 0;
  if (hasFailed(run)) return 1;
  if (run.collapse === 'unstable' || run.collapse === 'silent') return 2;
  if (hasCollapsed(run)) return 3;
  return isLive(run) ? 4 : 5;
}

/** In the order of the config: estimators as they were started, each with its seeds in ascending order. */
function asStarted(runs: readonly RunOverview[]): readonly RunOverview[] {
  const first = new Map<string, string>();
  for (const { identity } of runs)
    if (identity.createdAt < (first.get(comparedAs(identity)) ?? '~')) first.set(comparedAs(identity), identity.createdAt);
  const started = (run: RunOverview): string => `${first.get(comparedAs(run.identity))} ${comparedAs(run.identity)}`;
  return runs.toSorted((a, b) =>
    started(a) < started(b) ? -1 : started(a) > started(b) ? 1 : bySeed(a.identity, b.identity) || (a.dir < b.dir ? -1 : 1),
  );
}
