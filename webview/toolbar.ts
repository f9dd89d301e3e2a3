import type { FigureRole } from '../src/core/panel/rows.ts';
import type { PanelView, Smoothing, XAxisKind } from '../src/core/panel/view.ts';
import { MetricsPicker } from './controls/metricsPicker.ts';
import { Popover } from './controls/popover.ts';
import { SmoothingControl } from './controls/smoothingControl.ts';
import { button, dropdown } from './controls/toolkit.ts';
import { ViewMenu } from './controls/viewMenu.ts';
import { html, setVisible } from './dom.ts';
import { icon } from './icons.ts';
import type { IconName } from './icons.ts';
import type { PanelState } from './panelState.ts';

export type ExportFormat = 'png' | 'svg' | 'csv';

export interface ToolbarActions {
  setView(change: Partial<PanelView>): void;
  /** Measures the smoothing in another way. */
  smoothBy(by: Smoothing['by']): void;
  /** Goes back to the settings. */
  forgetChoices(): void;
  /** Null: whichever is known to be it. */
  chooseMetric(role: FigureRole, metric: string | null): void;
  export(format: ExportFormat): void;
  compare(what: 'compare' | 'diffConfigs'): void;
}

const axisTexts: Readonly<Record<XAxisKind, string>> = { step: 'Step', tokens: 'Tokens', time: 'Time' };
/** One row: how the panel looks at its runs, and what can be done with what it shows. */
export class Toolbar {
  readonly element: HTMLElement;
  private readonly x;
  private readonly smoothing;
  private readonly view;
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
    this.smoothing = new SmoothingControl(view.smoothing, (smoothing) => set({ smoothing }));
    this.view = new ViewMenu(view, { ...actions, set });
    this.reset = button({
      label: 'Reset zoom',
      title: 'Show all steps again (double click in a chart)',
      icon: icon('zoomOut'),
      appearance: 'secondary',
      onClick: () => set({ range: null }),
    });
    this.metrics = new MetricsPicker({
      choose: (multiples) => set({ multiples }),
      chooseRole: (role, metric) => actions.chooseMetric(role, metric),
    });
    const compare = menu('Compare', 'Compare the shown runs', 'compare', {
      'Runs side by side': () => actions.compare('compare'),
      Configs: () => actions.compare('diffConfigs'),
    });
    const exports = menu('Export', 'Save what the panel shows', 'export', {
      'Picture (PNG)': () => actions.export('png'),
      'Vector graphics (SVG)': () => actions.export('svg'),
      'Data (CSV)': () => actions.export('csv'),
    });
    const look = html('div', { class: 'toolbar-group' }, this.x.element, this.smoothing.element);
    const rest = html('div', { class: 'toolbar-group' }, this.reset, this.view.element, this.metrics.element, compare, exports);
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
    this.smoothing.update(state);
    this.view.update(state);
    setVisible(this.reset, view.range !== null);
    this.metrics.update(state);
  }
}

function menu(label: string, title: string, picture: IconName, entries: Readonly<Record<string, () => void>>): HTMLElement {
  const list = html('div', { class: 'menu' });
  const popover = new Popover({ label, title, picture, content: list });
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
