import { integerText } from '../../src/core/notation.ts';
import { button, type ButtonOptions } from '../controls/toolkit.ts';
import { Choice } from '../controls/choice.ts';
import { html, setAttribute, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import type { LensState } from './lensState.ts';

export interface HeaderActions {
  /** The next written step, or the one before. */
  turn(by: -1 | 1): void;
  goTo(step: number): void;
  search(text: string): void;
  /** To the next place with what is searched for. */
  nextFound(): void;
  openFile(): void;
}

/** Name of the run, choice of the step, search. */
export class LensHeader {
  private readonly title = html('h1', {});
  private readonly before: HTMLElement;
  private readonly after: HTMLElement;
  private readonly steps: Choice;
  private readonly input: HTMLInputElement;
  private readonly found = html('span', { class: 'filter-count muted', role: 'status' });
  private readonly file: HTMLElement;
  readonly element: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly actions: HeaderActions) {
    const arrow = (label: string, title: string, by: -1 | 1): HTMLElement => {
      const options: ButtonOptions = { label, title, icon: icon('chevron'), appearance: 'icon', onClick: () => actions.turn(by) };
      const element = button(options);
      element.classList.add(by < 0 ? 'is-before' : 'is-after');
      return element;
    };
    this.before = arrow('Previous step', 'Previous step  [', -1);
    this.after = arrow('Next step', 'Next step  ]', 1);
    this.steps = new Choice('step-choice', {
      label: 'Step',
      title: 'Steps with sampled trajectories',
      onChange: (value) => actions.goTo(Number(value)),
    });
    this.input = html('input', {
      type: 'search',
      class: 'filter-input',
      placeholder: 'Search in the text',
      'aria-label': 'Search in the text of all trajectories of the step',
      title: 'Search prompts and responses of the step; Enter: next place in the open one',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.input.addEventListener('input', () => this.searchSoon());
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') actions.nextFound();
      if (event.key === 'Escape' && this.input.value !== '') {
        this.input.value = '';
        this.searchSoon();
      }
    });
    this.file = button({
      label: 'Open file',
      title: 'Open the file of the step as text',
      icon: icon('log'),
      appearance: 'icon',
      onClick: () => actions.openFile(),
    });
    this.element = html(
      'header',
      { class: 'lens-header' },
      this.title,
      html('div', { class: 'step-bar' }, this.before, this.steps.element, this.after),
      html('div', { class: 'search-box', role: 'search' }, this.input, this.found, this.file),
    );
  }

  update({ source, step, view, found, isComplete }: LensState): void {
    setText(this.title, source?.name ?? 'Rollouts');
    setAttribute(this.title, 'title', source?.name ?? null);
    const steps = source?.steps ?? [];
    const shown = step === null || steps.includes(step) ? steps : [...steps, step].sort((a, b) => a - b);
    // Keys of whole numbers would be put in another order: ascending, as they are.
    this.steps.update(Object.fromEntries(shown.map((each) => [String(each), integerText(each)])), String(step ?? shown.at(-1) ?? ''));
    setVisible(this.element.querySelector<HTMLElement>('.step-bar')!, shown.length > 0);
    setAttribute(this.before, 'disabled', step === null || !steps.some((each) => each < step));
    setAttribute(this.after, 'disabled', step === null || !steps.some((each) => each > step));
    setVisible(this.file, step !== null);
    if (this.timer === null && this.input.value !== view.search) this.input.value = view.search;
    setText(this.found, view.search === '' ? '' : found === null ? '…' : `${integerText(found.size)}${isComplete ? '' : '…'} found`);
  }

  focusSearch(): void {
    this.input.focus();
    this.input.select();
  }

  private searchSoon(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.actions.search(this.input.value);
    }, 150);
  }
}
