import type { Aggregation } from '../src/core/figure/aggregate.ts';
import { Baseline } from '../src/core/panel/baseline.ts';
import type { BaselineMember } from '../src/core/panel/baseline.ts';
import { DifferenceSeries } from '../src/core/panel/differenceSeries.ts';
import type { ComparedAs } from '../src/core/panel/differenceSeries.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import type { RunSeries } from '../src/core/panel/runSeries.ts';
import type { BaselineChoice } from '../src/core/panel/view.ts';
import type { PanelSeries } from './series.ts';

/** What the runs of a panel are compared with. */
export interface ChosenBaseline {
  readonly choice: BaselineChoice;
  /** "dr_grpo", "dr_grpo seed 2". */
  readonly label: string;
  /** That count: no repeat of another one. */
  readonly runs: readonly PanelRun[];
}

/** The baseline among the runs of these series; null: it is not there. */
export function chosenBaseline(choice: BaselineChoice | null, series: readonly PanelSeries[]): ChosenBaseline | null {
  const own = series.find(({ runs }) => runs.some(({ id }) => id === choice?.run));
  const run = own?.runs.find(({ id }) => id === choice?.run);
  if (choice === null || own === undefined || run === undefined) return null;
  return choice.kind === 'run' ? { choice, label: run.label, runs: [run] } : { choice, label: own.name, runs: own.counted };
}

/** "mean of dr_grpo": what stands for the runs of a baseline in a chart. */
export function baselineText({ label, runs }: ChosenBaseline, aggregation: Aggregation): string {
  return runs.length > 1 ? `${aggregation} of ${label}` : label;
}

/** How a metric is compared with a baseline. */
export interface Comparing {
  readonly as: ComparedAs;
  readonly aggregation: Aggregation;
}

/** The series of a chart against a baseline; the same objects at every call, as long as the baseline is the same. */
export class SeriesAgainstBaseline {
  private members: readonly BaselineMember[] = [];
  private comparing: Comparing = { as: 'difference', aggregation: 'mean' };
  private baseline = new Baseline([], 'mean');
  private differences = new WeakMap<RunSeries, DifferenceSeries>();

  /** The series that are compared from now on are compared with these, in this way. */
  set(members: readonly BaselineMember[], comparing: Comparing): void {
    const isSame =
      comparing.as === this.comparing.as &&
      comparing.aggregation === this.comparing.aggregation &&
      members.length === this.members.length &&
      members.every(({ series, collapsed }, index) => {
        const member = this.members[index];
        return member?.series === series && member.collapsed === collapsed;
      });
    if (isSame) return;
    [this.members, this.comparing] = [members, comparing];
    this.baseline = new Baseline(members, comparing.aggregation);
    this.differences = new WeakMap();
  }

  of(series: RunSeries): RunSeries {
    let difference = this.differences.get(series);
    if (difference === undefined)
      this.differences.set(series, (difference = new DifferenceSeries(series, this.baseline, this.comparing.as)));
    return difference;
  }
}
