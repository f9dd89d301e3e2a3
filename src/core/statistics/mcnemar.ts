import { logChoose } from './logGamma.ts';

/**
 * Two-sided p of McNemar's exact test on paired yes/no outcomes: of the pairs that disagree, are both directions equally likely?
 * `onlyFirst` and `onlySecond` count the pairs where only one member has the outcome. 1 when no pair disagrees.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const discordant = onlyFirst + onlySecond;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyFirst, onlySecond); k++) tail += Math.exp(logChoose(discordant, k) - discordant * Math.LN2);
  return Math.min(1, 2 * tail);
}
