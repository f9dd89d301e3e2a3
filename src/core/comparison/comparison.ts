import { groupRuns } from './groups.ts';
import type { ComparedRun, GroupSummary, RunGroup } from './groups.ts';
import { pairedTests } from './pairedTests.ts';
import type { PairedTest } from './pairedTests.ts';
import { repeatSentence } from './repeats.ts';
import type { Repeat } from './repeats.ts';
import { verdict } from './verdict.ts';

export interface Comparison {
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

/** Groups the runs and tests every group against the reference: the optimal token baseline where it was run. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const groups = groupRuns(runs);
  const summaries = groups.map((group) => group.summary);
  const reference = chooseReference(summaries);
  const tests =
    reference === null
      ? []
      : pairedTests(
          reference,
          summaries.filter((summary) => summary !== reference),
        );
  const repeats = groups.flatMap((group) => group.repeats);
  const left = repeatSentence(repeats.length);
  return { groups, reference, tests, verdict: [...verdict(summaries, reference, tests), ...(left === undefined ? [] : [left])], repeats };
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
