import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { aspectsOf } from '../../src/core/panel/runAspects.ts';
import type { PanelView } from '../../src/core/panel/view.ts';
import { html, setVisible } from '../dom.ts';
import type { PanelState } from '../panelState.ts';
import { Choice } from './choice.ts';

const automatic = 'automatic';

/** What makes runs a series, and what the colours of series stand for. */
export class GroupingPicker {
  private readonly group: Choice;
  private readonly color: Choice;
  readonly element: HTMLElement;
  private runs: readonly PanelRun[] | null = null;
  private options: Readonly<Record<string, string>> = {};

  constructor(set: (change: Partial<PanelView>) => void) {
    const picked = (value: string): string | null => (value === automatic ? null : value);
    this.group = new Choice('baseline-picker', {
      label: 'Group by',
      title: 'Runs with the same value form a series, with one color, mean and band. Automatic: all that differ only in their seed',
      onChange: (value) => set({ groupBy: picked(value) }),
    });
    this.color = new Choice('baseline-picker', {
      label: 'Color by',
      title: 'What the colors stand for. Automatic: the estimator, or what runs are grouped by',
      onChange: (value) => set({ colorBy: picked(value) }),
    });
    this.element = html('div', { class: 'grouping', role: 'group', 'aria-label': 'Series' }, this.group.element, this.color.element);
  }

  update({ runs, view: { groupBy, colorBy } }: PanelState): void {
    if (runs !== this.runs)
      this.options = { [automatic]: 'Automatic', ...Object.fromEntries(aspectsOf(runs ?? []).map(({ id, text }) => [id, text])) };
    this.runs = runs;
    // A parameter that does not differ any more groups nothing.
    const offered = (aspect: string | null): string => (aspect !== null && Object.hasOwn(this.options, aspect) ? aspect : automatic);
    this.group.update(this.options, offered(groupBy));
    this.color.update(this.options, offered(colorBy));
    setVisible(this.element, (runs?.length ?? 0) > 1);
  }
}
