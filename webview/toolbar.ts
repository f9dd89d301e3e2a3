import type { FigureRole } from '../src/core/panel/rows.ts';
import type { PanelView, Smoothing, XAxisKind } from '../src/core/panel/view.ts';
import { BaselinePicker } from './controls/baselinePicker.ts';
import { MetricsPicker } from './controls/metricsPicker.ts';
import { Popover } from './controls/popover.ts';
import { SmoothingControl } from './controls/smoothingControl.ts';
import { button, checkbox, dropdown, setEnabled } from './controls/toolkit.ts';
import { html, setVisible } from './dom.ts';
import type { PanelState } from './panelState.ts';

export type ExportFormat = 'png' | 'svg' | 'csv';

export interface ToolbarActions {
  setView(change: Partial<PanelView>): void;
  /** Measures the smoothing in another way. */
  smoothBy(by: Smoothing['by']): void;
  /** Null: whichever is known to be it. */
  chooseMetric(role: FigureRole, metric: string | null): void;
  export(format: ExportFormat): void;
  compare(what: 'compare' | 'diffConfigs'): void;
}

const axisTexts: Readonly<Record<XAxisKind, string>> = { step: 'Step', tokens: 'Tokens', time: 'Time' };
const scaleTexts: Readonly<Record<PanelView['yScale'], string>> = { auto: 'Auto', linear: 'Linear', log: 'Log' };

const smoothingTexts: Readonly<Record<Smoothing['by'], string>> = { range: 'View', steps: 'Steps' };

/** How the panel looks at its runs, and what can be done with what it shows. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly x;
  private readonly yScale;
  private readonly smoothing;
  private readonly smoothingBy;
  private readonly robust;
  private readonly band;
  private readonly ownScale;
  private readonly baseline;
  private readonly reset;
  private readonly metrics;

  constructor(view: PanelView, actions: ToolbarActions) {
    const set = (change: Partial<PanelView>): void => actions.setView(change);
    this.x = dropdown({
      label: 'X axis',
      title: 'What is on the horizontal axis',
      options: axisTexts,
      value: view.x,
      onChange: (x) => set({ x }),
    });
    this.yScale = dropdown({
      label: 'Norm scale',
      title: 'Scale of the gradient norm. Auto: logarithmic where it surges or spans decades',
      options: scaleTexts,
      value: view.yScale,
      onChange: (yScale) => set({ yScale }),
    });
    this.smoothing = new SmoothingControl(view.smoothing, (smoothing) => set({ smoothing }));
    this.smoothingBy = dropdown({
      label: 'Smooth by',
      title: 'What the bold lines are averaged over: a share of what is in sight, whatever the zoom, or a number of steps',
      options: smoothingTexts,
      value: view.smoothing.by,
      onChange: (by) => actions.smoothBy(by),
    });
    this.robust = checkbox({
      label: 'Ignore outliers',
      title: 'Fit the axes to all but rare extremes; those above and below are marked at the edge',
      value: view.robust,
      onChange: (robust) => set({ robust }),
    });
    this.band = checkbox({
      label: 'Mean and band',
      title: 'Draw one bold line with a band for the runs that differ in their seed only',
      value: view.band,
      onChange: (band) => set({ band }),
    });
    this.ownScale = checkbox({
      label: 'Own scale per column',
      title: 'Fit the vertical axes of each column to what it shows; otherwise they are the same in all columns',
      value: view.ownScale,
      onChange: (ownScale) => set({ ownScale }),
    });
    this.baseline = new BaselinePicker(view, set);
    this.reset = button({
      label: 'Reset zoom',
      title: 'Show all steps again (double click in a chart)',
      appearance: 'secondary',
      onClick: () => set({ range: null }),
    });
    this.metrics = new MetricsPicker({
      choose: (multiples) => set({ multiples }),
      chooseRole: (role, metric) => actions.chooseMetric(role, metric),
    });
    const compare = menu('Compare', 'Compare the shown runs', {
      'Runs side by side': () => actions.compare('compare'),
      Configs: () => actions.compare('diffConfigs'),
    });
    const exports = menu('Export', 'Save what the panel shows', {
      'Picture (PNG)': () => actions.export('png'),
      'Vector graphics (SVG)': () => actions.export('svg'),
      'Data (CSV)': () => actions.export('csv'),
    });
    const look = html(
      'div',
      { class: 'toolbar-group' },
      this.x.element,
      this.yScale.element,
      this.smoothing.element,
      this.smoothingBy.element,
      this.robust.element,
      this.band.element,
      this.ownScale.element,
      this.baseline.element,
    );
    const rest = html('div', { class: 'toolbar-group' }, this.reset, this.metrics.element, compare, exports);
    this.element = html('div', { class: 'toolbar', role: 'group', 'aria-label': 'View' }, look, rest);
  }

  /** Tells what depends on how many steps there are. */
  grow(state: PanelState): void {
    this.smoothing.update(state);
  }

  update(state: PanelState): void {
    const { view, runs } = state;
    setVisible(this.element, runs === null || runs.length > 0);
    this.x.set(view.x);
    this.yScale.set(view.yScale);
    this.smoothing.update(state);
    this.smoothingBy.set(view.smoothing.by);
    this.robust.set(view.robust);
    this.band.set(view.band);
    this.ownScale.set(view.ownScale);
    this.baseline.update(state);
    setVisible(this.ownScale.element, state.link !== null);
    setEnabled(this.reset, view.range !== null);
    this.metrics.update(state);
  }
}

function menu(label: string, title: string, entries: Readonly<Record<string, () => void>>): HTMLElement {
  const list = html('div', { class: 'menu' });
  const popover = new Popover({ label, title, content: list });
  for (const [text, run] of Object.entries(entries)) {
    const entry = html('button', { type: 'button', class: 'menu-entry' }, text);
    entry.addEventListener('click', () => {
      popover.dismiss();
      run();
    });
    list.append(entry);
  }
  return popover.element;
}
