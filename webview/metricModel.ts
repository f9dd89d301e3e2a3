import { sharedPasts } from '../src/core/branching/lineage.ts';
import type { LineageRun } from '../src/core/branching/lineage.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { figureRoles, roleColumns } from '../src/core/panel/rows.ts';
import { getOwn } from '../src/core/records/json.ts';
import { usualAxis } from '../src/core/panel/chartAxis.ts';
import type { XAxisKind } from '../src/core/panel/view.ts';
import { laterSurges, surgeLabel } from '../src/core/records/collapseWords.ts';
import type { ChartModel, ChartNote, ChartOnset, ChartRun, ChartSeries } from './chart/chartModel.ts';
import { baselinePowers, baselineSeries } from './baselinePowers.ts';
import { baselineText } from './comparedWith.ts';
import type { SeriesAgainstBaseline } from './comparedWith.ts';
import { namesText } from './figureMetrics.ts';
import { metricText } from './metricTexts.ts';
import type { PanelState } from './panelState.ts';
import { isRepeat } from './series.ts';
import type { PanelSeries } from './series.ts';
import type { Theme } from './theme.ts';

const xHeadings: Readonly<Record<XAxisKind, string>> = {
  step: 'Step',
  tokens: 'Tokens generated',
  time: 'Time since the first step',
};

/** What the chart of a metric shows, as the panel looks at its runs. */
export function metricModel(state: PanelState, metric: string, compact: boolean, theme: Theme): ChartModel {
  const { view, choice, settings, baseline } = state;
  const { heading, range } = metricText(metric);
  const role = figureRoles.find((name) => roleColumns[name] === metric);
  const isNorm = metric === roleColumns.gradNorm;
  const aggregation = isNorm || metric === baselinePowers ? 'median' : 'mean';
  const { scale, low, high } = getOwn(view.axes, metric) ?? usualAxis;
  // Noise is compared by ratios.
  const yScale = scale !== 'usual' ? scale : isNorm ? view.yScale : metric === baselinePowers ? 'log' : 'linear';
  const named = role === undefined ? heading : `${heading}${namesText(state.shownRuns, role)}`;
  // A gradient norm is compared as its axis shows it: decades are ratios.
  const as = yScale === 'linear' ? 'difference' : 'ratio';
  // Its lines are compared with each other.
  const comparison = baseline === null || !view.difference || metric === baselinePowers ? null : ({ baseline, as, aggregation } as const);
  const pasts = sharedPasts(lineageOf(state.runs ?? []), (id) => choice.shownIds.has(id));
  const against = comparison === null ? null : state.against(comparison.baseline, metric, comparison);
  return {
    heading: comparison === null ? named : `${named} ${as === 'ratio' ? '÷' : '−'} ${baselineText(comparison.baseline, aggregation)}`,
    compact,
    x: view.x,
    xHeading: xHeadings[view.x],
    yScale: comparison === null ? yScale : as === 'ratio' ? 'log' : 'linear',
    // They are ends of values, not of differences.
    limits: comparison === null ? { low, high } : { low: null, high: null },
    robust: view.robust,
    yRange: comparison === null ? range : null,
    comparedAs: comparison?.as ?? null,
    others: view.ownScale ? null : (getOwn(state.others.axes, metric) ?? null),
    extent: state.extent,
    xRange: view.range,
    smoothing: view.smoothing,
    aggregation,
    series:
      metric === baselinePowers
        ? baselineSeries(state, theme)
        : choice.shownSeries.map((entry) => chartSeries(state, entry, metric, against, pasts, theme.colorOf(entry.style))),
    highlighted: state.highlighted,
    notes: choice.shownSeries.flatMap((entry) => notes(state, entry, theme.colorOf(entry.style))),
    onsets: settings.onsets ? choice.shownSeries.flatMap((entry) => onsets(state, entry, pasts, theme.colorOf(entry.style))) : [],
  };
}

/** Until which step each branch has its past in common with another run that is drawn, by id. */
type SharedPasts = ReadonlyMap<string, number>;

function lineageOf(runs: readonly PanelRun[]): LineageRun[] {
  return runs.map(({ id, branchedFrom: origin }) => ({
    id,
    branchedFrom: origin === undefined || origin.run === null ? undefined : { id: origin.run, step: origin.step },
  }));
}

function chartSeries(
  state: PanelState,
  { name, dash, runs, counted }: PanelSeries,
  metric: string,
  against: SeriesAgainstBaseline | null,
  pasts: SharedPasts,
  color: string,
): ChartSeries {
  const { x, band } = state.view;
  const drawn = runs.flatMap((shown): ChartRun[] => {
    const { id, label, onsetStep } = shown;
    const run = state.dataOf(id);
    const data = run.series(x, metric);
    const past = pasts.get(id);
    return data === null
      ? []
      : [
          {
            id,
            label,
            data: against?.of(data) ?? data,
            onset: onsetStep === null ? null : run.xAtStep(x, onsetStep),
            isRepeat: !counted.includes(shown),
            // What has no point of its own yet is not in sight.
            ...(past !== undefined && { leavesAt: run.xAtStep(x, past + 1) ?? Infinity }),
          },
        ];
  });
  return { name, color, dash, band, runs: drawn };
}

function notes(state: PanelState, { runs }: PanelSeries, color: string): ChartNote[] {
  return runs.flatMap(({ id, label, stepNotes = [] }) =>
    stepNotes.flatMap(({ step, text }): ChartNote[] => {
      const at = state.dataOf(id).xAtStep(state.view.x, step);
      return at === null ? [] : [{ at, color, run: label, text }];
    }),
  );
}

function onsets(state: PanelState, { runs }: PanelSeries, pasts: SharedPasts, color: string): ChartOnset[] {
  return runs
    .filter((run) => !isRepeat(run))
    .flatMap((run): ChartOnset[] => {
      const past = pasts.get(run.id) ?? -Infinity;
      const marked = (step: number, label: string): ChartOnset[] => {
        // What came before the branch is marked at the run that it is a branch of.
        const at = step <= past ? null : state.dataOf(run.id).xAtStep(state.view.x, step);
        return at === null ? [] : [{ at, color, label }];
      };
      const surges = laterSurges(run.marks, run.detectedStep).flatMap((event) => marked(event.onsetStep, surgeLabel(event)));
      return run.onsetStep === null ? [] : [...marked(run.onsetStep, String(run.onsetStep)), ...surges];
    });
}
