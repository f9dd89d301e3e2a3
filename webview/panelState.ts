import type { PanelSettings } from '../src/core/panel/messages.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { pseudoColumns, roleColumns } from '../src/core/panel/rows.ts';
import { emptyShare, joinedRange } from '../src/core/panel/share.ts';
import type { PanelShare } from '../src/core/panel/share.ts';
import { inRuns } from '../src/core/panel/shownRuns.ts';
import { allShown, choicesIn, initialView, linkedFields, linkedView } from '../src/core/panel/view.ts';
import type { LinkedView, PanelMemory, PanelSubject, PanelView, ViewChoices, XAxisKind } from '../src/core/panel/view.ts';
import { hasCollapsed } from '../src/core/records/runState.ts';
import { SeriesAgainstBaseline, chosenBaseline } from './comparedWith.ts';
import type { ChosenBaseline, Comparing } from './comparedWith.ts';
import { columnsOf, withBaselinePowers } from './baselinePowers.ts';
import { figureMetrics } from './figureMetrics.ts';
import { suggestedMetrics } from './metricTexts.ts';
import { RunData } from './runData.ts';
import { changesChoice, chooseRuns } from './runChoice.ts';
import type { RunChoice } from './runChoice.ts';
import { panelSeries } from './series.ts';
import type { PanelSeries } from './series.ts';
import { metricsOf } from './table/columns.ts';

/** All that a run panel knows. What a part of the page shows follows from it; values are replaced, never changed, but for the rows. */
export class PanelState {
  title = '';
  subject: PanelSubject | null;
  link: string | null = null;
  /** Runs of another column of a comparison that the runs are compared with. */
  references: readonly PanelRun[] = [];
  settings: PanelSettings = { onsets: true };
  /** What the other panels of the comparison need together. */
  others: PanelShare = emptyShare;
  /** Null until the extension has sent them. */
  runs: readonly PanelRun[] | null = null;
  /** Which runs there are by the filter, and which are shown. */
  choice: RunChoice;
  /** Metrics that any of the runs logs and the figure does not show of all of them, and a chart that is made of several. */
  metrics: readonly string[] = [];
  view: PanelView;
  /** Metrics that are drawn small as long as the user has not chosen any. */
  private suggested: readonly string[] = [];
  /** In units of the x axis. */
  crosshair: number | null = null;
  private pin: string | null = null;
  /** Run that stands out because the pointer rests on it. */
  highlighted: string | null = null;
  /** Whether the view is that of a new panel, which begins with what was chosen in others. */
  private isNew: boolean;
  private readonly data = new Map<string, RunData>();
  /** By metric. */
  private readonly compared = new Map<string, SeriesAgainstBaseline>();

  constructor(memory: PanelMemory | null) {
    this.subject = memory?.subject ?? null;
    this.link = memory?.link ?? null;
    this.view = memory?.view ?? initialView;
    this.choice = chooseRuns([], this.view, []);
    this.isNew = memory === null;
  }

  open(title: string, subject: PanelSubject, link: string | null, settings: PanelSettings): void {
    const isAnother = this.subject !== null && JSON.stringify(this.subject) !== JSON.stringify(subject);
    if (isAnother) this.view = { ...this.view, range: null, filter: '', shown: allShown, groupBy: null, colorBy: null };
    [this.title, this.subject, this.link, this.settings] = [title, subject, link, settings];
    [this.runs, this.metrics, this.suggested, this.highlighted, this.crosshair] = [null, [], [], null, null];
    this.choice = chooseRuns([], this.view, []);
    this.pin = null;
    this.data.clear();
    if (this.isNew) this.view = { ...this.view, ...settings.defaults, ...settings.chosen };
    this.isNew = false;
  }

  /** All that can be chosen, as in a panel of which nobody has chosen anything. */
  get usualChoices(): ViewChoices {
    return { ...choicesIn(initialView), ...this.settings.defaults };
  }

  /** `references`: runs of another column of a comparison that these are compared with. */
  setRuns(runs: readonly PanelRun[], references: readonly PanelRun[] = []): void {
    [this.runs, this.references] = [runs, references];
    this.choose();
    const inFigure = figureMetrics(runs);
    const metrics = withBaselinePowers([...new Set(runs.flatMap((run) => run.metrics))].filter((metric) => !inFigure.has(metric)));
    if (metrics.join('\n') !== this.metrics.join('\n')) this.metrics = metrics;
    const keys = runs.flatMap((run) => run.metricKeys ?? []);
    const suggested = suggestedMetrics(metrics, keys);
    if (suggested.join('\n') !== this.suggested.join('\n')) this.suggested = suggested;
    const ids = new Set([...runs, ...references].map((run) => run.id));
    for (const id of this.data.keys()) if (!ids.has(id)) this.data.delete(id);
    if (this.highlighted !== null && !runs.some(({ id }) => id === this.highlighted)) this.highlighted = null;
  }

  /** The metrics of a run; they may arrive before the run itself does. */
  dataOf(run: string): RunData {
    let data = this.data.get(run);
    if (data === undefined) this.data.set(run, (data = new RunData()));
    return data;
  }

  setView(change: Partial<PanelView>): void {
    // A range and a crosshair are in units of the axis that they were chosen on.
    // What is shown by series is the same runs when these make other series.
    if (change.groupBy !== undefined && change.groupBy !== this.view.groupBy)
      this.view = { ...this.view, shown: inRuns(this.view.shown, this.choice.all) };
    const isOtherAxis = change.x !== undefined && change.x !== this.view.x;
    if (isOtherAxis) [this.crosshair, this.pin] = [null, null];
    this.view = { ...this.view, ...(isOtherAxis ? { range: null } : {}), ...change };
    if (changesChoice(change)) this.choose();
  }

  private choose(): void {
    this.choice = chooseRuns(this.runs ?? [], this.view, this.choice.terms);
  }

  follow({ crosshair, ...view }: LinkedView): void {
    const { x } = this.view;
    if (!looksAlike(view, this.view)) this.view = { ...this.view, ...view };
    // A crosshair that is pinned here stays, as long as it is in units of the axis.
    if (view.x !== x) this.pin = null;
    if (this.pinned === null) this.crosshair = crosshair;
  }

  /** Metric in whose chart the crosshair is pinned, so that the pointer does not move it; null: in none that is shown. */
  get pinned(): string | null {
    return this.pin !== null && this.crosshair !== null && this.drawn.includes(this.pin) ? this.pin : null;
  }

  set pinned(metric: string | null) {
    this.pin = metric;
  }

  /** How this panel looks at its runs, for those that are linked to it. */
  get linkedView(): LinkedView {
    return linkedView(this.view, this.crosshair);
  }

  /** Metrics that are to be drawn small: the user's choice, else those that tell most. */
  get chosenMetrics(): readonly string[] {
    return this.view.multiples ?? this.suggested;
  }

  /** Metrics that are drawn small: those chosen that a run logs. */
  get multiples(): readonly string[] {
    return this.chosenMetrics.filter((metric) => this.metrics.includes(metric));
  }

  /** Metric of the chart that fills the panel; null: none does, or it is not drawn any more. */
  get enlarged(): string | null {
    const { enlarged } = this.view;
    return enlarged !== null && this.drawn.includes(enlarged) ? enlarged : null;
  }

  /** Metrics of all charts. */
  private get drawn(): readonly string[] {
    return [...Object.values(roleColumns), ...this.multiples];
  }

  /**
   * All of the horizontal axis: every row of every run, whatever is shown of them; no outliers, where these are ignored. In a comparison,
   * of the runs of all its columns.
   */
  get extent(): readonly [number, number] {
    const extent = joinedRange(this.ownExtent, this.others.extents[this.view.x] ?? null);
    if (extent === null) return [0, 1];
    const [from, to] = extent;
    return from === to ? [from - 0.5, to + 0.5] : [from, to];
  }

  /** From the first to the last row of the runs of this panel; null: there is none. */
  get ownExtent(): readonly [number, number] | null {
    return this.extentOn(this.view.x);
  }

  /** About how many steps are in sight, whatever the horizontal axis. */
  get stepsInSight(): number {
    const width = ([from, to]: readonly [number, number]): number => to - from;
    const share = this.view.range === null ? 1 : width(this.view.range) / width(this.extent);
    return share * width(this.extentOn('step') ?? [0, 1]);
  }

  private extentOn(x: XAxisKind): readonly [number, number] | null {
    const ends = (this.runs ?? []).flatMap(({ id }) => this.data.get(id)?.extent(x, this.view.robust) ?? []);
    return ends.length === 0 ? null : [Math.min(...ends), Math.max(...ends)];
  }

  /** Runs that are nowhere on the horizontal axis, because they do not log what is on it. */
  get unplaced(): readonly PanelRun[] {
    return (this.runs ?? []).filter(({ id }) => this.data.get(id)?.lacks(this.view.x));
  }

  /** Series of the runs that pass the filter. */
  get series(): readonly PanelSeries[] {
    return this.choice.series;
  }

  /** Runs that pass the filter and are not hidden; another list whenever it, or any of the runs, has changed. */
  get shownRuns(): readonly PanelRun[] {
    return this.choice.shownRuns;
  }

  /** All metrics that any of the runs logs. */
  get loggedMetrics(): readonly string[] {
    return [...new Set((this.runs ?? []).flatMap((run) => run.metrics))];
  }

  /** Columns that the charts need, and the table for the last values of metrics. */
  get wantedColumns(): readonly string[] {
    const { x, columns } = this.view;
    const charts = this.drawn.flatMap((metric) => columnsOf(metric, this.loggedMetrics));
    const inTable = metricsOf(columns).filter((metric) => this.loggedMetrics.includes(metric));
    return [...new Set([...charts, ...inTable, ...(x === 'step' ? [] : [pseudoColumns[x]])])];
  }

  get hasRows(): boolean {
    return this.runs?.some((run) => (this.data.get(run.id)?.length ?? 0) > 0) ?? false;
  }

  /** What the runs are compared with; null: nothing, or it is gone. */
  get baseline(): ChosenBaseline | null {
    const { baseline } = this.view;
    const own = chosenBaseline(baseline, this.choice.all);
    if (own !== null) return own;
    const other = chosenBaseline(baseline, panelSeries(this.references, this.view));
    const [run] = other?.runs ?? [];
    return other === null || run === undefined ? null : { ...other, label: this.labelOfOther(other.label, run.name) };
  }

  /** What a series or a run of another column is called here. */
  labelOfOther(label: string, name: string): string {
    return this.runs?.some((run) => run.series === label || run.label === label) === true ? `${label} of ${name}` : label;
  }

  /** The series of a metric's chart, compared with the baseline in this way. */
  against({ runs }: ChosenBaseline, metric: string, comparing: Comparing): SeriesAgainstBaseline {
    let against = this.compared.get(metric);
    if (against === undefined) this.compared.set(metric, (against = new SeriesAgainstBaseline()));
    const members = runs.flatMap((run) => {
      const series = this.dataOf(run.id).series(this.view.x, metric);
      return series === null ? [] : [{ series, collapsed: hasCollapsed(run) }];
    });
    against.set(members, comparing);
    return against;
  }

  /** What is kept across a reload; null until the extension has said what the panel shows. */
  get memory(): PanelMemory | null {
    return this.subject === null ? null : { version: 1, subject: this.subject, link: this.link, view: this.view };
  }
}

/** Whether two panels of a comparison look at their runs in one way. */
export function looksAlike(a: Omit<LinkedView, 'crosshair'>, b: Omit<LinkedView, 'crosshair'>): boolean {
  return linkedFields.every((field) => a[field] === b[field] || JSON.stringify(a[field]) === JSON.stringify(b[field]));
}
