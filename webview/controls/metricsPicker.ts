import { html } from '../dom.ts';
import { KeyedList } from '../keyedList.ts';
import { metricText } from '../metricTexts.ts';
import type { PanelState } from '../panelState.ts';
import { Popover } from './popover.ts';
import { checkbox } from './toolkit.ts';

interface Choice {
  readonly metric: string;
  readonly chosen: boolean;
}

/** Which metrics are drawn as small multiples. */
export class MetricsPicker {
  private readonly list = html('div', { class: 'metrics-list' });
  private readonly popover = new Popover({ label: 'Metrics', title: 'Metrics drawn below the figure', content: this.list });
  readonly element = this.popover.element;
  private readonly choices: KeyedList<Choice>;
  private chosen: readonly string[] = [];
  private metrics: readonly string[] = [];

  constructor(private readonly onChange: (metrics: readonly string[]) => void) {
    this.choices = new KeyedList<Choice>(
      this.list,
      ({ metric }) => metric,
      ({ metric, chosen }) => {
        const { heading } = metricText(metric);
        const control = checkbox({ label: heading, title: metric, value: chosen, onChange: (wanted) => this.choose(metric, wanted) });
        return { element: control.element, update: (choice) => control.set(choice.chosen) };
      },
    );
  }

  /** `drawn`: metrics that the figure shows anyway. */
  update({ metrics, chosenMetrics }: PanelState, drawn: readonly string[]): void {
    if (metrics === this.metrics && chosenMetrics === this.chosen) return;
    [this.metrics, this.chosen] = [metrics, chosenMetrics];
    const offered = metrics.filter((metric) => !drawn.includes(metric));
    this.choices.update(offered.map((metric) => ({ metric, chosen: chosenMetrics.includes(metric) })));
  }

  private choose(metric: string, wanted: boolean): void {
    const chosen = new Set(this.chosen);
    if (wanted) chosen.add(metric);
    else chosen.delete(metric);
    // In the order in which the runs log them, whatever the order of the clicks.
    this.onChange([...this.metrics.filter((name) => chosen.delete(name)), ...chosen]);
  }
}
