import type { LensHostMessage, LensMessage } from '../../src/core/lens/messages.ts';
import { parseLensHostMessage } from '../../src/core/lens/parseMessages.ts';
import { counted, integerText } from '../../src/core/notation.ts';
import type { Frames } from '../chart/frames.ts';
import { html, setText, setVisible } from '../dom.ts';
import type { Theme } from '../theme.ts';
import { Detail } from './detail.ts';
import { FilterBar } from './filterBar.ts';
import { LensHeader } from './lensHeader.ts';
import type { LensLook } from './lensLook.ts';
import { LensState } from './lensState.ts';
import { TrajectoryList } from './trajectoryList.ts';

/** What the page needs of its surroundings. */
export interface LensHost {
  post(message: LensMessage): void;
  remember(look: LensLook): void;
}

/** A token lens: the trajectories of a step, and one of them with all its numbers. */
export class LensPage {
  private readonly state: LensState;
  private readonly header: LensHeader;
  private readonly list: TrajectoryList;
  private readonly filter: FilterBar;
  private readonly detail: Detail;
  private readonly malformed = html('details', { class: 'malformed', hidden: true });
  private readonly malformedSummary = html('summary', {});
  private readonly malformedList = html('ul', {});
  private readonly announcement = html('div', { class: 'unseen', role: 'status' });
  readonly element: HTMLElement;
  /** Sequences of the step that were asked for. */
  private readonly asked = new Set<number>();
  private searched = '';

  constructor(
    private readonly host: LensHost,
    look: LensLook | null,
    theme: Theme,
    private readonly frames: Frames,
  ) {
    this.state = new LensState(look);
    this.header = new LensHeader({
      turn: (by) => this.turn(by),
      goTo: (step) => this.goTo(step),
      search: (search) => this.look({ search }),
      nextFound: () => this.detail.nextFound(),
      openFile: () => this.ofStep((step) => this.host.post({ type: 'openFile', step })),
    });
    this.list = new TrajectoryList({
      open: (sequence) => this.look({ sequence }),
      enter: () => this.detail.focus(),
      sort: (sort, isDescending) => this.look({ sort, isDescending }),
    });
    this.filter = new FilterBar((filter) => this.look({ filter: { ...this.state.view.filter, ...filter } }), this.list.counted);
    this.detail = new Detail(
      {
        view: (view) => this.look({ view }),
        open: (sequence) => this.look({ sequence }),
        color: (coloring) => this.look({ coloring }),
        estimate: (estimator) => this.look({ estimator, ...(estimator === this.state.view.compared ? { compared: null } : {}) }),
        compare: (compared) => this.look({ compared }),
      },
      theme,
      frames,
    );
    this.malformed.append(this.malformedSummary, this.malformedList);
    this.element = html(
      'main',
      { class: 'lens' },
      this.header.element,
      html('div', { class: 'list-side' }, this.filter.element, this.list.element, this.malformed),
      this.detail.element,
      this.announcement,
    );
    window.addEventListener('keydown', (event) => this.key(event));
    this.update();
    host.post({ type: 'ready', step: this.state.view.step });
  }

  /** Anything that arrives at the page. */
  receive(data: unknown): void {
    const message = parseLensHostMessage(data);
    if (typeof message === 'string') this.host.post({ type: 'error', message: `A message that cannot be read: ${message}.` });
    else this.accept(message);
  }

  private accept(message: LensHostMessage): void {
    const { state } = this;
    if (message.type === 'source') {
      state.source = message;
      if (message.place !== undefined) state.view = { ...state.view, place: message.place };
    } else if (message.type === 'step') {
      state.begin(message.step);
      this.asked.clear();
      this.searched = '';
      setText(this.announcement, `Step ${integerText(message.step)}`);
    } else if (message.step !== state.step) return;
    else if (message.type === 'rows') {
      state.rows = state.rows.length === 0 ? message.rows : [...state.rows, ...message.rows];
      state.isComplete = message.isComplete;
    } else if (message.type === 'malformed') state.malformed = message.lines;
    else if (message.type === 'trajectories') {
      for (const { sequence } of message.trajectories) this.asked.delete(sequence);
      state.keep(message.trajectories);
    } else if (message.type === 'found') {
      if (message.text === state.view.search) state.found = new Set(message.sequences);
    } else if (message.type === 'noise') state.noise = message.noise;
    else {
      state.failure = message.message;
      state.isComplete = true;
    }
    this.changed();
  }

  private look(change: Partial<LensLook>): void {
    const { view } = this.state;
    this.state.view = { ...view, ...change };
    if (change.search !== undefined && change.search !== view.search) this.state.found = null;
    this.changed();
  }

  private changed(): void {
    const { state } = this;
    // The first of the list is open until another is chosen; what was open in another step is not looked for in vain.
    if (state.opened === null && (state.isComplete || state.view.sequence === null)) {
      const [first] = state.listed;
      if (first !== undefined) state.view = { ...state.view, sequence: first.sequence };
    }
    this.ask();
    this.host.remember(state.view);
    this.frames.request(this);
  }

  /** For the frames: messages that arrive together are shown together. */
  draw(): void {
    this.update();
  }

  private update(): void {
    const { state } = this;
    this.header.update(state);
    this.filter.update(state);
    this.list.update(state);
    this.detail.update(state);
    const { malformed } = state;
    setVisible(this.malformed, malformed.length > 0);
    setText(this.malformedSummary, `${counted(malformed.length, 'line')} of the file ${malformed.length === 1 ? 'is' : 'are'} left out`);
    this.malformedList.replaceChildren(
      ...malformed.slice(0, 100).map(({ line, problem }) => html('li', {}, `Line ${integerText(line)}: ${problem}`)),
    );
  }

  private ask(): void {
    const { state } = this;
    const { step, opened, view } = state;
    if (step === null) return;
    if (opened !== null) {
      const wanted = view.view === 'group' ? state.groupOf(opened).map(({ sequence }) => sequence) : [opened.sequence];
      const missing = wanted.filter((sequence) => !state.whole.has(sequence) && !this.asked.has(sequence));
      if (missing.length > 0) this.host.post({ type: 'want', step, sequences: missing });
      for (const sequence of missing) this.asked.add(sequence);
    }
    // Again when the step is wholly there.
    const search = view.search === '' ? '' : `${view.search}\n${String(state.isComplete)}`;
    if (search === this.searched) return;
    this.searched = search;
    if (search !== '') this.host.post({ type: 'search', step, text: view.search });
  }

  private ofStep(then: (step: number) => void): void {
    if (this.state.step !== null) then(this.state.step);
  }

  private goTo(step: number): void {
    if (step !== this.state.step) this.host.post({ type: 'step', step });
  }

  private turn(by: -1 | 1): void {
    const steps = this.state.source?.steps ?? [];
    const at = this.state.step;
    if (at === null) return;
    const next = by > 0 ? steps.find((step) => step > at) : steps.findLast((step) => step < at);
    if (next !== undefined) this.goTo(next);
  }

  private key(event: KeyboardEvent): void {
    const { target } = event;
    const isTyped = target instanceof HTMLInputElement || (target instanceof HTMLElement && target.tagName === 'VSCODE-DROPDOWN');
    if (isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '[') this.turn(-1);
    else if (event.key === ']') this.turn(1);
    else if (event.key === 'j') this.list.move(1);
    else if (event.key === 'k') this.list.move(-1);
    else if (event.key === '/') this.header.focusSearch();
    else return;
    event.preventDefault();
  }
}
