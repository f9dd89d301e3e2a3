import { panelProgress } from '../src/core/panel/panelRun.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { leftWords, secondsLeftOfAll } from '../src/core/records/progress.ts';
import { html, setAttribute, setText } from './dom.ts';
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
  private readonly left = html('span', { class: 'muted time-left' });
  readonly element = html('header', { class: 'header' }, this.title, this.chips, this.left);
  private readonly counts = new KeyedList<StateCount>(this.chips, ({ text }) => text, chip);
  private runs: readonly PanelRun[] | null = null;

  update({ title, runs }: PanelState): void {
    setText(this.title, title);
    setAttribute(this.title, 'title', title);
    if (runs === this.runs) return;
    this.runs = runs;
    this.counts.update(stateCounts(runs ?? []));
    const left = leftWords(secondsLeftOfAll((runs ?? []).map(panelProgress)));
    setText(this.left, left);
    setAttribute(this.left, 'title', left === '' ? null : left);
  }
}

function chip({ icon: name, tone, title }: StateCount): ItemView<StateCount> {
  const number = html('span', {});
  // Where the page is narrow it is there for screen readers and as a title only.
  const words = html('span', { class: 'chip-words' });
  const element = html('li', { class: `chip tone-${tone}` }, icon(name), html('span', {}, number, words));
  return {
    element,
    update({ count, text }) {
      setText(number, String(count));
      setText(words, ` ${text}`);
      setAttribute(element, 'title', title === undefined ? `${count} ${text}` : `${count} ${text}. ${title}.`);
    },
  };
}
