import { lowerBound } from '../../core/panel/search.ts';

/** The index of the number that is nearest, of ascending ones; of two that are as near the lower. */
export function nearestRow(ascending: ArrayLike<number>, to: number): number {
  const at = Math.max(0, Math.min(lowerBound(ascending, to), ascending.length - 1));
  const isLowerNearer = at > 0 && to - (ascending[at - 1] as number) <= (ascending[at] as number) - to;
  return isLowerNearer ? at - 1 : at;
}
