import { describedRun, seriesOf } from '../../core/comparison/groups.ts';
import type { PanelSubject } from '../../core/panel/view.ts';
import { belongs, oldestFirst } from './panelMembers.ts';
import type { PlacedRun } from './panelMembers.ts';

/** Columns that stand beside each other; more would leave no room for a chart. */
const mostColumns = 4;

/** A run as a comparison places it; one that has not begun is planned already. */
export interface ColumnRun extends PlacedRun {
  readonly identity: PlacedRun['identity'] & Parameters<typeof describedRun>[0]['identity'];
}

/**
 * What stands in the columns of a comparison: each of the subjects in one, where there are few enough of them, and else their runs,
 * series by series. A group on its own is compared with itself, estimator by estimator; a single series, seed by seed.
 */
export function comparisonColumns(subjects: readonly PanelSubject[], runs: readonly ColumnRun[]): PanelSubject[] {
  const [only] = subjects;
  if (subjects.length > 1 && subjects.length <= mostColumns) return [...subjects];
  const compared = oldestFirst(runs.filter((run) => subjects.some((subject) => belongs(subject, run))));
  const series = seriesOf(compared, describedRun);
  if (series.length <= 1) return shares(compared).map((share) => ({ kind: 'runs', runs: share.map(({ dir }) => dir) }));
  // A column of a group takes in runs that start later.
  if (subjects.length === 1 && only?.kind === 'group')
    return shares(series).map((share) => ({ ...only, series: share.map(({ label }) => label) }));
  return shares(series).map((share) => ({ kind: 'runs', runs: share.flatMap((one) => one.runs.map(({ dir }) => dir)) }));
}

/** At most `mostColumns` parts in the order of the items, as equal as they can be. */
function shares<T>(items: readonly T[]): T[][] {
  const count = Math.min(mostColumns, items.length);
  const start = (part: number): number => Math.ceil((part * items.length) / count);
  return Array.from({ length: count }, (_, part) => items.slice(start(part), start(part + 1)));
}
