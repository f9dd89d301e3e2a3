import { countText } from '../../src/core/notation.ts';
import type { MetricChart } from '../metricChart.ts';
import type { PanelSeries } from '../series.ts';
import type { PanelState } from '../panelState.ts';

/** Where things stand in a picture of the panel, in CSS pixels. */
export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  readonly title: { readonly text: string; readonly x: number; readonly y: number };
  readonly legend: readonly { readonly series: PanelSeries; readonly text: string; readonly x: number; readonly y: number }[];
  readonly charts: readonly {
    readonly chart: MetricChart;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
}

export const titleFont = { size: 16, weight: 600 } as const;
export const legendFont = { size: 12, weight: 400 } as const;
export const markWidth = 28;
export const markHeight = 16;
const margin = 16;
const rowHeight = 22;
const gap = 20;

/** The charts as they stand in the page, under a title and the legend of what is shown. `measure`: width of a legend's text. */
export function layOut(state: PanelState, charts: readonly MetricChart[], measure: (text: string) => number): PictureLayout {
  const boxes = charts.map((chart) => ({ chart, bounds: chart.bounds })).filter(({ bounds }) => bounds.width > 0 && bounds.height > 0);
  const left = Math.min(...boxes.map(({ bounds }) => bounds.left));
  const top = Math.min(...boxes.map(({ bounds }) => bounds.top));
  const inner = boxes.length === 0 ? 0 : Math.max(...boxes.map(({ bounds }) => bounds.right)) - left;
  let [x, y] = [margin, margin + titleFont.size + 14];
  const legend = state.choice.shownSeries.map((series) => {
    const text = legendText(series);
    const width = markWidth + 8 + measure(text);
    if (x > margin && x + width > margin + inner) [x, y] = [margin, y + rowHeight];
    const entry = { series, text, x, y };
    x += width + gap;
    return entry;
  });
  const chartsTop = y + rowHeight + 10;
  const placed = boxes.map(({ chart, bounds: { left: x, top: y, width, height } }) => ({
    chart,
    x: margin + x - left,
    y: chartsTop + y - top,
    width,
    height,
  }));
  const bottom = Math.max(chartsTop, ...placed.map((box) => box.y + box.height));
  const title = { text: state.title, x: margin, y: margin + titleFont.size - 3 };
  return { width: Math.ceil(inner + 2 * margin), height: Math.ceil(bottom + margin), title, legend, charts: placed };
}

function legendText({ name, counted, collapsed }: PanelSeries): string {
  if (collapsed === 0) return name;
  return counted.length === 1 ? `${name} (collapsed)` : `${name} (${countText(collapsed, counted.length)} collapsed)`;
}
