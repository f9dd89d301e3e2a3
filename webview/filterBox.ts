import { countText } from '../src/core/notation.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { filterSuggestions } from '../src/core/panel/runFilter.ts';
import { html, setAttribute, setText, setVisible } from './dom.ts';
import { icon } from './icons.ts';
import type { PanelState } from './panelState.ts';

/** More would be no help. */
const mostSuggestions = 40;

const examples = [
  'Show the runs that match. For example:',
  'dr_grpo – by name',
  'state:collapsed -opo – collapsed, without opo',
  'lr > 1e-5 seed:1,2 – a parameter, and either seed',
  'score > 0.5 steps < 100 – numbers of the table',
].join('\n');

export interface FilterActions {
  filter(text: string): void;
  showAll(): void;
}

/** Where a filter for the runs is written. What is wrong with it, or that it leaves nothing, is said right below. */
export class FilterBox {
  private readonly input: HTMLInputElement;
  private readonly count = html('span', { class: 'filter-count muted', 'aria-live': 'polite' });
  private readonly clear: HTMLButtonElement;
  private readonly suggestions = html('datalist', { id: 'filter-suggestions' });
  private readonly message = html('span', {});
  private readonly back = html('button', { type: 'button', class: 'link' });
  private readonly note: HTMLElement;
  readonly element: HTMLElement;
  private runs: readonly PanelRun[] = [];

  constructor(private readonly actions: FilterActions) {
    this.input = html('input', {
      type: 'text',
      class: 'filter-input',
      placeholder: 'Filter runs',
      'aria-label': 'Filter runs',
      'aria-describedby': 'filter-note',
      title: examples,
      list: 'filter-suggestions',
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.clear = html('button', { type: 'button', class: 'icon-button', title: 'Clear the filter', 'aria-label': 'Clear the filter' });
    this.clear.append(icon('close'));
    this.note = html('div', { class: 'filter-note', id: 'filter-note', 'aria-live': 'polite', hidden: true }, this.message, ' ', this.back);
    this.element = html('div', { class: 'filter-box', role: 'search' }, this.input, this.count, this.clear, this.suggestions, this.note);
    this.input.addEventListener('input', () => {
      this.suggest();
      actions.filter(this.input.value);
    });
    this.input.addEventListener('focus', () => this.suggest());
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.input.value === '') return;
      event.stopPropagation();
      this.empty();
    });
    this.clear.addEventListener('click', () => this.empty());
    this.back.addEventListener('click', () => this.goBack());
  }

  update({ runs, view: { filter }, choice }: PanelState): void {
    this.runs = runs ?? [];
    // Whoever types is not to be interrupted by what arrives late.
    if (this.input.value !== filter) this.input.value = filter;
    const matching = choice.series.reduce((sum, series) => sum + series.runs.length, 0);
    const isFiltered = filter.trim() !== '';
    this.element.classList.toggle('is-active', isFiltered);
    setVisible(this.clear, isFiltered);
    setText(this.count, isFiltered && choice.problem === '' ? countText(matching, this.runs.length) : '');
    setAttribute(this.count, 'title', isFiltered ? `${countText(matching, this.runs.length)} runs match` : null);
    setAttribute(this.input, 'aria-invalid', choice.problem === '' ? null : 'true');
    this.tell(choice.problem, matching, choice.shownRuns.length);
  }

  private tell(problem: string, matching: number, shown: number): void {
    const isEmpty = this.runs.length > 0 && problem === '' && shown === 0;
    setVisible(this.note, problem !== '' || isEmpty);
    this.note.classList.toggle('is-problem', problem !== '');
    setText(this.message, problem !== '' ? problem : !isEmpty ? '' : matching === 0 ? 'No run matches.' : 'All matching runs are hidden.');
    setText(this.back, problem !== '' || matching === 0 ? 'Clear the filter' : 'Show them');
  }

  private goBack(): void {
    if (this.back.textContent === 'Show them') this.actions.showAll();
    else this.empty();
    this.input.focus();
  }

  private empty(): void {
    this.input.value = '';
    this.suggest();
    this.actions.filter('');
    this.input.focus();
  }

  private suggest(): void {
    const offered = filterSuggestions(this.input.value, this.runs).slice(0, mostSuggestions);
    this.suggestions.replaceChildren(...offered.map((value) => html('option', { value })));
  }
}
