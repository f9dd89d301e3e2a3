import type { PanelView, Smoothing } from '../../src/core/panel/view.ts';
import { html, setVisible } from '../dom.ts';
import type { PanelState } from '../panelState.ts';
import { BaselinePicker } from './baselinePicker.ts';
import { GroupingPicker } from './groupingPicker.ts';
import { Popover } from './popover.ts';
import { button, checkbox, dropdown } from './toolkit.ts';

const scaleTexts: Readonly<Record<PanelView['yScale'], string>> = { auto: 'Auto', linear: 'Linear', log: 'Log' };
const layoutTexts: Readonly<Record<PanelView['layout'], string>> = { auto: 'Side by side', stacked: 'Stacked' };
const smoothingTexts: Readonly<Record<Smoothing['by'], string>> = { range: 'View', steps: 'Steps' };

export interface ViewMenuActions {
  set(change: Partial<PanelView>): void;
  /** Measures the smoothing in another way. */
  smoothBy(by: Smoothing['by']): void;
  /** Goes back to the settings, here and in the panels that are opened next. */
  forgetChoices(): void;
}

/** How the charts are drawn, as far as that is not chosen often enough for a place of its own in the toolbar. */
export class ViewMenu {
  readonly element: HTMLElement;
  private readonly yScale;
  private readonly smoothingBy;
  private readonly robust;
  private readonly band;
  private readonly ownScale;
  private readonly layout;
  private readonly baseline;
  private readonly grouping;

  constructor(view: PanelView, { set, smoothBy, forgetChoices }: ViewMenuActions) {
    this.yScale = dropdown({
      label: 'Norm scale',
      title: 'Scale of the gradient norm. Auto: logarithmic where it surges or spans decades',
      options: scaleTexts,
      value: view.yScale,
      onChange: (yScale) => set({ yScale }),
    });
    this.smoothingBy = dropdown({
      label: 'Smooth by',
      title: 'What the bold lines are averaged over: a share of the visible range, whatever the zoom, or a number of steps',
      options: smoothingTexts,
      value: view.smoothing.by,
      onChange: smoothBy,
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
    this.layout = dropdown({
      label: 'Layout',
      title: 'Gradient norm and score side by side where the panel is wide enough, or always stacked',
      options: layoutTexts,
      value: view.layout,
      onChange: (layout) => set({ layout }),
    });
    this.baseline = new BaselinePicker(view, set);
    this.grouping = new GroupingPicker(set);
    const controls = [this.yScale, this.smoothingBy, this.layout, this.robust, this.band, this.ownScale, this.grouping, this.baseline];
    const reset = button({
      label: 'Reset to settings',
      title: 'Forget what was chosen in the panels of this workspace: axes, smoothing, metrics, layout',
      appearance: 'secondary',
      onClick: forgetChoices,
    });
    const content = html('div', { class: 'view-menu' }, ...controls.map(({ element }) => element), reset);
    this.element = new Popover({ label: 'View', title: 'How the charts are drawn', picture: 'view', content }).element;
  }

  update(state: PanelState): void {
    const { view, link } = state;
    this.baseline.update(state);
    this.grouping.update(state);
    this.yScale.set(view.yScale);
    this.layout.set(view.layout);
    this.smoothingBy.set(view.smoothing.by);
    this.robust.set(view.robust);
    this.band.set(view.band);
    this.ownScale.set(view.ownScale);
    setVisible(this.ownScale.element, link !== null);
  }
}
