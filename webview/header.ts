import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { html, setText } from './dom.ts';
import { icon } from './icons.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import { stateCounts } from './runTexts.ts';

type StateCount = ReturnType<typeof stateCounts>[number];

/** Title of the panel, and how many runs are in which state. */
export class Header {
  private readonly title = html('h1', {});
  private readonly chips = html('ul', { class: 'chips', 'aria-label': 'States of the runs' });
  readonly element = html('header', { class: 'header' }, this.title, this.chips);
  private readonly counts = new KeyedList<StateCount>(this.chips, ({ text }) => text, chip);
  private runs: readonly PanelRun[] | null = null;
  private waiting = 0;

  update({ title, runs, waiting }: PanelState): void {
    setText(this.title, title);
    if (runs === this.runs && waiting === this.waiting) return;
    [this.runs, this.waiting] = [runs, waiting];
    this.counts.update(stateCounts(runs ?? [], waiting));
  }
}

function chip({ icon: name, tone, title }: StateCount): ItemView<StateCount> {
  const label = html('span', {});
  return {
    element: html('li', { class: `chip tone-${tone}`, title: title ?? null }, icon(name), label),
    update: ({ count, text }) => setText(label, `${count} ${text}`),
  };
}
