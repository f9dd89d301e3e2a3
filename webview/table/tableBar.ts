import { counted, countText } from '../../src/core/notation.ts';
import { inverted } from '../../src/core/panel/shownRuns.ts';
import { allShown } from '../../src/core/panel/view.ts';
import type { PanelView, ShownRuns } from '../../src/core/panel/view.ts';
import { html, setText, setVisible } from '../dom.ts';
import type { PanelState } from '../panelState.ts';

/** Stands above the run table: how many of the runs are shown, and what is done with all of them at once. */
export class TableBar {
  private readonly count = html('span', { class: 'muted' });
  private readonly commands: HTMLElement;
  readonly element: HTMLElement;
  private shown: ShownRuns = allShown;

  constructor(headingId: string, setView: (change: Partial<PanelView>) => void, ...controls: readonly HTMLElement[]) {
    const command = (text: string, title: string, shown: () => ShownRuns): HTMLElement => {
      const button = html('button', { type: 'button', class: 'link', title }, text);
      button.addEventListener('click', () => setView({ shown: shown() }));
      return button;
    };
    this.commands = html(
      'span',
      { class: 'table-commands' },
      command('Show all', 'Show all runs in the charts', () => allShown),
      command('Invert', 'Show the runs that are hidden, and hide the others', () => inverted(this.shown)),
    );
    const heading = html('h2', { id: headingId }, 'Runs');
    this.element = html(
      'div',
      { class: 'table-bar' },
      heading,
      this.count,
      this.commands,
      html('span', { class: 'table-controls' }, ...controls),
    );
  }

  update({ runs, view, choice }: PanelState): void {
    this.shown = view.shown;
    const all = runs?.length ?? 0;
    const matching = choice.series.reduce((sum, series) => sum + series.runs.length, 0);
    const shown = choice.shownRuns.length;
    const parts = [
      matching < all ? `${countText(matching, all)} match` : counted(all, 'run'),
      ...(shown < matching ? [`${matching - shown} hidden`] : []),
    ];
    setText(this.count, all > 1 ? parts.join(', ') : '');
    setVisible(this.commands, all > 1);
  }
}
