import { chosenColors, styledGroups } from '../src/core/figure/palette.ts';
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
  const members = new Map<string, PanelRun[]>();
  for (const run of runs) members.set(run.series, [...(members.get(run.series) ?? []), run]);
  const groups = Array.from(members, ([name, group]) => ({ name, group }));
  return styledGroups(groups, ({ group }) => group[0]?.estimator ?? '').map(({ group: { name, group }, style, dash }) => ({
    name,
    style: chosenStyle(group, style),
    dash,
    ...countedOf(group),
  }));
}

/** The series with these of their runs; those that are left with none are left out. */
export function withRuns(series: readonly PanelSeries[], holds: (run: PanelRun) => boolean): readonly PanelSeries[] {
  return series.flatMap((entry) => {
    const runs = entry.runs.filter(holds);
    return runs.length === entry.runs.length ? [entry] : runs.length === 0 ? [] : [{ ...entry, ...countedOf(runs) }];
  });
}

/** A series whose runs somebody has given one colour is drawn in that; its marker still tells the estimator. */
function chosenStyle(runs: readonly PanelRun[], style: EstimatorStyle): EstimatorStyle {
  const color = runs[0]?.color;
  return color !== undefined && runs.every((run) => run.color === color) ? { ...style, ...chosenColors[color] } : style;
}

function countedOf(runs: readonly PanelRun[]): Pick<PanelSeries, 'runs' | 'counted' | 'collapsed'> {
  const counted = runs.filter((run) => !isRepeat(run));
  return { runs, counted, collapsed: counted.filter(hasCollapsed).length };
}
