/** Steps that a run must have before one of them can be told to lie far outside. */
const fewest = 10;
/** How many times as far as all the others reach. */
const farther = 1000;

/**
 * Of ascending steps, how many come before those few that lie far beyond all others, as if a time stamp stood in the place of a step;
 * all of them, where none does. Such a step is kept like any other, but a picture that reaches up to it would show nothing else.
 */
export function stepsBeforeStrays(steps: Float64Array): number {
  const { length } = steps;
  const most = Math.max(1, Math.floor(length / 50));
  const [first = Number.NaN] = steps;
  for (let row = Math.max(fewest, length - most); row < length; row++) {
    const last = steps[row - 1] as number;
    if ((steps[row] as number) - last > farther * Math.max(last - first, row)) return row;
  }
  return length;
}
