import type { HostMessage, PanelMessage } from '../src/core/panel/messages.ts';
import { parseHostMessage } from '../src/core/panel/parseMessages.ts';
import { alone, withRun } from '../src/core/panel/shownRuns.ts';
import { roleColumns } from '../src/core/panel/rows.ts';
import type { FigureRole } from '../src/core/panel/rows.ts';
import { choicesIn } from '../src/core/panel/view.ts';
import type { PanelMemory, PanelView } from '../src/core/panel/view.ts';
import { isUsual } from '../src/core/panel/chartAxis.ts';
import type { ChartAxis } from '../src/core/panel/chartAxis.ts';
import { Announcer } from './announcer.ts';
import type { Frames } from './chart/frames.ts';
import { Charts } from './charts.ts';
import { Collapses } from './collapses.ts';
import { ColumnShare } from './columnShare.ts';
import { smoothingBy } from './controls/smoothingControl.ts';
import { html } from './dom.ts';
import { PanelExport } from './export/panelExport.ts';
import { GpuRows } from './gpuRows.ts';
import { Header } from './header.ts';
import { Legend } from './legend.ts';
import { Notices } from './notices.ts';
import { PanelState, looksAlike } from './panelState.ts';
import { RunTable } from './table/runTable.ts';
import type { Theme } from './theme.ts';
import { StepNoteList } from './stepNoteList.ts';
import { Toolbar } from './toolbar.ts';

/** What a page needs of its surroundings. */
export interface PageHost {
  post(message: PanelMessage): void;
  remember(memory: PanelMemory): void;
}

const tableId = 'run-table';

/**
 * A run panel. What arrives changes the state, and the parts of the page are told: each checks whether what it shows has changed, and
 * charts wait for the next animation frame to draw all that is due at once.
 */
export class Page {
  private readonly state: PanelState;
  private readonly header = new Header();
  private readonly toolbar: Toolbar;
  private readonly notices: Notices;
  private readonly collapses: Collapses;
  private readonly stepNotes: StepNoteList;
  private readonly legend: Legend;
  private readonly charts: Charts;
  private readonly table: RunTable;
  private readonly gpus = new GpuRows();
  private readonly announcer = new Announcer();
  readonly element: HTMLElement;
  private askedColumns = '';
  private readonly share: ColumnShare;
  private readonly exports: PanelExport;

  constructor(
    private readonly host: PageHost,
    memory: PanelMemory | null,
    theme: Theme,
    frames: Frames,
  ) {
    this.state = new PanelState(memory);
    const act = (action: Extract<PanelMessage, { type: 'action' }>['action'], run: string): void =>
      host.post({ type: 'action', action, runs: [run] });
    this.toolbar = new Toolbar(this.state.view, {
      setView: (change) => this.setView(change),
      smoothBy: (by) => this.setView({ smoothing: smoothingBy(by, this.state.view.smoothing, this.state.stepsInSight) }),
      forgetChoices: () => this.forgetChoices(),
      chooseMetric: (role, metric) => this.chooseMetric(role, metric),
      export: (format) => this.exports.save(format),
      compare: (action) => host.post({ type: 'action', action, runs: this.shownRuns }),
    });
    this.notices = new Notices(act);
    this.stepNotes = new StepNoteList({
      edit: (place) => host.post({ type: 'note', place }),
      show: (run, step) => this.pinAt(this.state.dataOf(run).xAtStep(this.state.view.x, step)),
    });
    this.collapses = new Collapses(act);
    this.legend = new Legend((change) => this.setView(change));
    this.charts = new Charts({
      theme,
      frames,
      tableId,
      onRange: (range) => this.setView({ range }),
      onCrosshair: (x) => this.setCrosshair(x),
      onNeed: () => this.share.tellSoon(),
      onPin: (metric, x) => {
        this.state.pinned = metric;
        this.setCrosshair(x);
      },
      note: (place) => host.post({ type: 'note', place }),
      onShowHidden: () => this.setView({ robust: false }),
      enlarge: (enlarged) => this.setView({ enlarged }),
      setAxis: (metric, axis) => this.setAxis(metric, axis),
      copyPicture: (chart) => this.exports.copyPicture(chart),
      copyData: (model) => this.exports.copyData(model),
    });
    this.table = new RunTable(tableId, {
      act,
      setView: (change) => this.setView(change),
      sort: (sort) => this.setView({ sort }),
      highlight: (run) => this.highlight(run),
      show: (run, isShown) => this.setView({ shown: withRun(this.state.view.shown, run, isShown, this.state.choice.all) }),
      showAlone: (run) => this.setView({ shown: alone(this.state.view.shown, run) }),
      pin: (run, isPinned) => this.pin(run, isPinned),
    });
    this.share = new ColumnShare(this.state, this.charts, (share) => host.post({ type: 'share', share }));
    this.exports = new PanelExport(this.state, this.charts, theme, (message) => host.post(message));
    const { header, toolbar, legend, charts, collapses, stepNotes, notices, gpus, table, announcer } = this;
    // Figure 1 first: what stands above it has one line each.
    const above = [header, toolbar, legend].map(({ element }) => element);
    const below = [collapses.element, stepNotes.element, notices.element, gpus.element, charts.multiples, table.element, announcer.element];
    this.element = html('main', { class: 'panel' }, ...above, charts.element, ...below);
    theme.onChange(() => this.charts.update(this.state));
    this.update();
    host.post({ type: 'ready' });
  }

  /** Takes in what the extension said. Throws where it is no message. */
  receive(data: unknown): void {
    const message = parseHostMessage(data);
    if (typeof message === 'string') throw new Error(`A message of the extension cannot be read: ${message}.`);
    this.accept(message);
  }

  private accept(message: HostMessage): void {
    const { state } = this;
    switch (message.type) {
      case 'open':
        state.open(message.title, message.subject, message.link, message.settings);
        this.gpus.update([]);
        this.remember();
        break;
      case 'runs':
        state.setRuns(message.runs, message.references ?? []);
        break;
      case 'overview':
      case 'rows':
        if (message.type === 'rows') state.dataOf(message.run).accept(message.rows);
        else state.dataOf(message.run).acceptOverview(message.rows);
        this.notices.update(state);
        this.toolbar.grow(state);
        this.charts.grow(state);
        this.table.grow(state);
        this.share.tellSoon();
        return;
      case 'share':
        state.others = message.share;
        this.charts.update(state);
        this.toolbar.update(state);
        return;
      case 'link': {
        const { view } = state;
        state.follow(message.view);
        if (state.view === view) {
          // Only the crosshair of another panel has moved: the curves here are as they were.
          this.charts.setCrosshair(state);
          return;
        }
        this.remember();
        break;
      }
      case 'settings':
        state.settings = message.settings;
        break;
      case 'gpus':
        this.gpus.update(message.gpus);
        return;
    }
    this.update();
    this.askForColumns();
  }

  private update(): void {
    const { state } = this;
    this.element.classList.toggle('has-enlarged', state.enlarged !== null);
    // Columns of a comparison have all their charts at the same height: what collapsed stands under the small ones.
    this.element.classList.toggle('is-linked', state.link !== null);
    this.element.classList.toggle('is-stacked', state.view.layout === 'stacked');
    for (const part of [this.header, this.toolbar, this.notices, this.collapses, this.stepNotes, this.legend, this.charts, this.table])
      part.update(state);
    this.announcer.update(state.runs);
    this.share.tellSoon();
  }

  private setView(change: Partial<PanelView>): void {
    this.look(change);
    const choices = choicesIn(change);
    if (Object.keys(choices).length > 0) this.host.post({ type: 'choices', choices });
  }

  private forgetChoices(): void {
    this.look(this.state.usualChoices);
    this.host.post({ type: 'choices', choices: null });
  }

  private look(change: Partial<PanelView>): void {
    const { view } = this.state;
    this.state.setView(change);
    this.update();
    this.askForColumns();
    this.remember();
    if (!looksAlike(view, this.state.view)) this.tellLinked();
  }

  private pin(run: string, isPinned: boolean): void {
    this.setView(isPinned ? { baseline: { kind: 'run', run } } : { baseline: null, difference: false });
  }

  private setCrosshair(x: number | null): void {
    this.state.crosshair = x;
    this.charts.setCrosshair(this.state);
    this.tellLinked();
  }

  /** Holds the crosshair of the first chart at a place; null: the step has not arrived, or has no place on the axis. */
  private pinAt(x: number | null): void {
    if (x === null) return;
    this.state.pinned = roleColumns.gradNorm;
    this.setCrosshair(x);
    this.charts.element.scrollIntoView({ block: 'nearest' });
  }

  private highlight(run: string | null): void {
    if (this.state.highlighted === run) return;
    this.state.highlighted = run;
    this.charts.update(this.state);
  }

  private tellLinked(): void {
    if (this.state.link !== null) this.host.post({ type: 'link', view: this.state.linkedView });
  }

  private remember(): void {
    const { memory } = this.state;
    if (memory !== null) this.host.remember(memory);
  }

  private askForColumns(): void {
    // The extension has not sent the list of runs yet.
    if (this.state.runs === null) return;
    const columns = this.state.wantedColumns;
    const asked = columns.join('\n');
    if (asked === this.askedColumns) return;
    this.askedColumns = asked;
    this.host.post({ type: 'columns', columns });
  }

  private get shownRuns(): readonly string[] {
    return this.state.shownRuns.map((run) => run.id);
  }

  /** Of the runs that are shown those that log the metric, so that none loses the one that it has. */
  private chooseMetric(role: FigureRole, metric: string | null): void {
    const runs = this.state.shownRuns.filter(({ metrics }) => metric === null || metrics.includes(metric));
    this.host.post({ type: 'metricKey', role, metric, runs: runs.map((run) => run.id) });
  }

  private setAxis(metric: string, axis: ChartAxis): void {
    const others = Object.entries(this.state.view.axes).filter(([name]) => name !== metric);
    this.setView({ axes: Object.fromEntries(isUsual(axis) ? others : [...others, [metric, axis]]) });
  }
}
