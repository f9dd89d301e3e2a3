import type { BaselineChoice, PanelView } from '../../src/core/panel/view.ts';
import { html, setVisible } from '../dom.ts';
import type { PanelState } from '../panelState.ts';
import { Choice } from './choice.ts';
import { checkbox } from './toolkit.ts';

const none = 'none';

/** What the runs are compared with, and whether the charts show the difference. */
export class BaselinePicker {
  private readonly choice: Choice;
  private readonly difference;
  readonly element: HTMLElement;
  private choices: readonly BaselineChoice[] = [];

  constructor(view: PanelView, set: (change: Partial<PanelView>) => void) {
    this.choice = new Choice('baseline-picker', {
      label: 'Baseline',
      title:
        'Run or series that the others are compared with, in the run table and in the charts. A series of several runs counts with its mean score and median norm',
      onChange: (picked) => {
        const baseline = this.choices[Number(picked)] ?? null;
        set({ baseline, difference: baseline !== null });
      },
    });
    this.difference = checkbox({
      label: 'Show difference',
      title: 'Charts show the difference from the baseline at the same step; for gradient norms on a log scale, the ratio',
      value: view.difference,
      onChange: (difference) => set({ difference }),
    });
    this.element = html(
      'div',
      { class: 'baseline', role: 'group', 'aria-label': 'Comparison with a baseline' },
      this.choice.element,
      this.difference.element,
    );
  }

  update(state: PanelState): void {
    const { choice, others, baseline, view } = state;
    const offered = choice.all.flatMap(({ name, counted, runs }): [BaselineChoice, string][] => {
      const [first] = counted.length > 0 ? counted : runs;
      return first === undefined ? [] : [[{ kind: 'series', run: first.id }, name]];
    });
    offered.push(
      ...others.series.map(({ series: label, name, run }): [BaselineChoice, string] => [
        { kind: 'series', run },
        state.labelOfOther(label, name),
      ]),
    );
    // One that was chosen in the run table.
    if (baseline?.choice.kind === 'run') offered.push([baseline.choice, baseline.label]);
    this.choices = offered.map(([choice]) => choice);
    const chosen = offered.findIndex(([choice, label]) => choice.kind === baseline?.choice.kind && label === baseline.label);
    const options = Object.fromEntries([[none, 'None'], ...offered.map(([, label], index) => [String(index), label])]);
    this.choice.update(options, chosen < 0 ? none : String(chosen));
    this.difference.set(view.difference);
    setVisible(this.difference.element, baseline !== null);
  }
}
