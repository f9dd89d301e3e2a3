import { chosenColors, colorKeys, estimatorStyles, orderedStyles, styledGroups } from '../src/core/figure/palette.ts';
import type { EstimatorStyle } from '../src/core/figure/palette.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { aspectText, aspectsOf, parameterOf } from '../src/core/panel/runAspects.ts';
import { lastPart } from '../src/core/panel/runFilter.ts';
import type { PanelView } from '../src/core/panel/view.ts';
import { hasCollapsed } from '../src/core/records/runState.ts';

/** What makes runs a series, and what gives it its colour. */
export type SeriesChoice = Pick<PanelView, 'groupBy' | 'colorBy'>;

const usualSeries: SeriesChoice = { groupBy: null, colorBy: null };

/** Runs that differ in their seed only, or agree in what they are grouped by, and how they look wherever they appear in the panel. */
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

function isBranch({ branchedFrom }: PanelRun): boolean {
  return branchedFrom !== undefined;
}

/** Series in order of their first run. */
export function panelSeries(runs: readonly PanelRun[], { groupBy, colorBy }: SeriesChoice = usualSeries): PanelSeries[] {
  const group = isOffered(groupBy, runs) ? groupBy : null;
  const members = new Map<string, PanelRun[]>();
  for (const run of runs) {
    const name = seriesName(run, group);
    const same = members.get(name);
    if (same === undefined) members.set(name, [run]);
    else same.push(run);
  }
  // What its runs have in common decides on the colour of a series: its estimator by itself, as long as it has one.
  const by = isOffered(colorBy, runs) ? colorBy : (group ?? 'estimator');
  const colored = Array.from(members, ([name, same]) => {
    const values = new Set(same.map((run) => aspectText(run, by)));
    return { name, runs: same, key: values.size === 1 ? ([...values][0] ?? '') : name };
  });
  const keys =
    by === 'estimator'
      ? colorKeys(colored.map(({ name, key, runs: same }) => ({ estimator: key, name, isBranch: same.every(isBranch) })))
      : [];
  const colorsBy = new Map(colored.map(({ name, key }, index) => [name, keys[index] ?? key]));
  return styledGroups(colored, ({ name }) => colorsBy.get(name) ?? name, by === 'estimator' ? estimatorStyles : orderedStyles).map(
    ({ group: { name, runs: same }, style, dash }) => ({
      name,
      style: colorBy === null ? chosenStyle(same, style) : style,
      dash,
      ...countedOf(same),
    }),
  );
}

function isOffered(aspect: string | null, runs: readonly PanelRun[]): aspect is string {
  return aspect !== null && aspectsOf(runs).some(({ id }) => id === aspect);
}

function seriesName(run: PanelRun, groupBy: string | null): string {
  if (groupBy === null) return run.series;
  const path = parameterOf(groupBy);
  return path === null ? aspectText(run, groupBy) : `${lastPart(path)} ${aspectText(run, groupBy)}`;
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
  // A branch has its past from another run, which a mean over both would count twice.
  const counted = runs.filter((run) => !isRepeat(run) && (!isBranch(run) || runs.every(isBranch)));
  return { runs, counted, collapsed: counted.filter(hasCollapsed).length };
}
