import { roleColumns } from '../src/core/panel/rows.ts';
import type { PanelShare } from '../src/core/panel/share.ts';
import { AxisRoom } from './chart/axisRoom.ts';
import { html, setVisible } from './dom.ts';
import { KeyedList } from './keyedList.ts';
import { MetricChart } from './metricChart.ts';
import type { ChartSurroundings } from './metricChart.ts';
import type { PanelState } from './panelState.ts';

/** Milliseconds from rows to their place in the small charts. */
const growthDelay = 200;

/** Figure 1, gradient norm beside score (`element`), and the small multiples; all share the horizontal axis and the crosshair. */
export class Charts {
  private readonly figure: readonly MetricChart[];
  private readonly small = new Map<string, MetricChart>();
  readonly multiples = html('section', { class: 'multiples', 'aria-label': 'Small charts' });
  readonly element: HTMLElement;
  private readonly list: KeyedList<string>;
  private state: PanelState | null = null;
  private growth: ReturnType<typeof setTimeout> | null = null;

  constructor(surroundings: ChartSurroundings) {
    const [figureRoom, smallRoom] = [new AxisRoom(), new AxisRoom()];
    this.figure = [roleColumns.gradNorm, roleColumns.score].map((metric) => new MetricChart(metric, surroundings, false, figureRoom));
    this.element = html('section', { class: 'charts', 'aria-label': 'Charts' }, ...this.figure.map((chart) => chart.element));
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || this.state === null || this.state.enlarged === null || this.state.pinned !== null) return;
        // What is open in front of the chart closes first. The chart itself would show all steps again.
        if (event.target instanceof Element && event.target.closest('.popover, .readout, input, textarea') !== null) return;
        event.preventDefault();
        event.stopPropagation();
        surroundings.enlarge(null);
      },
      { capture: true },
    );
    this.list = new KeyedList<string>(
      this.multiples,
      (metric) => metric,
      (metric) => {
        const chart = new MetricChart(metric, surroundings, true, smallRoom);
        this.small.set(metric, chart);
        return {
          element: chart.element,
          update: () => undefined,
          dispose: () => {
            this.small.delete(metric);
            chart.dispose();
          },
        };
      },
    );
  }

  get all(): readonly MetricChart[] {
    return [...this.figure, ...this.small.values()];
  }

  /** What the vertical axes need, by metric, of the charts that have been in sight. */
  get needs(): PanelShare['axes'] {
    return Object.fromEntries(this.all.flatMap(({ metric, need }) => (need === null ? [] : [[metric, need] as const])));
  }

  update(state: PanelState): void {
    this.state = state;
    this.show(state);
    this.list.update(state.multiples);
    for (const chart of this.all) chart.update(state);
  }

  /** Takes in new rows: the figure at once, the small charts a few times a second, since they are many and nobody counts steps in them. */
  grow(state: PanelState): void {
    this.show(state);
    for (const chart of this.figure) chart.update(state);
    this.growth ??= setTimeout(() => {
      this.growth = null;
      for (const chart of this.small.values()) chart.update(state);
    }, growthDelay);
  }

  private show({ hasRows, multiples }: PanelState): void {
    setVisible(this.element, hasRows);
    setVisible(this.multiples, hasRows && multiples.length > 0);
  }

  setCrosshair(state: PanelState): void {
    for (const chart of this.all) chart.setCrosshair(state);
  }
}
