import { estimatorNames } from '../src/core/estimators/estimator.ts';
import type { EstimatorName } from '../src/core/estimators/estimator.ts';
import { palette } from '../src/core/figure/palette.ts';
import { estimatorPowerMetric } from '../src/core/records/metricNames.ts';
import type { ChartRun, ChartSeries } from './chart/chartModel.ts';
import { html } from './dom.ts';
import type { PanelState } from './panelState.ts';
import { isRepeat } from './series.ts';
import { seriesMark } from './seriesMark.ts';
import type { Theme } from './theme.ts';

/**
 * Stands among the metrics for a chart of several: the total power that every estimator would have had on the rollouts of the run, which
 * a run logs whatever it trains with.
 */
export const baselinePowers = estimatorPowerMetric('*');

/** With the chart of all powers before the first of them, where there are two or more to compare. */
export function withBaselinePowers(metrics: readonly string[]): readonly string[] {
  const powers = metrics.filter((metric) => estimatorOf(metric) !== null);
  return powers.length < 2 ? metrics : metrics.flatMap((metric) => (metric === powers[0] ? [baselinePowers, metric] : [metric]));
}

/** The columns that a chart is drawn of. */
export function columnsOf(chart: string, logged: readonly string[]): readonly string[] {
  return chart === baselinePowers ? logged.filter((metric) => estimatorOf(metric) !== null) : [chart];
}

/** A line for each estimator, over the runs that are shown. */
export function baselineSeries(state: PanelState, theme: Theme): readonly ChartSeries[] {
  const { x, band } = state.view;
  return columnsOf(baselinePowers, state.loggedMetrics).flatMap((metric): ChartSeries[] => {
    const estimator = estimatorOf(metric);
    if (estimator === null) return [];
    const runs = state.shownRuns.flatMap((shown): ChartRun[] => {
      const data = state.dataOf(shown.id).series(x, metric);
      const label = state.shownRuns.length === 1 ? estimator : `${estimator}, ${shown.label}`;
      return data === null ? [] : [{ id: shown.id, label, data, onset: null, isRepeat: isRepeat(shown) }];
    });
    return [{ name: estimator, color: theme.colorOf(palette[estimator]), dash: [], band, runs }];
  });
}

/** What its lines stand for: they are no series of the panel, whose legend does not have them. */
export function baselineLegend({ loggedMetrics }: Pick<PanelState, 'loggedMetrics'>): readonly HTMLElement[] {
  return columnsOf(baselinePowers, loggedMetrics).flatMap((metric) => {
    const estimator = estimatorOf(metric);
    return estimator === null ? [] : [html('li', {}, markOf(estimator), estimator)];
  });
}

/** The mark of a line, by the name of its series; null: no such line. */
export function baselineMark(name: string): SVGElement | null {
  const estimator = estimatorNames.find((each) => each === name);
  return estimator === undefined ? null : markOf(estimator);
}

function markOf(estimator: EstimatorName): SVGElement {
  return seriesMark({ style: palette[estimator], dash: [] });
}

function estimatorOf(metric: string): EstimatorName | null {
  const name = /^estimator\/(.+)\/total_power$/.exec(metric)?.[1] ?? '';
  return estimatorNames.find((each) => each === name) ?? null;
}
