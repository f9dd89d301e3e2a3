import { countText } from '../src/core/notation.ts';
import { alone, inverted, withSeries } from '../src/core/panel/shownRuns.ts';
import { allShown } from '../src/core/panel/view.ts';
import type { PanelView, ShownRuns } from '../src/core/panel/view.ts';
import { Popover } from './controls/popover.ts';
import { html, setAttribute, setText, setVisible } from './dom.ts';
import { FilterBox } from './filterBox.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import type { RunChoice } from './runChoice.ts';
import { seriesMark } from './seriesMark.ts';
import type { PanelSeries } from './series.ts';

interface Entry {
  readonly series: PanelSeries;
  /** Of its runs. */
  readonly shown: number;
  /** Whether it is among those that are shown alone. */
  readonly isAlone: boolean;
}

/** Between two entries, as in legend.css. */
const gap = 6;
/** Room for "+52 more" with its arrow; legend.css makes it no wider. */
const moreWidth = 104;
/** More than ever stand in a row; only these are measured. */
const mostInRow = 24;

/** The filter, and one button for each series, which shows the series alone. One line, whatever their number: a popover has the rest. */
export class Legend {
  private readonly box: FilterBox;
  private readonly row = html('div', { class: 'legend-entries' });
  private readonly rest = html('div', { class: 'legend-rest' });
  private readonly more: Popover;
  private readonly group: HTMLElement;
  readonly element: HTMLElement;
  private readonly rowList: KeyedList<Entry>;
  private readonly restList: KeyedList<Entry>;
  private entries: readonly Entry[] = [];
  private choice: RunChoice | null = null;
  private shown: ShownRuns = allShown;
  /** Pixels, by what an entry says. */
  private readonly widths = new Map<string, number>();

  constructor(private readonly setView: (change: Partial<PanelView>) => void) {
    this.box = new FilterBox({ filter: (filter) => setView({ filter }), showAll: () => setView({ shown: allShown }) });
    const all = html('button', { type: 'button', class: 'menu-entry' }, 'Show all runs');
    all.addEventListener('click', () => setView({ shown: allShown }));
    const turn = html('button', { type: 'button', class: 'menu-entry' }, 'Invert what is shown');
    turn.addEventListener('click', () => setView({ shown: inverted(this.shown) }));
    const content = html('div', {}, html('div', { class: 'legend-commands' }, all, turn), this.rest);
    this.more = new Popover({ label: '+0 more', title: 'All other series', content });
    this.more.element.classList.add('legend-more');
    this.group = html('div', { class: 'legend', role: 'group', 'aria-label': 'Series' }, this.row, this.more.element);
    this.element = html('div', { class: 'legend-row' }, this.box.element, this.group);
    // A series that changes its colour or dashes is drawn anew.
    const keyOf = ({ series: { name, style, dash } }: Entry): string => [name, style.light, ...dash].join('\n');
    this.rowList = new KeyedList<Entry>(this.row, keyOf, (entry) => this.entry(entry));
    this.restList = new KeyedList<Entry>(this.rest, keyOf, (entry) => this.entry(entry));
    // In the next frame: what is moved here must not move what others observe in this one.
    new ResizeObserver(() => requestAnimationFrame(() => this.arrange())).observe(this.group);
  }

  update(state: PanelState): void {
    const { choice, view, runs } = state;
    this.box.update(state);
    setVisible(this.box.element, (runs?.length ?? 0) > 1 || view.filter !== '');
    if (choice === this.choice) return;
    [this.choice, this.shown] = [choice, view.shown];
    this.entries = choice.series.map((series) => {
      const shown = series.runs.filter(({ id }) => choice.shownIds.has(id)).length;
      return { series, shown, isAlone: view.shown.rule === 'only' && shown > 0 && choice.shownRuns.length < (runs?.length ?? 0) };
    });
    this.arrange();
  }

  /** Puts as many entries into the row as fit into it, and the others into the popover. */
  private arrange(): void {
    const { entries, group, widths } = this;
    const available = group.clientWidth;
    const texts = entries.slice(0, mostInRow).map(entryText);
    if (available > 0 && texts.some((text) => !widths.has(text))) {
      this.rowList.update(entries.slice(0, mostInRow));
      const measured = Array.from(this.row.children, (child) => child.getBoundingClientRect().width);
      texts.forEach((text, index) => widths.set(text, measured[index] ?? 0));
    }
    const count = fittingCount(
      texts.map((text) => widths.get(text) ?? 0),
      entries.length,
      available,
    );
    this.rowList.update(entries.slice(0, count));
    this.restList.update(entries.slice(count));
    setVisible(this.more.element, count < entries.length);
    this.more.setLabel(count === 0 ? `${entries.length} series` : `+${entries.length - count} more`);
    if (count === entries.length) this.more.close();
  }

  private entry({ series: created }: Entry): ItemView<Entry> {
    const note = html('span', { class: 'muted' });
    const title = `${created.name}\nClick: show this series alone, or all again. Ctrl+click or Cmd+click: show it with others.`;
    const name = html('span', { class: 'legend-name' }, created.name);
    const button = html('button', { type: 'button', class: 'legend-entry', title }, seriesMark(created), name, note);
    button.addEventListener('click', (event) => {
      const isAdded = event.ctrlKey || event.metaKey;
      this.setView({ shown: isAdded ? withSeries(this.shown, created.name, this.choice?.all ?? []) : alone(this.shown, created.name) });
    });
    return {
      element: button,
      update({ series, shown, isAlone }) {
        setText(note, seriesNote(series));
        setAttribute(button, 'aria-pressed', String(isAlone));
        button.classList.toggle('is-hidden', shown === 0);
      },
    };
  }
}

/** How many entries of these widths, in pixels, stand in a row; where not all of them do, there is room for the button that has the rest. */
function fittingCount(widths: readonly number[], count: number, available: number): number {
  const ends: number[] = [];
  for (const width of widths) ends.push((ends.at(-1) ?? -gap) + gap + width);
  // A single one is shortened.
  if (count === 1 || (widths.length === count && (ends.at(-1) ?? 0) <= available)) return count;
  return ends.filter((end) => end + gap + moreWidth <= available).length;
}

function entryText({ series }: Entry): string {
  return `${series.name}\n${seriesNote(series)}`;
}

/** "2 of 3 collapsed", or "3 runs" where none did. */
function seriesNote({ counted, collapsed }: PanelSeries): string {
  const count = counted.length;
  if (collapsed === 0) return count === 1 ? '' : `${count} runs`;
  return count === 1 ? 'collapsed' : `${countText(collapsed, count)} collapsed`;
}
