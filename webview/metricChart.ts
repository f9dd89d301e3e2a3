import { integerText } from '../src/core/notation.ts';
import type { StepPlace } from '../src/core/panel/messages.ts';
import type { AxisNeed } from '../src/core/panel/share.ts';
import { getOwn } from '../src/core/records/json.ts';
import { usualAxis } from '../src/core/panel/chartAxis.ts';
import type { ChartAxis } from '../src/core/panel/chartAxis.ts';
import { figureRoles, roleColumns } from '../src/core/panel/rows.ts';
import type { FigureRole } from '../src/core/panel/rows.ts';
import { baselineLegend, baselineMark, baselinePowers } from './baselinePowers.ts';
import type { AxisRoom } from './chart/axisRoom.ts';
import type { ChartModel, Reading, Readout } from './chart/chartModel.ts';
import type { Frames } from './chart/frames.ts';
import { LineChart } from './chart/lineChart.ts';
import type { LineChartEvents } from './chart/lineChart.ts';
import type { Picture } from './chart/picture.ts';
import { mostHidden } from './chart/scene.ts';
import type { Scene } from './chart/scene.ts';
import { ChartMenu } from './controls/chartMenu.ts';
import { html, setAttribute, setText, setVisible } from './dom.ts';
import { unknownText } from './figureMetrics.ts';
import { metricModel } from './metricModel.ts';
import { metricText } from './metricTexts.ts';
import type { PanelState } from './panelState.ts';
import { ReadoutBox } from './readout.ts';
import type { PanelSeries } from './series.ts';
import { seriesMark } from './seriesMark.ts';
import type { Theme } from './theme.ts';

/** Milliseconds after which new rows are in the description too. */
const describeMs = 1000;

/** The pointer is on a line that is no farther than this, in CSS pixels. */
const lineReach = 12;

/** Tells the controls of charts apart. */
let nextId = 0;

/** What charts are made with. */
export interface ChartSurroundings extends Pick<LineChartEvents, 'onRange' | 'onCrosshair'> {
  /** The crosshair is to stay at x (null: nowhere), with the values of this metric; null: it is let go. */
  onPin(metric: string | null, x: number | null): void;
  /** What is ignored as outliers is to be shown. */
  onShowHidden(): void;
  readonly theme: Theme;
  readonly frames: Frames;
  /** What the vertical axis of a chart needs has changed. */
  onNeed(): void;
  /** Id of the table that says the same in numbers. */
  readonly tableId: string;
  /** Something is to be noted about a step. */
  note(place: StepPlace): void;
  /** Lets the chart of a metric fill the panel; null: none. */
  enlarge(metric: string | null): void;
  setAxis(metric: string, axis: ChartAxis): void;
  /** Both say what became of it. */
  copyPicture(chart: MetricChart): Promise<string>;
  copyData(model: ChartModel): Promise<string>;
}

/** The chart of one metric, with the values at the crosshair. */
export class MetricChart {
  readonly element: HTMLElement;
  private readonly chart: LineChart;
  private readonly menu: ChartMenu;
  private readonly readout = new ReadoutBox(
    (byKey) => this.unpin(byKey),
    () => this.note(),
  );
  private readonly hidden = html('button', { type: 'button', class: 'chart-hidden', hidden: true });
  private hiddenNumber = '';
  /** Why there is nothing in it. */
  private readonly empty = html('p', { class: 'chart-empty', hidden: true });
  private readonly legend = html('ul', { class: 'chart-legend', 'aria-label': 'Lines of the chart' });
  /** The runs whose metrics it was made of. */
  private legendOf: PanelState['runs'] = null;
  private readonly role: FigureRole | undefined;
  private model: ChartModel | null = null;
  private state: PanelState | null = null;
  private reading: Reading | null = null;
  /** What the description was last made of. Rows are not compared: they may come many times a second, and have a timer. */
  private described: readonly unknown[] = [];
  private describing: number | undefined;
  private isPointedAt = false;
  /** Small, and not enlarged. */
  private isCompact: boolean;
  private needed: AxisNeed | null = null;
  private isPinned = false;
  private series: readonly PanelSeries[] = [];

  /** `isSmall`: shows values only while the pointer or the focus is in it. `room`: of the charts that it is aligned with. */
  constructor(
    readonly metric: string,
    private readonly surroundings: ChartSurroundings,
    private readonly isSmall: boolean,
    room: AxisRoom,
  ) {
    this.isCompact = isSmall;
    const { theme, frames, tableId, onRange, onCrosshair, onPin, onShowHidden } = surroundings;
    const events: LineChartEvents = {
      onRange,
      onCrosshair,
      onPin: (x, isPinned) => onPin(isPinned ? metric : null, x),
      onNote: () => this.note(),
      onReading: (reading) => this.read(reading),
      onDrawn: (scene) => {
        this.learn(scene);
        this.tellHidden(scene.hidden);
      },
    };
    this.chart = new LineChart(theme, frames, events, room);
    this.menu = new ChartMenu(metricText(metric).heading, `chart-${nextId++}`, {
      enlarge: (isEnlarged) => surroundings.enlarge(isEnlarged ? metric : null),
      setAxis: (axis) => surroundings.setAxis(metric, axis),
      copyPicture: () => surroundings.copyPicture(this),
      copyData: () => (this.model === null ? Promise.resolve('') : surroundings.copyData(this.model)),
      isLog: () => this.chart.isLog,
    });
    const parts = [this.chart.element, this.empty, this.hidden, this.menu.element, this.readout.element];
    if (metric === baselinePowers) parts.push(this.legend);
    this.element = html('div', { class: 'chart-box' }, ...parts);
    this.hidden.addEventListener('click', () => {
      // The button goes.
      this.chart.element.focus();
      onShowHidden();
    });
    // Wherever in the box the focus is; in the chart itself that is one of its keys.
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.isPinned || event.defaultPrevented) return;
      event.stopPropagation();
      this.unpin(true);
    });
    // VS Code's menu is about the place that was pointed at: what it passes on to commands stands here.
    this.element.addEventListener('contextmenu', () => {
      const place = this.place;
      const context = place === null ? {} : { webviewSection: 'step', ...place };
      setAttribute(this.element, 'data-vscode-context', JSON.stringify({ ...context, preventDefaultContextMenuItems: true }));
    });
    this.chart.readFully(this.isTold);
    this.role = figureRoles.find((role) => roleColumns[role] === metric);
    setAttribute(this.chart.element, 'role', 'img');
    setAttribute(this.chart.element, 'aria-details', tableId);
    setAttribute(this.chart.element, 'data-metric', metric);
    for (const [event, isIn] of [
      ['pointerenter', true],
      ['pointerleave', false],
      ['focusin', true],
      ['focusout', false],
    ] as const) {
      this.element.addEventListener(event, () => this.point(isIn));
    }
  }

  update(state: PanelState): void {
    if (state.series !== this.series) this.readout.forget();
    this.series = state.series;
    const isEnlarged = state.enlarged === this.metric;
    this.element.classList.toggle('is-enlarged', isEnlarged);
    this.menu.update(getOwn(state.view.axes, this.metric) ?? usualAxis, isEnlarged);
    this.isCompact = this.isSmall && !isEnlarged;
    this.chart.readFully(this.isTold);
    this.state = state;
    if (state.runs !== this.legendOf && this.metric === baselinePowers) this.legend.replaceChildren(...baselineLegend(state));
    this.legendOf = state.runs;
    this.model = metricModel(state, this.metric, this.isCompact, this.surroundings.theme);
    this.chart.show(this.model);
    const unknown = this.role === undefined ? '' : unknownText(state.shownRuns, this.role);
    setVisible(this.empty, unknown !== '');
    setText(this.empty, unknown);
    const lengths = this.model.series.flatMap(({ runs }) => runs.map(({ data }) => data.length));
    const drawn = lengths.filter((length) => length > 0).length;
    setAttribute(
      this.chart.element,
      'data-points',
      lengths.reduce((sum, length) => sum + length, 0),
    );
    const basis = [this.model.heading, state.runs, state.view.x, state.shownRuns, drawn];
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

  setCrosshair({ crosshair, pinned }: PanelState): void {
    const isPinned = pinned === this.metric;
    this.chart.setCrosshair(crosshair, isPinned ? 'pinned' : pinned === null ? 'free' : 'held');
    if (isPinned === this.isPinned) return;
    this.isPinned = isPinned;
    this.chart.readFully(this.isTold);
    this.showReading();
  }

  private unpin(byKey: boolean): void {
    if (byKey) this.chart.element.focus();
    // The pointer is not in the chart any more; whoever works with keys goes on from where the crosshair is.
    this.surroundings.onPin(null, byKey ? (this.reading?.x ?? null) : null);
  }

  private note(): void {
    const { place } = this;
    if (place !== null) this.surroundings.note(place);
  }

  /** The step at the crosshair, and the runs that it may be meant of: the one whose line the pointer is on, else all that have a value there. */
  private get place(): StepPlace | null {
    const { reading, state } = this;
    if (reading === null || state === null) return null;
    const { pointer, readouts } = reading;
    const distance = ({ top }: Readout): number => (pointer === null ? Infinity : Math.abs(top - pointer));
    const single = readouts.filter(({ run }) => run !== null).toSorted((a, b) => distance(a) - distance(b));
    const [nearest] = single;
    const meant = nearest !== undefined && distance(nearest) <= lineReach ? [nearest] : single;
    const steps = meant.flatMap(({ run, x }) => state.dataOf(run as string).stepAt(state.view.x, x) ?? []);
    const [step] = steps;
    return step === undefined ? null : { step, runs: [...new Set(meant.map(({ run }) => run as string))] };
  }

  private tellHidden(count: number): void {
    setVisible(this.hidden, count > 0);
    if (count === 0) return;
    const number = count < mostHidden ? integerText(count) : `over ${mostHidden - 1}`;
    const outliers = count === 1 ? 'outlier' : 'outliers';
    // The style sheet drops the words where there is no room for them.
    const words = (text: string): HTMLElement => html('span', { class: 'chart-hidden-words' }, text);
    if (number !== this.hiddenNumber) {
      this.hiddenNumber = number;
      this.hidden.replaceChildren(number, words(` ${outliers}`), ' hidden', words(', show'));
    }
    setAttribute(this.hidden, 'title', `${number} ${outliers} outside the axes. Click: fit the axes to all values`);
    setAttribute(this.hidden, 'aria-label', `${number} ${outliers} hidden, show`);
  }

  /** What its vertical axis needs for its own curves; null: it has not been in sight yet. */
  get need(): AxisNeed | null {
    return this.needed;
  }

  /** Where it stands in the window. */
  get bounds(): DOMRect {
    return this.chart.element.getBoundingClientRect();
  }

  /** What it shows, for an export; null: nothing. Valid until the next call. */
  picture(pixelRatio: number): Picture | null {
    return this.chart.picture(pixelRatio);
  }

  dispose(): void {
    window.clearTimeout(this.describing);
    this.chart.dispose();
    this.element.remove();
  }

  private point(isIn: boolean): void {
    this.isPointedAt = isIn;
    this.chart.readFully(this.isTold);
    // Whoever moves the crosshair by keyboard hears its values.
    setAttribute(this.readout.element, 'aria-live', isIn && this.element.contains(document.activeElement) ? 'polite' : null);
    this.showReading();
  }

  private learn({ need, log, y }: Scene): void {
    setAttribute(this.chart.element, 'data-y', `${log ? 'log' : 'linear'} ${y[0]} ${y[1]}`);
    if (JSON.stringify(need) === JSON.stringify(this.needed)) return;
    this.needed = need;
    this.surroundings.onNeed();
  }

  private read(reading: Reading | null): void {
    this.reading = reading;
    this.showReading();
  }

  /** Whether its values are told, not only marked. */
  private get isTold(): boolean {
    return !this.isCompact || this.isPointedAt || this.isPinned;
  }

  private showReading(): void {
    const { reading, model } = this;
    if (reading === null || model === null || !this.isTold) this.readout.hide();
    else {
      const { x, heading: metric, comparedAs } = model;
      this.readout.show(reading, { x, metric, comparedAs, isPinned: this.isPinned, markOf: (name) => this.markOf(name) });
    }
  }

  private markOf(name: string): SVGElement | null {
    if (this.metric === baselinePowers) return baselineMark(name);
    const series = this.series.find((each) => each.name === name);
    return series === undefined ? null : seriesMark(series);
  }
}
