import { countText } from '../src/core/notation.ts';
import { html, setAttribute, setText } from './dom.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import { seriesMark } from './seriesMark.ts';
import { isolatedAfterClick, shownSeries } from './series.ts';
import type { PanelSeries } from './series.ts';

interface Entry {
  readonly series: PanelSeries;
  readonly isIsolated: boolean;
  readonly isShown: boolean;
}

/** One button for each series; it shows the series alone. */
export class Legend {
  readonly element = html('div', { class: 'legend', role: 'group', 'aria-label': 'Series' });
  private readonly entries: KeyedList<Entry>;
  private series: readonly PanelSeries[] = [];
  private isolated: readonly string[] = [];

  constructor(private readonly onIsolate: (isolated: readonly string[]) => void) {
    // A series that changes its estimator or dashes is drawn anew.
    const keyOf = ({ series: { name, style, dash } }: Entry): string => [name, style.light, ...dash].join('\n');
    this.entries = new KeyedList<Entry>(this.element, keyOf, (entry) => this.entry(entry));
  }

  update({ series, view: { isolated } }: PanelState): void {
    if (series === this.series && isolated === this.isolated) return;
    [this.series, this.isolated] = [series, isolated];
    const shown = shownSeries(series, isolated);
    this.entries.update(
      series.map((entry) => ({ series: entry, isIsolated: isolated.includes(entry.name), isShown: shown.includes(entry) })),
    );
  }

  private entry({ series: created }: Entry): ItemView<Entry> {
    const note = html('span', { class: 'muted' });
    const title = 'Click: show this series alone, or all again. Ctrl or Cmd and click: show it with others.';
    const name = html('span', { class: 'legend-name' }, created.name);
    const button = html('button', { type: 'button', class: 'legend-entry', title }, seriesMark(created), name, note);
    button.addEventListener('click', (event) => {
      const known = this.isolated.filter((name) => this.series.some((series) => series.name === name));
      this.onIsolate(isolatedAfterClick(known, created.name, event.ctrlKey || event.metaKey));
    });
    return {
      element: button,
      update({ series, isIsolated, isShown }) {
        setText(note, seriesNote(series));
        setAttribute(button, 'aria-pressed', String(isIsolated));
        button.classList.toggle('is-hidden', !isShown);
      },
    };
  }
}

/** "2 of 3 collapsed", or "3 runs" where none did. */
function seriesNote({ counted, collapsed }: PanelSeries): string {
  const count = counted.length;
  if (collapsed === 0) return count === 1 ? '' : `${count} runs`;
  return count === 1 ? 'collapsed' : `${countText(collapsed, count)} collapsed`;
}
