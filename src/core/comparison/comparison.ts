import { groupRuns } from './groups.ts';
import type { ComparedRun, GroupSummary, RunGroup } from './groups.ts';
import { pairedTests } from './pairedTests.ts';
import type { PairedTest } from './pairedTests.ts';
import { verdict } from './verdict.ts';

export interface Comparison {
  readonly groups: readonly RunGroup[];
  /** The group that the others are tested against; null without runs. */
  readonly reference: GroupSummary | null;
  readonly tests: readonly PairedTest[];
  /** What the numbers say, and what they do not, in sentences. */
  readonly verdict: readonly string[];
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
  return { groups, reference, tests, verdict: verdict(summaries, reference, tests) };
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
