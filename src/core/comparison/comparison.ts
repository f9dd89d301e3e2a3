import { groupRuns } from './groups.ts';
import type { ComparedRun, GroupSummary, RunGroup } from './groups.ts';
import { pairedTests } from './pairedTests.ts';
import type { PairedTest } from './pairedTests.ts';
import { repeatSentence } from './repeats.ts';
import type { Repeat } from './repeats.ts';
import { verdict } from './verdict.ts';

export interface Comparison {
  /** Those of runs that stand for themselves, then branches, each alone. */
  readonly groups: readonly RunGroup[];
  /** The group that the others are tested against; null without runs. */
  readonly reference: GroupSummary | null;
  readonly tests: readonly PairedTest[];
  /** What the numbers say, and what they do not, in sentences. */
  readonly verdict: readonly string[];
  /** Runs that do not count, because they repeat others. */
  readonly repeats: readonly Repeat<ComparedRun>[];
}

/** The methods whose claim is in question, strongest claim first. */
const claimants = ['tir_optimal_token_baseline', 'optimal_token_baseline', 'optimal_trajectory_baseline'];

/**
 * Groups the runs and tests every group against the reference: the optimal token baseline where it was run. A branch has its past from
 * another run, and was chosen because of that: it is shown, but no test or verdict counts it, unless there is nothing else.
 */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const isOwn = ({ branchedFrom }: ComparedRun): boolean => branchedFrom === undefined;
  const all = groupRuns(runs);
  const independent = all.filter((group) => group.runs.every(isOwn));
  const branches = all.filter((group) => !independent.includes(group));
  const groups = independent.length > 0 ? independent : branches;
  const summaries = groups.map((group) => group.summary);
  const reference = chooseReference(summaries);
  const tests =
    reference === null
      ? []
      : pairedTests(
          reference,
          summaries.filter((summary) => summary !== reference),
        );
  const shown = [...independent, ...branches];
  const repeats = shown.flatMap((group) => group.repeats);
  const left = [repeatSentence(repeats.length), branchSentence(branches.length, independent.length > 0)].filter(
    (each) => each !== undefined,
  );
  return { groups: shown, reference, tests, verdict: [...verdict(summaries, reference, tests), ...left], repeats };
}

/** That some runs are branches, and what that means for the numbers; undefined: none is. */
function branchSentence(branches: number, areOthers: boolean): string | undefined {
  if (branches === 0) return undefined;
  const what = branches === 1 ? '1 run is a branch of another' : `${branches} runs are branches of others`;
  const left = areOthers ? `, and ${branches === 1 ? 'is' : 'are'} left out of averages, tests and verdict` : '';
  return `${what}${left}: what ${branches === 1 ? 'it has' : 'they have'} from before the branch is not ${branches === 1 ? 'its' : 'their'} own. Numbers of a branch are about its own steps.`;
}

function chooseReference(groups: readonly GroupSummary[]): GroupSummary | null {
  for (const estimator of claimants) {
    const candidates = groups.filter((group) => group.estimator === estimator);
    if (candidates.length > 0) return best(candidates);
  }
  return best(groups);
}

/** Fewest collapses, then highest final score. */
function best(groups: readonly GroupSummary[]): GroupSummary | null {
  const score = (group: GroupSummary): number => group.finalScore?.mean ?? -Infinity;
  return groups.toSorted((a, b) => a.collapseRate - b.collapseRate || score(b) - score(a))[0] ?? null;
}
