import { fisherExact } from '../statistics/fisherExact.ts';
import type { GroupSummary } from './groups.ts';
import { countText, differenceText, listText, pText, scoreText } from '../notation.ts';
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
    ...(tests.length === 0
      ? []
      : [
          powerSentence(tests) ?? significanceSentence(reference, tests),
          scoreSentence(groups, reference, tests),
          lossSentence(groups, reference, tests),
        ]),
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

/** Null where some comparison had a chance; else says that even the most extreme outcome could not have been significant. */
function powerSentence(tests: readonly PairedTest[]): string | null {
  const leastP = (ours: number, theirs: number): number =>
    fisherExact({ count: 0, of: ours }, { count: theirs, of: theirs }) * tests.length;
  if (tests.some(({ collapse }) => leastP(collapse.reference.of, collapse.other.of) < significance)) return null;
  let needed = 2;
  while (leastP(needed, needed) >= significance) needed++;
  const compared = tests.length === 1 ? 'one comparison' : `${tests.length} comparisons`;
  return `That may be chance: with so few runs, no outcome of ${compared} could have been significant. Run ${needed} seeds or more of each to tell.`;
}

function scoreSentence(groups: readonly GroupSummary[], reference: GroupSummary, tests: readonly PairedTest[]): string {
  const scored = groups
    .filter((group) => group.finalScore !== null)
    .toSorted((a, b) => (b.finalScore?.mean ?? 0) - (a.finalScore?.mean ?? 0));
  const top = scored[0];
  if (top === undefined) return 'No run logged a score.';
  const paired = tests.filter((test) => test.finalScore !== null);
  const lead = `Final score: highest on average with ${top.label} (${meanText(top)})`;
  if (paired.length === 0) return `${lead}.`;
  const differences = paired.map(
    ({ other, finalScore }) => `${finalScore === null ? '' : differenceWithInterval(finalScore)} against ${other}`,
  );
  const seeds = [...new Set(paired.map((test) => test.finalScore?.pairs ?? 0))].toSorted((a, b) => a - b);
  const over = `${seeds.length === 1 ? seeds[0] : `${seeds[0]} to ${seeds[seeds.length - 1]}`} shared ${seeds.every((count) => count === 1) ? 'seed' : 'seeds'}`;
  const intervals = (seeds[seeds.length - 1] ?? 0) >= 3 ? ', in brackets 95 % t intervals' : '';
  const ours = top === reference ? 'Its mean difference' : `The mean difference of ${reference.label} (${meanText(reference)})`;
  return `${lead}. ${ours} over ${over} is ${listText(differences)}${intervals}.`;
}

function meanText(group: GroupSummary): string {
  if (group.finalScore === null) return 'no score';
  return group.count > 1 ? `${scoreText(group.finalScore.mean)} ± ${scoreText(group.finalScore.std)}` : scoreText(group.finalScore.mean);
}

function differenceWithInterval({ meanDifference, tInterval, pairs }: ScoreTest): string {
  const interval = tInterval === null || pairs < 3 ? '' : ` [${scoreText(tInterval.low)}, ${scoreText(tInterval.high)}]`;
  return `${differenceText(meanDifference)}${interval}`;
}

function lossSentence(groups: readonly GroupSummary[], reference: GroupSummary, tests: readonly PairedTest[]): string {
  const others = groups.filter((group) => group !== reference);
  const labels = (members: readonly GroupSummary[]): string => listText(members.map((group) => group.label));
  const ours = reference.finalScore?.mean ?? -Infinity;
  const notLess = others.filter((group) => group.collapseRate <= reference.collapseRate);
  const notLower = others.filter((group) => group.finalScore !== null && group.finalScore.mean > ours - scoreTie);
  const survivors = tests.filter(({ survivors: pairs }) => pairs !== null && pairs.meanDifference < scoreTie);
  const parts: string[] = [];
  if (notLess.length > 0) parts.push(`${labels(notLess)} collapsed no more often`);
  if (notLower.length > 0) parts.push(`${labels(notLower)} ended no lower on average`);
  if (survivors.length > 0) {
    const described = survivors.map(
      ({ other, survivors: pairs }) =>
        `${other} (${differenceText(pairs?.meanDifference ?? 0)}, ${pairs?.pairs === 1 ? '1 seed' : `${pairs?.pairs ?? 0} seeds`})`,
    );
    parts.push(`where neither run of a seed collapsed, its final score is no higher than that of ${listText(described)}`);
  }
  return parts.length === 0
    ? `No average goes against ${reference.label} here; that is about these runs and this setting only.`
    : `Where ${reference.label} does not win: ${parts.join('; ')}.`;
}
