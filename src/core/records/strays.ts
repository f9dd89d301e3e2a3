/** Steps that a run must have before one of them can be told to lie far outside. */
const fewest = 10;
/** How many times as far as all the others reach. */
const farther = 1000;

/** Most of them; more are a part of the run. */
const mostStrays = 64;

/** Whether a step lies far beyond the last of so many, which begin at `first`. */
export function isFarBeyond(
  step: number,
  { first, last, count }: { readonly first: number; readonly last: number; readonly count: number },
): boolean {
  return count >= fewest && step - last > farther * Math.max(last - first, count);
}

/**
 * Of ascending steps, how many come before those few that lie far beyond all others, as if a time stamp stood in the place of a step;
 * all of them, where none does. Such a step is kept like any other, but a picture that reaches up to it would show nothing else.
 */
export function stepsBeforeStrays(steps: Float64Array): number {
  const { length } = steps;
  const most = Math.max(1, Math.min(mostStrays, Math.floor(length / 10)));
  const [first = Number.NaN] = steps;
  for (let row = Math.max(fewest, length - most); row < length; row++)
    if (isFarBeyond(steps[row] as number, { first, last: steps[row - 1] as number, count: row })) return row;
  return length;
}
