import type { ChartModel } from './chart/chartModel.ts';
import type { Frames } from './chart/frames.ts';
import { LineChart } from './chart/lineChart.ts';
import type { LineChartEvents } from './chart/lineChart.ts';
import { extent } from './chart/scene.ts';
import { html, setAttribute } from './dom.ts';
import { metricModel } from './metricModel.ts';
import type { PanelState } from './panelState.ts';
import { ReadoutBox } from './readout.ts';
import type { Theme } from './theme.ts';

/** Milliseconds after which new rows are in the description too. */
const describeMs = 1000;

/** What charts are made with. */
export interface ChartSurroundings extends LineChartEvents {
  readonly theme: Theme;
  readonly frames: Frames;
  /** Id of the table that says the same in numbers. */
  readonly tableId: string;
}

/** The chart of one metric, with the values at the crosshair. */
export class MetricChart {
  readonly element: HTMLElement;
  private readonly chart: LineChart;
  private readonly readout = new ReadoutBox();
  private model: ChartModel | null = null;
  /** What the description was made of, but for the rows; it takes a look at every value, so that it is not made for every row. */
  private described: readonly unknown[] = [];
  private describing: number | undefined;
  private isPointedAt = false;

  /** `small`: shows values only while the pointer or the focus is in it. */
  constructor(
    readonly metric: string,
    private readonly surroundings: ChartSurroundings,
    private readonly isSmall: boolean,
  ) {
    const { theme, frames, tableId } = surroundings;
    this.chart = new LineChart(theme, frames, surroundings);
    this.element = html('div', { class: 'chart-box' }, this.chart.element, this.readout.element);
    setAttribute(this.chart.element, 'role', 'img');
    setAttribute(this.chart.element, 'aria-describedby', tableId);
    setAttribute(this.chart.element, 'data-metric', metric);
    for (const [event, isIn] of [['pointerenter', true], ['pointerleave', false], ['focusin', true], ['focusout', false]] as const) {
      this.element.addEventListener(event, () => this.point(isIn));
    }
  }

  update(state: PanelState): void {
    this.model = metricModel(state, this.metric, this.isSmall, this.surroundings.theme);
    this.chart.show(this.model);
    const drawn = this.model.series.reduce((count, { runs }) => count + runs.filter(({ data }) => data.length > 0).length, 0);
    const points = this.model.series.reduce((sum, { runs }) => sum + runs.reduce((count, { data }) => count + data.length, 0), 0);
    setAttribute(this.chart.element, 'data-points', String(points));
    const basis = [state.runs, state.view.x, state.view.isolated, drawn];
    if (basis.some((value, index) => value !== this.described[index])) {
      this.described = basis;
      this.describe();
    } else this.describing ??= window.setTimeout(() => this.describe(), describeMs);
    this.setCrosshair(state);
  }

  private describe(): void {
    window.clearTimeout(this.describing);
    this.describing = undefined;
    setAttribute(this.chart.element, 'aria-label', this.chart.describe());
  }

  setCrosshair({ crosshair, view }: PanelState): void {
    this.chart.setCrosshair(crosshair);
    if (crosshair === null || this.model === null || (this.isSmall && !this.isPointedAt)) {
      this.readout.hide();
      return;
    }
    const [from, to] = this.model.xRange ?? extent(this.model);
    this.readout.show(view.x, crosshair, this.chart.readouts(crosshair), crosshair > (from + to) / 2);
  }

  /** What it shows now; null before the first update. */
  get shown(): ChartModel | null {
    return this.model;
  }

  /** Where it stands in the window. */
  get bounds(): DOMRect {
    return this.chart.element.getBoundingClientRect();
  }

  toCanvas(scale: number): HTMLCanvasElement | null {
    return this.chart.toCanvas(scale);
  }

  dispose(): void {
    window.clearTimeout(this.describing);
    this.chart.dispose();
    this.element.remove();
  }

  private point(isIn: boolean): void {
    this.isPointedAt = isIn;
    // Whoever moves the crosshair by keyboard hears its values.
    setAttribute(this.readout.element, 'aria-live', isIn && this.element.contains(document.activeElement) ? 'polite' : null);
    if (!isIn && this.isSmall) this.readout.hide();
  }
}
