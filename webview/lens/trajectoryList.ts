import type { LensRow } from '../../src/core/lens/messages.ts';
import { countText, integerText, quantityText, scoreText } from '../../src/core/notation.ts';
import { html, setAttribute, setChildren, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import { KeyedList, type ItemView } from '../keyedList.ts';
import type { SortKey } from './lensLook.ts';
import { lengthOf, type LensState } from './lensState.ts';

/** Pixels; all rows are equally high, so that only those in sight need be in the page. */
const rowHeight = 44;
const margin = 8;

export interface ListActions {
  open(sequence: number): void;
  /** To what is open. */
  enter(): void;
  sort(key: SortKey, isDescending: boolean): void;
}

interface Column {
  readonly key: SortKey;
  readonly heading: string;
  readonly title: string;
  /** What is looked for first is often the most. */
  readonly descendsFirst: boolean;
}

const columns: readonly Column[] = [
  { key: 'sequence', heading: '#', title: 'Place in the step', descendsFirst: false },
  { key: 'group', heading: 'Group', title: 'Responses to the same prompt have the same group', descendsFirst: false },
  { key: 'reward', heading: 'Reward', title: 'Reward of the response', descendsFirst: true },
  { key: 'length', heading: 'Tokens', title: 'Length of the response', descendsFirst: true },
  { key: 'turns', heading: 'Turns', title: 'Turns of the response', descendsFirst: true },
  { key: 'energy', heading: 'W(τ)', title: 'Energy of the response: W_t at its last token', descendsFirst: true },
  { key: 'advantage', heading: '|A|', title: 'Largest |advantage| of a token, with its sign', descendsFirst: true },
];

/** The trajectories of a step: a list to go through by keys, sorted by its headings. */
export class TrajectoryList {
  private readonly headings = columns.map((column) => {
    const label = html('span', {}, column.heading);
    const mark = html('span', { class: 'sort-mark' });
    const button = html('button', { type: 'button', class: 'sort', title: `${column.title}; click to sort` }, label, mark);
    button.addEventListener('click', () => {
      const isSorted = this.state?.view.sort === column.key;
      this.actions.sort(column.key, isSorted ? !this.state?.view.isDescending : column.descendsFirst);
    });
    return { column, label, mark, button };
  });
  private readonly sizer = html('div', { class: 'list-sizer', role: 'presentation' });
  private readonly list = html(
    'div',
    { class: 'list-scroll', role: 'listbox', tabindex: 0, 'aria-label': 'Trajectories of the step', id: 'lens-list' },
    this.sizer,
  );
  private readonly message = html('p', { class: 'list-message muted', role: 'status' });
  private readonly count = html('span', { class: 'list-count muted', role: 'status' });
  readonly element: HTMLElement;
  private readonly rows = new KeyedList<LensRow>(
    this.sizer,
    ({ sequence }) => String(sequence),
    () => this.newRow(),
  );
  private state: LensState | null = null;
  private listed: readonly LensRow[] = [];
  private shown: number | null = null;

  constructor(private readonly actions: ListActions) {
    const head = html('div', { class: 'list-head' }, ...this.headings.map(({ button }) => button));
    this.element = html('section', { class: 'list', 'aria-label': 'Trajectories' }, head, this.list, this.message);
    this.list.addEventListener('scroll', () => requestAnimationFrame(() => this.draw()), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.list);
    this.list.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-sequence]') : null;
      if (row !== null) actions.open(Number(row.dataset['sequence']));
    });
    this.list.addEventListener('keydown', (event) => this.key(event));
  }

  /** How many are shown, for the bar above. */
  get counted(): HTMLElement {
    return this.count;
  }

  update(state: LensState): void {
    this.state = state;
    this.listed = state.listed;
    const hasTokens = state.rows.some(({ tokens }) => tokens !== null);
    const unknown = this.unknownColumns(state);
    this.element.dataset['columns'] = String(columns.length - unknown.size);
    for (const { column, label, mark, button } of this.headings) {
      const isSorted = state.view.sort === column.key;
      setVisible(button, !unknown.has(column.key));
      if (column.key === 'length') setText(label, hasTokens || state.rows.length === 0 ? 'Tokens' : 'Chars');
      if (column.key === 'advantage') setAttribute(button, 'title', `${column.title}, under ${state.estimator}; click to sort`);
      setAttribute(button, 'aria-pressed', String(isSorted));
      setAttribute(button, 'aria-label', `Sort by ${label.textContent === '#' ? 'place' : (label.textContent ?? '')}`);
      setChildren(mark, isSorted ? [icon(state.view.isDescending ? 'descending' : 'ascending')] : []);
    }
    const isWhole = this.listed.length === state.rows.length;
    setText(this.count, `${isWhole ? integerText(state.rows.length) : countText(this.listed.length, state.rows.length)} shown`);
    setText(this.message, this.messageOf(state));
    setVisible(this.message, this.message.textContent !== '');
    this.draw();
    if (this.shown !== state.view.sequence) {
      this.shown = state.view.sequence;
      this.reveal();
    }
  }

  /** Opens the next or an earlier one. */
  move(by: number): void {
    const at = this.listed.findIndex(({ sequence }) => sequence === this.state?.view.sequence);
    const next = this.listed[at < 0 ? 0 : Math.max(0, Math.min(this.listed.length - 1, at + by))];
    if (next !== undefined) this.actions.open(next.sequence);
  }

  private messageOf({ rows, isComplete, failure, step, view }: LensState): string {
    if (failure !== null || this.listed.length > 0) return '';
    if (!isComplete) return 'Reading the step…';
    if (rows.length === 0) return `Step ${integerText(step)} has no trajectories.`;
    return view.search === '' ? 'No trajectory passes the filter.' : 'No trajectory has this text and passes the filter.';
  }

  private unknownColumns({ rows }: LensState): ReadonlySet<SortKey> {
    if (rows.length === 0) return new Set();
    const unknown = new Set<SortKey>();
    if (rows.every(({ turns }) => turns === null)) unknown.add('turns');
    if (rows.every(({ energy }) => energy === null)) unknown.add('energy');
    if (rows.every(({ reward }) => reward === null)) unknown.add('reward');
    if (rows.every(({ largestAdvantage }) => Object.keys(largestAdvantage).length === 0)) unknown.add('advantage');
    return unknown;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.list.clientHeight / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.listed.length,
      End: this.listed.length,
    };
    const by = steps[event.key];
    if (by !== undefined) this.move(by);
    else if (event.key === 'Enter') this.actions.enter();
    else return;
    event.preventDefault();
  }

  private reveal(): void {
    const at = this.listed.findIndex(({ sequence }) => sequence === this.shown);
    if (at < 0) return;
    const { scrollTop, clientHeight } = this.list;
    if (at * rowHeight < scrollTop) this.list.scrollTop = at * rowHeight;
    else if ((at + 1) * rowHeight > scrollTop + clientHeight) this.list.scrollTop = (at + 1) * rowHeight - clientHeight;
    this.draw();
  }

  private draw(): void {
    const { scrollTop, clientHeight } = this.list;
    this.sizer.style.height = `${this.listed.length * rowHeight}px`;
    const from = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
    const to = Math.min(this.listed.length, Math.ceil((scrollTop + Math.max(clientHeight, 200)) / rowHeight) + margin);
    this.sizer.style.paddingTop = `${from * rowHeight}px`;
    this.rows.update(this.listed.slice(from, to));
    const { view } = this.state ?? {};
    const isInPage = this.listed.slice(from, to).some(({ sequence }) => sequence === view?.sequence);
    setAttribute(this.list, 'aria-activedescendant', isInPage ? `trajectory-${view?.sequence}` : null);
  }

  private newRow(): ItemView<LensRow> {
    const cells = columns.map(() => html('span', { class: 'cell' }));
    const start = html('span', { class: 'row-start' });
    const cut = html('span', { class: 'row-cut', title: 'The response was cut off at the longest length allowed' }, 'truncated');
    const element = html(
      'div',
      { class: 'row', role: 'option' },
      html('div', { class: 'row-numbers' }, ...cells),
      html('div', { class: 'row-text' }, cut, start),
    );
    return {
      element,
      update: (row) => {
        const { state } = this;
        if (state === null) return;
        const unknown = this.unknownKeys;
        const advantage = row.largestAdvantage[state.estimator] ?? null;
        const texts: Readonly<Record<SortKey, string>> = {
          sequence: integerText(row.sequence),
          group: integerText(row.group),
          reward: scoreText(row.reward),
          length: integerText(lengthOf(row)),
          turns: integerText(row.turns),
          energy: quantityText(row.energy),
          advantage: quantityText(advantage),
        };
        columns.forEach(({ key }, index) => {
          setText(cells[index]!, texts[key]);
          setVisible(cells[index]!, !unknown.has(key));
        });
        setVisible(cut, row.truncated === true);
        setText(start, row.responseStart === '' ? '(empty)' : row.responseStart);
        setAttribute(element, 'data-sequence', row.sequence);
        setAttribute(element, 'id', `trajectory-${row.sequence}`);
        setAttribute(element, 'aria-selected', row.sequence === state.view.sequence ? 'true' : 'false');
        setAttribute(element, 'aria-setsize', this.listed.length);
        setAttribute(element, 'aria-posinset', this.listed.indexOf(row) + 1);
        const said = columns
          .filter(({ key }) => !unknown.has(key) && key !== 'sequence')
          .map(({ key, heading }) => `${heading} ${texts[key]}`);
        setAttribute(
          element,
          'aria-label',
          `Trajectory ${row.sequence}, ${said.join(', ')}${row.truncated === true ? ', truncated' : ''}. ${row.responseStart.slice(0, 80)}`,
        );
      },
    };
  }

  private get unknownKeys(): ReadonlySet<SortKey> {
    return new Set(this.headings.filter(({ button }) => button.hidden).map(({ column }) => column.key));
  }
}
