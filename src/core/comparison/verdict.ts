import type { CollapseState } from '../records/events.ts';
import { fisherExact } from '../statistics/fisherExact.ts';
import type { GroupSummary } from './groups.ts';
import { counted, countText, differenceText, intervalText, listText, pText, scoreText, spreadText } from '../notation.ts';
import type { PairedTest, ScoreTest } from './pairedTests.ts';

const significance = 0.05;
/** Differences of final score below this are called a tie. */
const scoreTie = 0.005;

/**
 * The comparison in plain sentences: who collapsed least, whether that could be chance, how final scores differ, and where the
 * reference does not win. A difference is called significant by Fisher's exact test, Holm-adjusted for the number of comparisons.
 */
export function verdict(groups: readonly GroupSummary[], reference: GroupSummary | null, tests: readonly PairedTest[]): string[] {
  if (reference === null) return ['There are no runs to compare.'];
  const nothingToTest = tests.length === 0 || groups.every((group) => unjudged([group]) === group.count);
  return [
    collapseSentence(groups),
    ...(nothingToTest
      ? []
      : [
          powerSentence(tests) ?? significanceSentence(reference, tests),
          scoreSentence(groups, reference, tests),
          lossSentence(groups, reference, tests),
        ]),
  ];
}

/** Runs of which the detector cannot say whether they collapsed. */
function unjudged(groups: readonly GroupSummary[]): number {
  return countOf(groups, 'unknown');
}

function countOf(groups: readonly GroupSummary[], state: CollapseState): number {
  return groups.flatMap((group) => group.runs).filter((run) => run.state === state).length;
}

/** A sentence behind others, because a run without a gradient has not collapsed, and is not well; empty: there is none. */
function silenceSentence(groups: readonly GroupSummary[], runs: number): string {
  const silent = countOf(groups, 'silent');
  if (silent === 0) return '';
  if (runs === 1) return ' It is silent: its gradient norm is 0.';
  return ` ${counted(silent, 'run')} ${silent === 1 ? 'is' : 'are'} silent, with a gradient norm of 0.`;
}

function collapseSentence(groups: readonly GroupSummary[]): string {
  const runs = groups.reduce((sum, group) => sum + group.count, 0);
  const collapsed = groups.reduce((sum, group) => sum + group.collapsed, 0);
  const unknown = unjudged(groups);
  const runsOf = runs === 1 ? 'the run' : `the ${runs} runs`;
  if (unknown === runs)
    return `Whether ${runsOf} collapsed cannot be judged: there are no steps, or no gradient norm and no score in them.`;
  const silence = silenceSentence(groups, runs);
  if (runs === 1) return `${collapsed === 1 ? 'The run collapsed.' : 'The run did not collapse.'}${silence}`;
  if (collapsed === runs) return `${runs === 2 ? 'Both runs' : `All ${runs} runs`} collapsed.${silence}`;
  const rest = `${unknown === 0 ? '' : ` ${counted(unknown, 'run')} cannot be judged.`}${silence}`;
  if (collapsed === 0) return `${runs === 2 ? 'Neither of the 2 runs' : `None of the ${runs} runs`} collapsed.${rest}`;
  const ordered = groups.toSorted((a, b) => a.collapseRate - b.collapseRate);
  const at = (rate: number): GroupSummary[] => ordered.filter((group) => group.collapseRate === rate);
  const describe = (members: readonly GroupSummary[]): string =>
    listText(members.map((group) => `${group.label} (${countText(group.collapsed, group.count)})`));
  const least = at(ordered[0]?.collapseRate ?? 0);
  const most = at(ordered[ordered.length - 1]?.collapseRate ?? 0);
  if (least.length === groups.length) return `${countText(collapsed, runs)} runs collapsed: ${describe(least)}.${rest}`;
  return `${countText(collapsed, runs)} runs collapsed. Fewest: ${describe(least)}; most: ${describe(most)}.${rest}`;
}

function significanceSentence(reference: GroupSummary, tests: readonly PairedTest[]): string {
  const describe = (test: PairedTest): string => {
    const { other, fisher, mcnemar } = test.collapse;
    const confirmed = fisher.adjusted < significance === mcnemar.adjusted < significance;
    const paired = confirmed ? '' : `; paired by seed, McNemar's ${pText(mcnemar.adjusted)}`;
    return `${test.other} (${countText(other.count, other.of)}, ${pText(fisher.adjusted)}${paired})`;
  };
  const rate = (test: PairedTest): number => test.collapse.other.count / test.collapse.other.of;
  const clear = tests.filter((test) => test.collapse.fisher.adjusted < significance);
  const better = clear.filter((test) => rate(test) > reference.collapseRate);
  const worse = clear.filter((test) => rate(test) < reference.collapseRate);
  const tooFew = tests.filter((test) => !clear.includes(test) && leastP(test, tests.length) >= significance);
  const open = tests.filter((test) => !clear.includes(test) && !tooFew.includes(test));
  const parts: string[] = [];
  if (better.length > 0) parts.push(`significantly fewer than ${listText(better.map(describe))}`);
  if (worse.length > 0) parts.push(`significantly more than ${listText(worse.map(describe))}`);
  if (open.length > 0) parts.push(`no significant difference to ${listText(open.map(describe))}`);
  if (tooFew.length > 0) parts.push(`too few runs for a significant difference to ${listText(tooFew.map(describe))}`);
  return `Collapses of ${reference.label} (${countText(reference.collapsed, reference.count)}): ${parts.join('; ')}. Here p is that of Fisher's exact test, two-sided, ${adjustment(tests.length)}.`;
}

/** Null where some comparison had a chance; else says that even the most extreme outcome could not have been significant. */
function powerSentence(tests: readonly PairedTest[]): string | null {
  if (tests.some((test) => leastP(test, tests.length) < significance)) return null;
  let needed = 2;
  while (mostExtremeP(needed, needed, tests.length) >= significance) needed++;
  const compared = tests.length === 1 ? 'one comparison' : `${tests.length} comparisons`;
  return `That may be chance: with so few runs, no outcome of ${compared} could have been significant. Run ${needed} seeds or more of each to tell. Significant is p < ${significance} by Fisher's exact test, two-sided, ${adjustment(tests.length)}.`;
}

/** The least adjusted p that the two groups of a test could have had: all runs of one collapsed, and none of the other. */
function leastP({ collapse }: PairedTest, comparisons: number): number {
  return mostExtremeP(collapse.reference.of, collapse.other.of, comparisons);
}

/** The smallest of several p values is multiplied by their number, by Holm's procedure as by Bonferroni's. */
function mostExtremeP(ours: number, theirs: number, comparisons: number): number {
  return fisherExact({ count: 0, of: ours }, { count: theirs, of: theirs }) * comparisons;
}

function adjustment(comparisons: number): string {
  return comparisons === 1 ? 'not adjusted, since this is one comparison' : `Holm-adjusted for ${comparisons} comparisons`;
}

function scoreSentence(groups: readonly GroupSummary[], reference: GroupSummary, tests: readonly PairedTest[]): string {
  const scored = groups
    .filter((group) => group.finalScore !== null)
    .toSorted((a, b) => (b.finalScore?.mean ?? 0) - (a.finalScore?.mean ?? 0));
  const top = scored[0];
  if (top === undefined) return 'No run logged a score.';
  const paired = tests.filter((test) => test.finalScore !== null);
  const lead = scoreLead(top, scored, groups.length);
  if (paired.length === 0) return `${lead}.`;
  const differences = paired.map(
    ({ other, finalScore }) => `${finalScore === null ? '' : differenceWithInterval(finalScore)} against ${other}`,
  );
  const seeds = [...new Set(paired.map((test) => test.finalScore?.pairs ?? 0))].toSorted((a, b) => a - b);
  const over = `${seeds.length === 1 ? seeds[0] : `${seeds[0]} to ${seeds[seeds.length - 1]}`} shared ${seeds.every((count) => count === 1) ? 'seed' : 'seeds'}`;
  const intervals =
    (seeds[seeds.length - 1] ?? 0) >= 3
      ? `, in brackets 95 % t intervals${paired.length > 1 ? ', not adjusted for the number of comparisons' : ''}`
      : '';
  const ours = top === reference ? 'Its mean difference' : `The mean difference of ${reference.label} (${meanText(reference)})`;
  return `${lead}. ${ours} over ${over} is ${listText(differences)}${intervals}.`;
}

function scoreLead(top: GroupSummary, scored: readonly GroupSummary[], groups: number): string {
  if (scored.length === 1 && groups > 1) return `Final score: only the runs of ${top.label} have one (${meanText(top)})`;
  const level = scored.filter((group) => group.finalScore?.mean === top.finalScore?.mean);
  if (level.length > 1 && level.length === scored.length)
    return `Final score: the same on average with all (${scoreText(top.finalScore?.mean ?? null)})`;
  return `Final score: highest on average with ${listText(level.map((group) => `${group.label} (${meanText(group)})`))}`;
}

function meanText({ finalScore, count }: GroupSummary): string {
  return finalScore === null ? 'no score' : spreadText(finalScore, count);
}

function differenceWithInterval({ meanDifference, tInterval, pairs }: ScoreTest): string {
  const interval = tInterval === null || pairs < 3 ? '' : ` ${intervalText(tInterval)}`;
  return `${differenceText(meanDifference)}${interval}`;
}

function lossSentence(groups: readonly GroupSummary[], reference: GroupSummary, tests: readonly PairedTest[]): string {
  const others = groups.filter((group) => group !== reference);
  const labels = (members: readonly GroupSummary[]): string => listText(members.map((group) => group.label));
  const ours = reference.finalScore?.mean ?? Infinity;
  const notLess = others.filter((group) => group.collapseRate <= reference.collapseRate);
  const notLower = others.filter((group) => group.finalScore !== null && group.finalScore.mean > ours - scoreTie);
  const survivors = tests.filter(({ survivors: pairs }) => pairs !== null && pairs.meanDifference < scoreTie);
  const parts: string[] = [];
  if (notLess.length > 0) parts.push(`${labels(notLess)} collapsed no more often`);
  if (notLower.length > 0) parts.push(`${labels(notLower)} ended no lower on average`);
  if (survivors.length > 0) {
    const described = survivors.map(
      ({ other, survivors: pairs }) => `${other} (${differenceText(pairs?.meanDifference ?? 0)}, ${counted(pairs?.pairs ?? 0, 'seed')})`,
    );
    parts.push(`where neither run of a seed collapsed, its final score is no higher than that of ${listText(described)}`);
  }
  return parts.length === 0
    ? `No average goes against ${reference.label} here; that is about these runs and this setting only.`
    : `Where ${reference.label} does not win: ${parts.join('; ')}.`;
}
