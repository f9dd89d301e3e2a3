import { median } from '../../src/core/statistics/quantiles.ts';
import type { EditorRow } from './row.ts';

/** How often a number is measured that stands in the list as a median. */
export const repeats = 5;

/** Measures several times, and gives each row with the median of what was measured for it. */
export async function medianRows(measure: () => Promise<EditorRow[]>): Promise<EditorRow[]> {
  const all: EditorRow[][] = [];
  for (let i = 0; i < repeats; i++) all.push(await measure());
  return (all[0] ?? []).map((row, index) => ({ ...row, measured: median(all.flatMap((rows) => rows[index]?.measured ?? [])) }));
}
