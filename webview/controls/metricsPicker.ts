import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import type { FigureRole } from '../../src/core/panel/rows.ts';
import { countText } from '../../src/core/notation.ts';
import { html, setText, setVisible } from '../dom.ts';
import { KeyedList } from '../keyedList.ts';
import { metricText } from '../metricTexts.ts';
import type { PanelState } from '../panelState.ts';
import { Popover } from './popover.ts';
import { RolePicker } from './rolePicker.ts';
import { checkbox } from './toolkit.ts';

/** More boxes would take long to make, and nobody would look through them. */
const mostShown = 100;

/** As few can be looked through without a search. */
const fewMetrics = 8;

interface Choice {
  readonly metric: string;
  readonly chosen: boolean;
}

export interface MetricChoices {
  /** Draws these as small multiples. */
  choose(metrics: readonly string[]): void;
  /** Takes a metric for the gradient norm, or the score, of the runs that are shown; null: whichever is known to be it. */
  chooseRole(role: FigureRole, metric: string | null): void;
}

/** Which metrics are drawn: in the figure, and as small multiples. */
export class MetricsPicker {
  private readonly search = html('input', {
    type: 'text',
    class: 'metrics-search',
    placeholder: 'Search metrics',
    'aria-label': 'Search metrics',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  private readonly matching = html('span', { class: 'metrics-matching muted', 'aria-live': 'polite' });
  private readonly searchRow = html('div', { class: 'metrics-search-row' }, this.search, this.matching);
  private readonly list = html('div', { class: 'metrics-list' });
  private readonly none = html('p', { class: 'metrics-none muted', hidden: true }, 'No further metric is logged.');
  private readonly popover: Popover;
  private readonly roles: readonly RolePicker[];
  readonly element: HTMLElement;
  private readonly choices: KeyedList<Choice>;
  private chosen: readonly string[] = [];
  private metrics: readonly string[] = [];
  private runs: readonly PanelRun[] | null = null;

  constructor(private readonly choice: MetricChoices) {
    this.roles = [
      new RolePicker({
        role: 'gradNorm',
        label: 'Gradient norm',
        title: 'Metric that is drawn as the gradient norm of the shown runs. Automatic: recognized by its name',
        onChange: (metric) => choice.chooseRole('gradNorm', metric),
      }),
      new RolePicker({
        role: 'score',
        label: 'Score',
        title: 'Metric that is drawn as the score of the shown runs. Automatic: recognized by its name',
        onChange: (metric) => choice.chooseRole('score', metric),
      }),
    ];
    const roles = html('div', { class: 'metric-roles' }, ...this.roles.map(({ element }) => element));
    const content = html('div', {}, roles, this.searchRow, this.list, this.none);
    const title = 'Metrics of the figure, and those drawn below it';
    this.popover = new Popover({ label: 'Metrics', title, picture: 'metrics', content, onOpen: () => this.open() });
    this.element = this.popover.element;
    this.search.addEventListener('input', () => this.show());
    content.addEventListener('keydown', (event) => this.move(event));
    this.choices = new KeyedList<Choice>(
      this.list,
      ({ metric }) => metric,
      ({ metric, chosen }) => {
        const { heading } = metricText(metric);
        const control = checkbox({ label: heading, title: metric, value: chosen, onChange: (wanted) => this.draw(metric, wanted) });
        return { element: control.element, update: (choice) => control.set(choice.chosen) };
      },
    );
  }

  update(state: PanelState): void {
    const { metrics, chosenMetrics, shownRuns } = state;
    if (shownRuns !== this.runs) for (const role of this.roles) role.update(shownRuns);
    this.runs = shownRuns;
    if (metrics === this.metrics && chosenMetrics === this.chosen) return;
    [this.metrics, this.chosen] = [metrics, chosenMetrics];
    // Nobody looks at it while it is closed, and there may be hundreds.
    if (this.popover.isOpen) this.show();
  }

  private open(): void {
    this.search.value = '';
    this.show();
  }

  /** Those that match what is typed; where they are too many, the chosen ones first. */
  private show(): void {
    const words = this.search.value.toLowerCase().split(/\s+/);
    const found = this.metrics
      .filter((metric) => words.every((word) => `${metric} ${metricText(metric).heading}`.toLowerCase().includes(word)))
      .map((metric) => ({ metric, chosen: this.chosen.includes(metric) }));
    const shown =
      found.length <= mostShown
        ? found
        : [...found.filter(({ chosen }) => chosen), ...found.filter(({ chosen }) => !chosen)].slice(0, mostShown);
    this.choices.update(shown);
    setVisible(this.searchRow, this.metrics.length > fewMetrics);
    setVisible(this.list, this.metrics.length > 0);
    setVisible(this.none, this.metrics.length === 0);
    const count = countText(found.length, this.metrics.length);
    setText(this.matching, found.length <= mostShown ? count : `${count}, ${mostShown} listed`);
  }

  /** Down leads from the search into the list, up and down along it, and up from its first back. */
  private move(event: KeyboardEvent): void {
    const direction = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const places = [this.search, ...this.list.querySelectorAll<HTMLElement>('vscode-checkbox')];
    const at = places.findIndex((place) => place === document.activeElement);
    if (direction === 0 || at < 0) return;
    event.preventDefault();
    places[at + direction]?.focus();
  }

  private draw(metric: string, wanted: boolean): void {
    const chosen = new Set(this.chosen);
    if (wanted) chosen.add(metric);
    else chosen.delete(metric);
    // In the order in which the runs log them, whatever the order of the clicks.
    this.choice.choose([...this.metrics.filter((name) => chosen.delete(name)), ...chosen]);
  }
}
