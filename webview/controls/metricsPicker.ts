import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import type { FigureRole } from '../../src/core/panel/rows.ts';
import { html } from '../dom.ts';
import { KeyedList } from '../keyedList.ts';
import { metricText } from '../metricTexts.ts';
import type { PanelState } from '../panelState.ts';
import { Popover } from './popover.ts';
import { RolePicker } from './rolePicker.ts';
import { checkbox } from './toolkit.ts';

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
  private readonly list = html('div', { class: 'metrics-list' });
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
        title: 'Which metric is the gradient norm, of the shown runs that log it. Automatic: known by its name',
        onChange: (metric) => choice.chooseRole('gradNorm', metric),
      }),
      new RolePicker({
        role: 'score',
        label: 'Score',
        title: 'Which metric is the score, of the shown runs that log it. Automatic: known by its name',
        onChange: (metric) => choice.chooseRole('score', metric),
      }),
    ];
    const content = html('div', {}, html('div', { class: 'metric-roles' }, ...this.roles.map(({ element }) => element)), this.list);
    this.element = new Popover({
      label: 'Metrics',
      title: 'Metrics of the figure, and those drawn below it',
      picture: 'metrics',
      content,
    }).element;
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
    this.choices.update(metrics.map((metric) => ({ metric, chosen: chosenMetrics.includes(metric) })));
  }

  private draw(metric: string, wanted: boolean): void {
    const chosen = new Set(this.chosen);
    if (wanted) chosen.add(metric);
    else chosen.delete(metric);
    // In the order in which the runs log them, whatever the order of the clicks.
    this.choice.choose([...this.metrics.filter((name) => chosen.delete(name)), ...chosen]);
  }
}
