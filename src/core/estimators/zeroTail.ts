/** A response of a group, and where it has baseline 0 from, in tokens. */
export interface ZeroTail {
  readonly member: number;
  readonly from: number;
}

/**
 * The zero tail of a group. A response that is strictly the longest of its group has nobody to be compared with beyond the second
 * longest, where the baseline would only repeat its own return; there it has baseline 0, and a response alone in its group has it
 * throughout. `counts`: action tokens of each response, one at least.
 */
export function zeroTail(counts: readonly number[], handleZeroTail: boolean): ZeroTail | null {
  const longest = Math.max(...counts);
  const member = counts.indexOf(longest);
  if (counts.length === 1) return { member, from: 0 };
  const second = Math.max(...counts.filter((_, other) => other !== member));
  return handleZeroTail && longest > second ? { member, from: second } : null;
}
