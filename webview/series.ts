import { styledGroups } from '../src/core/figure/palette.ts';
import type { EstimatorStyle } from '../src/core/figure/palette.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { hasCollapsed } from '../src/core/records/runState.ts';

/** Runs that differ in their seed only, and how they look wherever they appear in the panel. */
export interface PanelSeries {
  readonly name: string;
  readonly style: EstimatorStyle;
  /** Line pattern that tells series of one estimator apart; empty: solid. */
  readonly dash: readonly number[];
  readonly runs: readonly PanelRun[];
  /** Of the runs, those that count: no repeat of another one. */
  readonly counted: readonly PanelRun[];
  /** How many of those collapsed. */
  readonly collapsed: number;
}

/** Whether a run of the same config and seed counts instead of it. */
export function isRepeat({ repeatOf = null }: PanelRun): boolean {
  return repeatOf !== null;
}

/** Series in order of their first run. */
export function panelSeries(runs: readonly PanelRun[]): PanelSeries[] {
  const names = [...new Set(runs.map((run) => run.series))];
  const groups = names.map((name) => ({ name, runs: runs.filter((run) => run.series === name) }));
  return styledGroups(groups, (group) => group.runs[0]?.estimator ?? '').map(({ group, style, dash }) => ({
    ...group,
    style,
    dash,
    counted: group.runs.filter((run) => !isRepeat(run)),
    collapsed: group.runs.filter((run) => !isRepeat(run) && hasCollapsed(run)).length,
  }));
}

/** The names that are shown, given those that are isolated: none means all. Names of series that are gone isolate nothing. */
export function shownSeries(series: readonly PanelSeries[], isolated: readonly string[]): readonly PanelSeries[] {
  const chosen = series.filter(({ name }) => isolated.includes(name));
  return chosen.length === 0 ? series : chosen;
}

/** What a click on a series isolates: it alone, or nothing where it was alone already; with `add`, it is taken to the others or away. */
export function isolatedAfterClick(isolated: readonly string[], name: string, add: boolean): readonly string[] {
  if (add) return isolated.includes(name) ? isolated.filter((other) => other !== name) : [...isolated, name];
  return isolated.length === 1 && isolated[0] === name ? [] : [name];
}
