/**
 * Two-sided p of Wilcoxon's signed-rank test that paired differences are symmetric about 0. Zero differences are left out, tied
 * ones share their mean rank; the distribution is exact, given the ranks (n³ operations). 1 when nothing is left.
 */
export function wilcoxonSignedRank(differences: readonly number[]): number {
  const nonZero = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(nonZero.map(Math.abs));
  const positive = ranks.reduce((sum, rank, index) => ((nonZero[index] as number) > 0 ? sum + rank : sum), 0);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const extreme = Math.min(positive, total - positive);
  return Math.min(1, 2 * lowerTail(ranks, extreme));
}

/** Ranks from 1, ties averaged, times two so that they are whole numbers. */
function doubledRanks(values: readonly number[]): number[] {
  const order = values.map((_value, index) => index).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (const index of order.slice(start, end)) ranks[index] = start + end + 1;
    start = end;
  }
  return ranks;
}

/** P(sum of the positive ranks ≤ limit) when every sign is a fair coin, by convolution. */
function lowerTail(ranks: readonly number[], limit: number): number {
  let probability = new Float64Array(limit + 1);
  probability[0] = 1;
  for (const rank of ranks) {
    const next = probability.map((value) => value / 2);
    for (let sum = rank; sum <= limit; sum++) next[sum] = (next[sum] as number) + (probability[sum - rank] as number) / 2;
    probability = next;
  }
  return probability.reduce((sum, value) => sum + value, 0);
}
