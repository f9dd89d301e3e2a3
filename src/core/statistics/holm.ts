/**
 * p values adjusted for having made several comparisons: Holm's step-down procedure (1979), which keeps the chance of even one
 * false finding under the level. Same order as given.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_p, index) => index).sort((i, j) => (pValues[i] as number) - (pValues[j] as number));
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, (pValues[index] as number) * (pValues.length - rank)));
    adjusted[index] = running;
  });
  return adjusted;
}
