import { fewText } from '../src/core/notation.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { figureRoles } from '../src/core/panel/rows.ts';
import type { FigureRole } from '../src/core/panel/rows.ts';
import { metricNames } from '../src/core/records/metricNames.ts';

/** More names would leave no room for the chart's other words. */
const mostNamed = 2;

const roleNames: Readonly<Record<FigureRole, string>> = { gradNorm: 'gradient norm', score: 'score' };

/** What a run calls its gradient norm, or its score; undefined: none of its metrics is known as that. */
function metricOf({ metricKeys }: Pick<PanelRun, 'metricKeys'>, role: FigureRole): string | undefined {
  return metricKeys === undefined ? metricNames[role] : metricKeys[role];
}

/** " (reward)", " (grad_norm, actor/grad_norm)": what the runs call it; empty where that is verl's usual name. */
export function namesText(runs: readonly PanelRun[], role: FigureRole): string {
  const names = [...new Set(runs.flatMap((run) => metricOf(run, role) ?? []))];
  if (names.every((name) => name === metricNames[role])) return '';
  return ` (${fewText(names, mostNamed)})`;
}

/** Metrics of which the figure shows all there is: every run that logs one has it as its gradient norm or its score. */
export function figureMetrics(runs: readonly PanelRun[]): ReadonlySet<string> {
  const shown = runs.map((run) => ({ run, keys: figureRoles.flatMap((role) => metricOf(run, role) ?? []) }));
  const all = new Set(shown.flatMap(({ keys }) => keys));
  return new Set([...all].filter((metric) => shown.every(({ run, keys }) => keys.includes(metric) || !run.metrics.includes(metric))));
}

/** That a metric can be chosen, where only some of the runs have one that is known as their gradient norm, or their score; empty otherwise. */
export function choiceText(runs: readonly PanelRun[]): string {
  const read = runs.filter(({ metrics }) => metrics.length > 0);
  const lacking = figureRoles.filter((role) => read.some((run) => metricOf(run, role) === undefined));
  return lacking.some((role) => unknownText(read, role) === '') ? 'Choose it under Metrics, if it is logged under another name.' : '';
}

/** That no metric of any of the runs is known as what a chart shows, and what to do; empty: one is, or the runs are not read yet. */
export function unknownText(runs: readonly PanelRun[], role: FigureRole): string {
  const read = runs.filter(({ metrics }) => metrics.length > 0);
  if (read.length === 0 || read.some((run) => metricOf(run, role) !== undefined)) return '';
  return `No metric is known as the ${roleNames[role]}. Choose one under Metrics.`;
}
