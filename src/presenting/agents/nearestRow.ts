/** The index of the number that is nearest, of ascending ones; of two that are as near the lower. */
export function nearestRow(ascending: ArrayLike<number>, to: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < to) low = middle + 1;
    else high = middle;
  }
  const isLowerNearer = low > 0 && to - (ascending[low - 1] as number) <= (ascending[low] as number) - to;
  return isLowerNearer ? low - 1 : low;
}
