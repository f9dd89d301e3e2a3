import { compactValues } from '../../core/panel/rows.ts';
import type { ValueColumn } from '../../core/panel/rows.ts';
import type { ColumnView } from '../../core/records/metricColumn.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';

/** A metric of the rows [from, to), as `Rows` have it: NaN where it was not logged, infinite where it was logged as no number. */
export function readColumn(table: MetricTable, key: string, from: number, to: number): Float64Array | undefined {
  const column = table.column(key);
  if (!column) return undefined;
  return withInfinity(column.values.slice(from, to), column, from);
}

/** The same in the shortest form. */
export function readCompactColumn(table: MetricTable, key: string, from: number, to: number): ValueColumn | undefined {
  const column = table.column(key);
  return column && withInfinity(compactValues(column.values.subarray(from, to)), column, from);
}

/** The same of some rows. */
export function readRows(table: MetricTable, key: string, rows: Uint32Array): Float64Array | undefined {
  const column = table.column(key);
  return (
    column && Float64Array.from(rows, (row) => (Number.isNaN(column.values[row]) ? notFinite(column, row) : (column.values[row] as number)))
  );
}

function withInfinity<T extends ValueColumn>(taken: T, column: ColumnView, from: number): T {
  for (let i = 0; i < taken.length; i++) if (Number.isNaN(taken[i])) taken[i] = notFinite(column, from + i);
  return taken;
}

/** What stands for a value that is NaN. */
function notFinite({ present }: ColumnView, row: number): number {
  return present === undefined || present[row] === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
}
