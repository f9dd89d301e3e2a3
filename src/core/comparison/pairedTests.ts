import { hasCollapsed } from '../records/runState.ts';
import { fisherExact } from '../statistics/fisherExact.ts';
import type { Proportion } from '../statistics/fisherExact.ts';
import { holmAdjusted } from '../statistics/holm.ts';
import { mcnemarExact } from '../statistics/mcnemar.ts';
import { bootstrapInterval, tInterval } from '../statistics/meanDifference.ts';
import { mean } from '../statistics/quantiles.ts';
import { wilcoxonSignedRank } from '../statistics/wilcoxon.ts';
import type { Interval } from '../statistics/wilson.ts';
import type { GroupSummary } from './groups.ts';
import type { RunSummary } from './runSummary.ts';

/** One group against the reference group. Runs with the same seed are a pair: they started from the same policy. */
export interface PairedTest {
  readonly reference: string;
  readonly other: string;
  /** Number of seeds that both groups ran. */
  readonly pairs: number;
  readonly collapse: CollapseTest;
  /** Null without a pair of runs that both have a final score. */
  readonly finalScore: ScoreTest | null;
  /** Final scores of the pairs in which neither run collapsed: what is left when survival is taken out. */
  readonly survivors: ScoreTest | null;
}

interface CollapseTest {
  readonly reference: Proportion;
  readonly other: Proportion;
  /** Fisher's exact test over all runs, two-sided; `adjusted` for the number of comparisons (Holm). */
  readonly fisher: { readonly p: number; readonly adjusted: number };
  /** McNemar's exact test over pairs, two-sided; pairs in which only one run collapsed. */
  readonly mcnemar: { readonly p: number; readonly adjusted: number; readonly onlyReference: number; readonly onlyOther: number };
}

/** Final score of the reference minus that of the other, over pairs; intervals of 95 %, null for fewer than two pairs. */
export interface ScoreTest {
  readonly pairs: number;
  readonly referenceHigher: number;
  readonly meanDifference: number;
  readonly tInterval: Interval | null;
  readonly bootstrapInterval: Interval | null;
  /** Two-sided p of Wilcoxon's signed-rank test. */
  readonly wilcoxon: number;
}

export function pairedTests(reference: GroupSummary, others: readonly GroupSummary[]): PairedTest[] {
  const pairings = others.map((other) => pairBySeed(reference.runs, other.runs));
  const fisher = others.map((other) => fisherExact(collapses(reference), collapses(other)));
  const only = pairings.map((pairs) => ({
    onlyReference: pairs.filter(([ours, theirs]) => hasCollapsed(ours) && !hasCollapsed(theirs)).length,
    onlyOther: pairs.filter(([ours, theirs]) => !hasCollapsed(ours) && hasCollapsed(theirs)).length,
  }));
  const mcnemar = only.map(({ onlyReference, onlyOther }) => mcnemarExact(onlyReference, onlyOther));
  const fisherAdjusted = holmAdjusted(fisher);
  const mcnemarAdjusted = holmAdjusted(mcnemar);
  return others.map((other, index) => {
    const pairs = pairings[index] ?? [];
    const discordant = only[index] ?? { onlyReference: 0, onlyOther: 0 };
    return {
      reference: reference.label,
      other: other.label,
      pairs: pairs.length,
      collapse: {
        reference: collapses(reference),
        other: collapses(other),
        fisher: { p: fisher[index] ?? 1, adjusted: fisherAdjusted[index] ?? 1 },
        mcnemar: { p: mcnemar[index] ?? 1, adjusted: mcnemarAdjusted[index] ?? 1, ...discordant },
      },
      finalScore: scoreTest(pairs),
      survivors: scoreTest(pairs.filter(([ours, theirs]) => !hasCollapsed(ours) && !hasCollapsed(theirs))),
    };
  });
}

type Pair = readonly [ours: RunSummary, theirs: RunSummary];

/** Where a group ran a seed twice, the later run counts; one whose seed is not known has no partner. */
function pairBySeed(ours: readonly RunSummary[], theirs: readonly RunSummary[]): Pair[] {
  const known = (runs: readonly RunSummary[]) => new Map(runs.flatMap((run) => (run.seed === null ? [] : [[run.seed, run] as const])));
  const bySeed = known(theirs);
  return [...known(ours).values()].flatMap((run) => {
    const partner = run.seed === null ? undefined : bySeed.get(run.seed);
    return partner === undefined ? [] : [[run, partner] as const];
  });
}

function collapses(group: GroupSummary): Proportion {
  return { count: group.collapsed, of: group.count };
}

function scoreTest(pairs: readonly Pair[]): ScoreTest | null {
  const differences = pairs.flatMap(([ours, theirs]) =>
    ours.finalScore === null || theirs.finalScore === null ? [] : [ours.finalScore - theirs.finalScore],
  );
  if (differences.length === 0) return null;
  return {
    pairs: differences.length,
    referenceHigher: differences.filter((difference) => difference > 0).length,
    meanDifference: mean(differences),
    tInterval: tInterval(differences) ?? null,
    bootstrapInterval: bootstrapInterval(differences) ?? null,
    wilcoxon: wilcoxonSignedRank(differences),
  };
}
