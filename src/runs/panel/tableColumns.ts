import type { MetricTable } from '../../core/records/metricTable.ts';

/** A metric of the rows [from, to), as `Rows` have it: NaN where it was not logged, infinite where it was logged as no number. */
export function readColumn(table: MetricTable, key: string, from: number, to: number): Float64Array | undefined {
  const column = table.column(key);
  if (!column) return undefined;
  const { values, present } = column;
  const taken = values.slice(from, to);
  for (let i = 0; i < taken.length; i++) {
    if (Number.isNaN(taken[i]) && (present === undefined || present[from + i] === 1)) taken[i] = Number.POSITIVE_INFINITY;
  }
  return taken;
}
