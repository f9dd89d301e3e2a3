import { integerText, quantityText } from '../src/core/notation.ts';
import { shortNames } from '../src/core/panel/shortNames.ts';
import type { XAxisKind } from '../src/core/panel/view.ts';
import type { ChartModel, ChartNote, Reading, Readout } from './chart/chartModel.ts';
import { loggedText } from './chart/readouts.ts';
import { copyText } from './clipboard.ts';
import { html, setAttribute, setChildren, setText, setVisible } from './dom.ts';
import type { ItemView } from './keyedList.ts';
import { copiedText, fittingLines, lineName, orderedLines, readingPlace } from './readoutLines.ts';

/** What a readout is of. */
export interface ReadoutSubject {
  readonly x: XAxisKind;
  /** Heading of the metric. */
  readonly metric: string;
  /** How its values compare with a baseline; null: they are values. */
  readonly comparedAs: ChartModel['comparedAs'];
  /** It stays, takes the pointer, and has all lines. */
  readonly isPinned: boolean;
  /** A piece of a series' line with its marker. */
  markOf(series: string): Element | null;
}

/** CSS pixels, as readout.css has them. */
const lineHeight = 18;
const letterWidth = 6.2;
type BoxSize = 'tight' | 'brief' | 'full';
/** Width of all but the names: marks, columns of numbers, and what lies between. */
const besideNames: Readonly<Record<BoxSize, number>> = { tight: 138, brief: 172, full: 345 };
/** A box that may be as wide as this has its columns in full. */
const leastFullWidth = besideNames.full + 50;
/** In one that must be narrower than this everything is smaller. */
const leastBriefWidth = besideNames.brief + 40;
/** Where there is no room for the least that can be read, the box takes some of the other half, or hangs out of the chart. */
const leastWidth = 185;
const leastHeight = 150;
/** Notes of several runs at one step; the others stand in the list of notes. */
const mostNotes = { passing: 2, pinned: 6 };
/** A pinned box takes what it needs, but not the whole chart. */
const pinnedWidth = 440;

/** The values at the crosshair: those of the runs, and under which they are drawn as one line, mean or median, range and number. */
export class ReadoutBox {
  private readonly place = cell('columnheader', 'readout-place muted');
  private readonly copy = html('button', { type: 'button', class: 'readout-button' }, 'Copy');
  private readonly close = html('button', { type: 'button', class: 'readout-button' }, 'Close');
  private readonly note = html('button', { type: 'button', class: 'readout-button' }, 'Note…');
  private readonly buttons = html('div', { class: 'readout-buttons', hidden: true }, this.note, this.copy, this.close);
  private readonly notes = html('div', { class: 'readout-notes', hidden: true });
  private readonly raw = cell('columnheader', 'muted');
  private readonly smoothed = cell('columnheader', 'readout-smoothed muted', 'smoothed');
  private readonly spread = ['min', 'max', 'n'].map((name) => cell('columnheader', 'readout-spread muted', name));
  private readonly head = html(
    'div',
    { class: 'readout-line readout-head', role: 'row' },
    this.place,
    this.raw,
    this.smoothed,
    ...this.spread,
  );
  private readonly table = html('div', { class: 'readout-table', role: 'table', 'aria-label': 'Values at the crosshair' }, this.head);
  private readonly scroll = html('div', { class: 'readout-scroll' }, this.table);
  private readonly more = html('div', { class: 'muted readout-more' });
  readonly element = html('div', { class: 'readout', hidden: true }, this.scroll, this.notes, this.more, this.buttons);
  /** Of lines that were shown since it was hidden: the pointer comes back to them. */
  private readonly views = new Map<string, ItemView<LineContent>>();
  private text = '';
  /** Shortened names of all lines, by what a line is called. */
  private names: { readonly key: string; readonly short: ReadonlyMap<string, string> } = { key: '', short: new Map() };

  /** `onClose`: the reader wants it gone; `byKey`: with the keyboard. `onNote`: something is to be noted about the step. */
  constructor(onClose: (byKey: boolean) => void, onNote: () => void) {
    this.note.addEventListener('click', onNote);
    this.copy.addEventListener('click', () => void this.copyAll());
    this.close.addEventListener('click', (event) => onClose(event.detail === 0));
  }

  hide(): void {
    setVisible(this.element, false);
    this.forget();
  }

  /** Series may look different from now on. */
  forget(): void {
    this.views.clear();
  }

  show(reading: Reading, subject: ReadoutSubject): void {
    const { readouts, area, pointer } = reading;
    setVisible(this.element, readouts.length > 0);
    if (readouts.length === 0) return;
    const { isPinned } = subject;
    const all = orderedLines(readouts);
    const width = widthOf(reading, isPinned);
    const hasSpread = all.some(({ spread }) => spread !== null);
    const hasSmoothed = all.some(({ smoothed }) => smoothed !== null);
    const size = hasSpread && width >= leastFullWidth ? 'full' : width >= leastBriefWidth ? 'brief' : 'tight';
    const height = Math.max(leastHeight, area.bottom - area.top - 8);
    // Besides the headings, and the line that tells of more.
    const room = Math.floor((height - 10) / lineHeight) - 2;
    const heightOf = ({ spread }: Readout): number => (spread !== null && size !== 'full' ? 2 : 1);
    const { lines, left } = isPinned ? { lines: all, left: 0 } : fittingLines(all, Math.max(3, room), pointer, heightOf);
    this.lay(reading, width, height);
    this.element.classList.toggle('is-pinned', isPinned);
    this.element.classList.toggle('is-full', size === 'full');
    this.element.classList.toggle('is-tight', size === 'tight');
    this.element.classList.toggle('has-smoothed', hasSmoothed);
    setVisible(this.buttons, isPinned);
    setAttribute(this.scroll, 'tabindex', isPinned ? 0 : null);
    const place = readingPlace(reading.x, readouts);
    setText(this.place, positionText(subject.x, place));
    setText(this.raw, hasSmoothed ? 'raw' : 'value');
    setText(this.more, left === 0 ? '' : `${left} more, click to pin`);
    setVisible(this.more, left > 0);
    setVisible(this.notes, reading.notes.length > 0);
    setChildren(
      this.notes,
      reading.notes.slice(0, isPinned ? mostNotes.pinned : mostNotes.passing).map((note) => noteLine(note)),
    );
    const together = new Set(all.filter(({ run }) => run === null).map(({ series }) => series));
    this.shorten(all, together, (width - besideNames[size]) / letterWidth);
    this.fill(lines, together, size, subject);
    this.text = isPinned ? copiedText(subject.x, subject.metric, all) : '';
  }

  /** Beside the crosshair, as far as there is room for it on its half. */
  private lay({ isRight, area }: Reading, width: number, height: number): void {
    const { style } = this.element;
    const places = { top: area.top + 4, left: isRight ? area.left + 6 : null, right: isRight ? null : 18 };
    for (const [name, pixels] of Object.entries(places)) {
      const value = pixels === null ? 'auto' : `${Math.round(pixels)}px`;
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    const [widest, highest] = [`${Math.round(width)}px`, `${Math.round(height)}px`];
    if (style.maxWidth !== widest) style.maxWidth = widest;
    if (style.maxHeight !== highest) style.maxHeight = highest;
  }

  private fill(lines: readonly Readout[], together: ReadonlySet<string>, size: BoxSize, { comparedAs, markOf }: ReadoutSubject): void {
    const bodies = lines.map((line) => {
      const isMember = line.run !== null && together.has(line.series);
      const id = [line.series, line.run ?? '', line.label, line.color].join('\n');
      let view = this.views.get(id);
      if (view === undefined) this.views.set(id, (view = lineView(line, markOf(line.series))));
      const name = this.names.short.get(lineName(line, isMember)) ?? line.label;
      view.update({ line, isMember, isTight: size === 'tight', comparedAs, name });
      return view.element;
    });
    setChildren(this.table, [this.head, ...bodies]);
  }

  /** Of all lines, so that a name stays as it is while the pointer moves. `letters`: room for a name. */
  private shorten(lines: readonly Readout[], together: ReadonlySet<string>, letters: number): void {
    const names = [...new Set(lines.map((line) => lineName(line, line.run !== null && together.has(line.series))))].toSorted((a, b) =>
      a < b ? -1 : 1,
    );
    const room = Math.round(Math.max(6, Math.min(40, letters)));
    const key = [room, ...names].join('\n');
    if (key === this.names.key) return;
    const short = shortNames(names, room);
    this.names = { key, short: new Map(names.map((name, index) => [name, short[index] ?? name])) };
  }

  private async copyAll(): Promise<void> {
    const isCopied = await copyText(this.text, this.element);
    setText(this.copy, isCopied ? 'Copied' : 'Not copied');
    this.copy.focus();
    setTimeout(() => setText(this.copy, 'Copy'), 2000);
  }
}

interface LineContent {
  readonly line: Readout;
  /** Told under the series that it belongs to. */
  readonly isMember: boolean;
  readonly isTight: boolean;
  readonly comparedAs: ChartModel['comparedAs'];
  readonly name: string;
}

function lineView({ label }: Readout, mark: Element | null): ItemView<LineContent> {
  const name = html('span', { class: 'readout-label' });
  const centre = html('span', { class: 'readout-spread muted' });
  const heading = cell('rowheader', 'readout-name');
  heading.append(...(mark === null ? [] : [mark]), name, centre);
  heading.title = label;
  const cells = ['', 'readout-smoothed', 'readout-spread', 'readout-spread', 'readout-spread'].map((kind) => cell('cell', kind));
  const [logged, line] = cells;
  const range = cell('cell', 'readout-range muted');
  const element = html('div', { class: 'readout-line', role: 'row' }, heading, ...cells, range);
  return {
    element,
    update({ line: { value, smoothed, spread }, isMember, isTight, comparedAs, name: shown }) {
      element.classList.toggle('is-member', isMember);
      setText(name, shown);
      const textOf = (number: number): string => loggedText(number, comparedAs);
      const [low, high, count] = spread === null ? ['', '', ''] : [textOf(spread.low), textOf(spread.high), integerText(spread.count)];
      const texts = [textOf(value), smoothed === null ? '–' : textOf(smoothed), low, high, count];
      cells.forEach((each, index) => setText(each, texts[index] ?? ''));
      setText(centre, spread?.centre ?? '');
      setVisible(range, spread !== null);
      const ends = isTight ? `${low} to ${high}` : `min ${low}, max ${high}`;
      setText(range, spread === null ? '' : `${spread.centre} of ${count}, ${ends}`);
      // What the marker stands on.
      logged?.classList.toggle('is-marked', smoothed === null);
      line?.classList.toggle('is-marked', smoothed !== null);
    },
  };
}

function noteLine({ run, text, color }: ChartNote): HTMLElement {
  const mark = html('span', { class: 'readout-note-mark', 'aria-hidden': 'true' }, '▲');
  mark.style.color = color;
  return html('p', { class: 'readout-note' }, mark, html('strong', {}, run), ` ${text}`);
}

function cell(role: 'columnheader' | 'rowheader' | 'cell', kind: string, text = ''): HTMLElement {
  return html('span', { class: kind === '' ? null : kind, role }, text);
}

/** It must not hide what it tells about; pinned, it may take what it needs. */
function widthOf({ area }: Reading, isPinned: boolean): number {
  const width = area.right - area.left;
  const half = Math.max(leastWidth, width / 2 - 14);
  return isPinned ? Math.max(half, Math.min(pinnedWidth, width - 12)) : half;
}

/** "Step 181", "1.2·10⁶ tokens", "3:07 min". */
function positionText(x: XAxisKind, at: number): string {
  if (x === 'step') return `Step ${integerText(Math.round(at))}`;
  if (x === 'tokens') return `${quantityText(at)} tokens`;
  const seconds = Math.floor(at % 60);
  const minutes = Math.floor(at / 60) % 60;
  const hours = Math.floor(at / 3600);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}${hours > 0 ? ' h' : ' min'}`;
}
