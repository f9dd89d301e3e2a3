import type { PanelRun } from './panelRun.ts';
import { allShown } from './view.ts';
import type { ShownRuns } from './view.ts';

type NamedRun = Pick<PanelRun, 'id'>;

/** A series, as far as it decides what is shown. */
export interface NamedSeries {
  readonly name: string;
  readonly runs: readonly NamedRun[];
}

/** Ids of the runs that are shown. Where all that were to be shown alone are gone, everything is. */
export function shownIds({ rule, names }: ShownRuns, series: readonly NamedSeries[]): ReadonlySet<string> {
  const listed = new Set(names);
  const all = series.flatMap(({ name, runs }) => runs.map(({ id }) => ({ id, isListed: listed.has(name) || listed.has(id) })));
  if (rule === 'only' && names.length > 0 && !all.some(({ isListed }) => isListed)) return new Set(all.map(({ id }) => id));
  return new Set(all.filter(({ isListed }) => isListed === (rule === 'only')).map(({ id }) => id));
}

/** What is shown after a run was shown or hidden. */
export function withRun(shown: ShownRuns, id: string, isShown: boolean, series: readonly NamedSeries[]): ShownRuns {
  const isWanted = isShown === (shown.rule === 'only');
  const names = effective(shown, series).names.filter((name) => name !== id);
  const parent = series.find(({ runs }) => runs.some((run) => run.id === id));
  // Of a series that is listed as a whole, the others stay listed.
  if (!isWanted && parent !== undefined && names.includes(parent.name)) {
    const others = parent.runs.map((run) => run.id).filter((other) => other !== id);
    return { rule: shown.rule, names: [...names.filter((name) => name !== parent.name), ...others] };
  }
  return { rule: shown.rule, names: isWanted ? [...names, id] : names };
}

/** What is shown after a click that shows a run or a series alone, or everything again where it was alone already. */
export function alone(shown: ShownRuns, name: string): ShownRuns {
  return shown.rule === 'only' && shown.names.length === 1 && shown.names[0] === name ? allShown : { rule: 'only', names: [name] };
}

/** What is shown after a series was taken to those that are shown, or away from them; the first one that is taken is shown alone. */
export function withSeries(shown: ShownRuns, name: string, series: readonly NamedSeries[]): ShownRuns {
  if (shown.rule === 'allBut' && shown.names.length === 0) return { rule: 'only', names: [name] };
  const ids = new Set(series.find((entry) => entry.name === name)?.runs.map(({ id }) => id));
  const visible = shownIds(shown, series);
  const isShown = [...ids].some((id) => visible.has(id));
  const names = effective(shown, series).names.filter((other) => other !== name && !ids.has(other));
  const next: ShownRuns = { rule: shown.rule, names: isShown === (shown.rule === 'only') ? names : [...names, name] };
  return next.rule === 'only' && names.length === 0 && next.names.length === 0 ? allShown : next;
}

/** Shown what was hidden, and hidden what was shown. */
export function inverted({ rule, names }: ShownRuns): ShownRuns {
  return { rule: rule === 'only' ? 'allBut' : 'only', names };
}

/** The same in names of runs, for when series are made in another way. */
export function inRuns(shown: ShownRuns, series: readonly NamedSeries[]): ShownRuns {
  const names = shown.names.flatMap((name) => series.find((entry) => entry.name === name)?.runs.map(({ id }) => id) ?? [name]);
  return { rule: shown.rule, names: [...new Set(names)] };
}

/** Without names of what is gone, where these would otherwise be the only ones. */
function effective(shown: ShownRuns, series: readonly NamedSeries[]): ShownRuns {
  const there = new Set(series.flatMap(({ name, runs }) => [name, ...runs.map(({ id }) => id)]));
  return { rule: shown.rule, names: shown.names.filter((name) => there.has(name)) };
}
