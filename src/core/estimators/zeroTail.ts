/**
 * Where the token baseline of each response of a group ends, [group], in tokens: `length`, save for the zero tail. A response that
 * is strictly the longest of its group has nobody to be compared with beyond the second longest, where the baseline would only
 * repeat its own return; there it has baseline 0, and a response alone in its group has it throughout.
 * `counts`: action tokens of each response; `length`: row length of the batch.
 */
export function baselineEnds(counts: readonly number[], length: number, handleZeroTail: boolean): readonly number[] {
  const ends = counts.map(() => length);
  const longest = Math.max(...counts);
  const member = counts.indexOf(longest);
  const second = Math.max(0, ...counts.filter((_, other) => other !== member));
  if (counts.length === 1) ends[member] = 0;
  else if (handleZeroTail && longest > second) ends[member] = second;
  return ends;
}
