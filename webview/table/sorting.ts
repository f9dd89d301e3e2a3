import { bySeed } from '../../src/core/records/runIdentity.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import type { TableColumn } from './columns.ts';

const collator = new Intl.Collator('en', { numeric: true });

/** The runs in the order of a column; those that are equal in it by series and seed, so that the order never depends on chance. */
export function sortedRuns(runs: readonly PanelRun[], column: TableColumn | undefined, descending: boolean): readonly PanelRun[] {
  const direction = descending ? -1 : 1;
  const inColumn = (a: PanelRun, b: PanelRun): number => (column === undefined ? 0 : compareKeys(column.key(a), column.key(b), direction));
  return runs.toSorted((a, b) => inColumn(a, b) || collator.compare(a.series, b.series) || bySeed(a, b));
}

function compareKeys(a: string | number | null, b: string | number | null, direction: number): number {
  const [isMissingA, isMissingB] = [isMissing(a), isMissing(b)];
  if (isMissingA || isMissingB) return Number(isMissingA) - Number(isMissingB);
  if (typeof a === 'number' && typeof b === 'number') return direction * (a < b ? -1 : a > b ? 1 : 0);
  return direction * collator.compare(String(a), String(b));
}

function isMissing(key: string | number | null): boolean {
  return key === null || Number.isNaN(key);
}
