import { fisherExact } from '../statistics/fisherExact.ts';
import type { GroupSummary } from './groups.ts';
import { countText, differenceText, listText, pText, scoreText } from './notation.ts';
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
  return [
    collapseSentence(groups),
    ...(tests.length === 0 ? [] : [significanceSentence(reference, tests), ...powerSentence(tests), scoreSentence(groups, reference, tests), lossSentence(reference, tests)]),
  ];
}

function collapseSentence(groups: readonly GroupSummary[]): string {
  const runs = groups.reduce((sum, group) => sum + group.count, 0);
  const collapsed = groups.reduce((sum, group) => sum + group.collapsed, 0);
  if (collapsed === 0) return runs === 1 ? 'The run did not collapse.' : `None of the ${runs} runs collapsed.`;
  if (runs === 1) return 'The run collapsed.';
  if (collapsed === runs) return `All ${runs} runs collapsed.`;
  const ordered = groups.toSorted((a, b) => a.collapseRate - b.collapseRate);
  const at = (rate: number): GroupSummary[] => ordered.filter((group) => group.collapseRate === rate);
  const describe = (members: readonly GroupSummary[]): string =>
    listText(members.map((group) => `${group.label} (${countText(group.collapsed, group.count)})`));
  const least = at(ordered[0]?.collapseRate ?? 0);
  const most = at(ordered[ordered.length - 1]?.collapseRate ?? 0);
  if (least.length === groups.length) return `${countText(collapsed, runs)} runs collapsed: ${describe(least)}.`;
  return `${countText(collapsed, runs)} runs collapsed. Fewest: ${describe(least)}; most: ${describe(most)}.`;
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
  const open = tests.filter((test) => !clear.includes(test));
  const parts: string[] = [];
  if (better.length > 0) parts.push(`significantly fewer than ${listText(better.map(describe))}`);
  if (worse.length > 0) parts.push(`significantly more than ${listText(worse.map(describe))}`);
  if (open.length > 0) parts.push(`no significant difference to ${listText(open.map(describe))}`);
  return `Collapses of ${reference.label} (${countText(reference.collapsed, reference.count)}): ${parts.join('; ')}. Fisher's exact test${tests.length > 1 ? `, p adjusted for ${tests.length} comparisons` : ''}.`;
}

/** Says so when even the most extreme outcome could not have been significant with this many runs. */
function powerSentence(tests: readonly PairedTest[]): string[] {
  const runs = Math.min(...tests.flatMap(({ collapse }) => [collapse.reference.of, collapse.other.of]));
  const leastP = (n: number): number => Math.min(1, fisherExact({ count: 0, of: n }, { count: n, of: n }) * tests.length);
  if (leastP(runs) < significance) return [];
  let needed = runs + 1;
  while (leastP(needed) >= significance) needed++;
  const compared = tests.length === 1 ? 'this comparison' : `${tests.length} comparisons`;
  return [`With ${runs === 1 ? 'one run' : `${runs} runs`} of a kind no outcome of ${compared} could have been significant; ${needed} seeds or more are needed.`];
}

function scoreSentence(groups: readonly GroupSummary[], reference: GroupSummary, tests: readonly PairedTest[]): string {
  const scored = groups.filter((group) => group.finalScore !== null).toSorted((a, b) => (b.finalScore?.mean ?? 0) - (a.finalScore?.mean ?? 0));
  const top = scored[0];
  if (top === undefined) return 'No run logged a score.';
  const differences = tests.flatMap(({ other, finalScore }) => (finalScore === null ? [] : [`${differenceWithInterval(finalScore)} against ${other}`]));
  const over = tests.some((test) => (test.finalScore?.tInterval ?? null) !== null) ? ', paired by seed, with 95 % t intervals' : '';
  const lead = `Final score: highest on average with ${top.label} (${meanText(top)}).`;
  return differences.length === 0 ? lead : `${lead} ${reference.label}${top === reference ? '' : ` (${meanText(reference)})`} has ${listText(differences)}${over}.`;
}

function meanText(group: GroupSummary): string {
  if (group.finalScore === null) return 'no score';
  return group.count > 1 ? `${scoreText(group.finalScore.mean)} ± ${scoreText(group.finalScore.std)}` : scoreText(group.finalScore.mean);
}

function differenceWithInterval({ meanDifference, tInterval }: ScoreTest): string {
  return tInterval === null ? differenceText(meanDifference) : `${differenceText(meanDifference)} [${scoreText(tInterval.low)}, ${scoreText(tInterval.high)}]`;
}

function lossSentence(reference: GroupSummary, tests: readonly PairedTest[]): string {
  const collapse = tests.filter(({ collapse: { other } }) => other.count / other.of <= reference.collapseRate);
  const score = tests.filter(({ finalScore }) => finalScore !== null && finalScore.meanDifference < scoreTie);
  const survivors = tests.filter((test) => !score.includes(test) && test.survivors !== null && test.survivors.meanDifference < scoreTie);
  const parts: string[] = [];
  if (collapse.length > 0) parts.push(`${listText(collapse.map((test) => test.other))} collapsed no more often`);
  if (score.length > 0) parts.push(`${listText(score.map((test) => test.other))} ended no lower on average`);
  if (survivors.length > 0) {
    const described = survivors.map(({ other, survivors: pairs }) => `${other} (${differenceText(pairs?.meanDifference ?? 0)} over ${pairs?.pairs ?? 0} seeds)`);
    parts.push(`on the seeds where neither run collapsed, it does not end higher than ${listText(described)}`);
  }
  return parts.length === 0
    ? `No comparison of means goes against ${reference.label} here; that is about these runs and this setting only.`
    : `Where ${reference.label} does not win: ${parts.join('; ')}.`;
}
