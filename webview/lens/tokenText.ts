import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import { html, setText, setVisible } from '../dom.ts';
import { KeyedList, type ItemView } from '../keyedList.ts';
import { toneOf, type ColorRange, type ValueAt } from './coloring.ts';
import { linesOf, type TextLine } from './lines.ts';
import { toneClass } from './tones.ts';

const margin = 12;
/** Pixels of width from which two estimators stand side by side; below, one under the other, line by line. */
const sideBySide = 700;

export interface TextActions {
  /** Null: none. */
  point(token: number | null): void;
}

/** One way to colour the text. */
export interface TextColumn {
  readonly heading: EstimatorName | null;
  /** Null: nothing to colour by. */
  readonly values: ValueAt | null;
}

export interface ShownText {
  readonly trajectory: Trajectory;
  readonly columns: readonly TextColumn[];
  readonly range: ColorRange;
  /** Tokens of the response to be marked as found. */
  readonly found: ReadonlySet<number>;
  readonly foundInPrompt: ReadonlySet<number>;
}

interface NumberedLine {
  readonly line: TextLine;
  readonly index: number;
}

/** The text of a trajectory, every token coloured. Lines are broken here and all equally high: only those in sight are in the page. */
export class TokenText {
  private readonly sizer = html('div', { class: 'text-sizer' });
  private readonly scroll = html(
    'div',
    {
      class: 'text-scroll',
      tabindex: 0,
      role: 'group',
      'aria-label': 'Text of the trajectory. Left and right go from token to token; the numbers of the token are read out.',
    },
    this.sizer,
  );
  private readonly heads = html('div', { class: 'text-heads' });
  private readonly ruler = html('span', { class: 'text-ruler', 'aria-hidden': 'true' }, '0'.repeat(50));
  readonly element = html('div', { class: 'token-text' }, this.heads, this.scroll, this.ruler);
  private lines: readonly TextLine[] = [];
  private rows: KeyedList<NumberedLine>;
  private shown: ShownText | null = null;
  private laidOut: { trajectory: Trajectory; columns: number } | null = null;
  private lineHeight = 20;
  private isStacked = false;
  private pointed: number | null = null;

  constructor(private readonly actions: TextActions) {
    this.rows = this.newRows();
    this.scroll.addEventListener('scroll', () => requestAnimationFrame(() => this.draw()), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(this.scroll);
    this.scroll.addEventListener('pointerover', (event) => {
      const token = tokenAt(event.target);
      if (token !== null) actions.point(token);
    });
    this.scroll.addEventListener('keydown', (event) => this.key(event));
  }

  show(shown: ShownText | null): void {
    const isOther = shown?.trajectory !== this.shown?.trajectory;
    this.shown = shown;
    setVisible(this.element, shown !== null);
    // Colours are on the lines: they are made anew.
    this.sizer.replaceChildren();
    this.rows = this.newRows();
    if (isOther) this.scroll.scrollTop = 0;
    this.layOut();
  }

  focus(): void {
    this.scroll.focus();
  }

  /** Marks a token; the numbers stand elsewhere, so that nothing moves. */
  point(token: number | null): void {
    if (this.pointed === token) return;
    for (const element of this.sizer.querySelectorAll('.is-pointed')) element.classList.remove('is-pointed');
    this.pointed = token;
    if (token !== null) for (const element of this.elementsOf(token)) element.classList.add('is-pointed');
  }

  /** Brings a token into sight. */
  reveal(token: number): void {
    this.revealLine(this.lines.findIndex(({ part, pieces }) => part !== 'prompt' && pieces.some((piece) => piece.token === token)));
  }

  revealPrompt(token: number): void {
    this.revealLine(this.lines.findIndex(({ part, pieces }) => part === 'prompt' && pieces.some((piece) => piece.token === token)));
  }

  private revealLine(index: number): void {
    if (index < 0) return;
    const top = index * this.rowHeight;
    const { scrollTop, clientHeight } = this.scroll;
    if (top < scrollTop || top + this.rowHeight > scrollTop + clientHeight) this.scroll.scrollTop = Math.max(0, top - clientHeight / 3);
    this.draw();
  }

  private elementsOf(token: number): NodeListOf<Element> {
    return this.sizer.querySelectorAll(`[data-token="${token}"]`);
  }

  private get rowHeight(): number {
    return this.lineHeight * (this.isStacked ? this.columnCount : 1);
  }

  private get columnCount(): number {
    return this.shown?.columns.length ?? 1;
  }

  private layOut(): void {
    const { shown } = this;
    const width = this.scroll.clientWidth;
    if (shown === null || width === 0) return;
    this.isStacked = this.columnCount > 1 && width < sideBySide;
    this.element.classList.toggle('is-stacked', this.isStacked);
    this.element.classList.toggle('is-double', this.columnCount > 1 && !this.isStacked);
    const { width: fifty, height } = this.ruler.getBoundingClientRect();
    this.lineHeight = Math.round(height) || this.lineHeight;
    const gutter = Number.parseFloat(getComputedStyle(this.scroll).getPropertyValue('--gutter')) || 0;
    const textWidth = this.columnCount > 1 && !this.isStacked ? (width - gutter - 16) / 2 : width - gutter;
    const columns = Math.floor((textWidth - 20) / (fifty / 50 || 8));
    if (this.laidOut?.trajectory !== shown.trajectory || this.laidOut.columns !== columns) {
      this.lines = linesOf(shown.trajectory, columns);
      this.laidOut = { trajectory: shown.trajectory, columns };
      this.sizer.replaceChildren();
      this.rows = this.newRows();
    }
    const isNamed = this.columnCount > 1;
    setVisible(this.heads, isNamed);
    this.heads.replaceChildren(...(isNamed ? shown.columns.map(({ heading }) => html('div', { class: 'text-head' }, heading ?? '')) : []));
    this.draw();
  }

  private draw(): void {
    if (this.shown === null) return;
    const { scrollTop, clientHeight } = this.scroll;
    const { rowHeight } = this;
    const from = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
    const to = Math.min(this.lines.length, Math.ceil((scrollTop + clientHeight) / rowHeight) + margin);
    this.sizer.style.height = `${this.lines.length * rowHeight}px`;
    this.sizer.style.paddingTop = `${from * rowHeight}px`;
    this.rows.update(this.lines.slice(from, to).map((line, at) => ({ line, index: from + at })));
  }

  private newRows(): KeyedList<NumberedLine> {
    return new KeyedList<NumberedLine>(
      this.sizer,
      ({ index }) => String(index),
      ({ line }) => this.newLine(line),
    );
  }

  private newLine(line: TextLine): ItemView<NumberedLine> {
    const columns = this.shown?.columns ?? [];
    const halves = columns.map((column) => html('div', { class: 'half' }, ...this.tokensOf(line, column)));
    const label = html('span', { class: 'gutter' }, line.label);
    const element = html('div', { class: `line is-${line.part}${line.label === '' ? '' : ' is-first'}` }, label, ...halves);
    return { element, update: () => undefined };
  }

  private tokensOf({ part, pieces }: TextLine, { values }: TextColumn): HTMLElement[] {
    const { shown } = this;
    return pieces.map(({ token, text }) => {
      const element = document.createElement('span');
      element.textContent = text;
      const isPrompt = part === 'prompt';
      const tone = isPrompt || values === null || shown === null ? null : toneOf(values(token), shown.range);
      let name = 'token';
      if (tone !== null) name += ` ${toneClass(tone)}`;
      if ((isPrompt ? shown?.foundInPrompt : shown?.found)?.has(token) === true) name += ' is-found';
      if (!isPrompt) {
        element.dataset['token'] = String(token);
        if (token === this.pointed) name += ' is-pointed';
      }
      element.className = name;
      return element;
    });
  }

  private key(event: KeyboardEvent): void {
    const count = this.shown?.trajectory.response.length ?? 0;
    if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.pointed ?? -1;
    const places: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: count - 1 };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    const token = Math.max(0, Math.min(count - 1, place));
    this.reveal(token);
    this.actions.point(token);
  }
}

function tokenAt(target: EventTarget | null): number | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-token]') : null;
  return element === null ? null : Number(element.dataset['token']);
}

/** Says what is there in place of a text. */
export class TextMessage {
  readonly element = html('p', { class: 'detail-message muted', role: 'status' });

  show(text: string): void {
    setText(this.element, text);
    setVisible(this.element, text !== '');
  }
}
