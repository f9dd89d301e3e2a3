import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { filterProblem, matchesFilter, parseRunFilter } from '../src/core/panel/runFilter.ts';
import type { FilterTerm } from '../src/core/panel/runFilter.ts';
import { shownIds } from '../src/core/panel/shownRuns.ts';
import type { PanelView } from '../src/core/panel/view.ts';
import { panelSeries, withRuns } from './series.ts';
import type { PanelSeries } from './series.ts';

/** Which runs the panel is about, by its filter, and which of these it shows. */
export interface RunChoice {
  /** Series of all runs, whatever the filter says: they decide on colours, which a filter must not change. */
  readonly all: readonly PanelSeries[];
  /** Series of the runs that pass the filter. */
  readonly series: readonly PanelSeries[];
  /** Of those, the runs that are shown, and their series without the others. */
  readonly shownSeries: readonly PanelSeries[];
  readonly shownRuns: readonly PanelRun[];
  readonly shownIds: ReadonlySet<string>;
  /** What is wrong with the filter, in a sentence; it is not applied. Empty: nothing. */
  readonly problem: string;
  /** What is applied. */
  readonly terms: readonly FilterTerm[];
}

/** `applied`: a filter that goes on as long as what is written is not a whole one. */
export function chooseRuns(runs: readonly PanelRun[], view: PanelView, applied: readonly FilterTerm[]): RunChoice {
  const parsed = parseRunFilter(view.filter);
  const problem = typeof parsed === 'string' ? parsed : filterProblem(parsed, runs);
  const terms = typeof parsed !== 'string' && problem === '' ? parsed : filterProblem(applied, runs) === '' ? applied : [];
  const all = panelSeries(runs, view);
  const series = terms.length === 0 ? all : withRuns(all, (run) => matchesFilter(terms, run));
  const visible = shownIds(view.shown, all);
  const shownSeries = withRuns(series, ({ id }) => visible.has(id));
  const shownRuns = shownSeries.flatMap((entry) => entry.runs);
  return { all, series, shownSeries, shownRuns, shownIds: new Set(shownRuns.map(({ id }) => id)), problem, terms };
}

/** Whether a change of the view may change which runs are chosen. */
export function changesChoice(change: Partial<PanelView>): boolean {
  return ['filter', 'shown', 'groupBy', 'colorBy'].some((field) => field in change);
}
