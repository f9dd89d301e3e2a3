import type { PanelView } from '../../src/core/panel/view.ts';
import { html, setAttribute, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import { KeyedList } from '../keyedList.ts';
import type { ItemView } from '../keyedList.ts';
import type { PanelState } from '../panelState.ts';
import type { RunChoice } from '../runChoice.ts';
import { ColumnChooser } from './columnChooser.ts';
import { metricColumns, metricsOf, offeredColumns } from './columns.ts';
import type { TableColumn } from './columns.ts';
import { baselineFirst, tableBaseline } from './deltas.ts';
import { runRow } from './runRow.ts';
import type { RowActions, TableRow } from './runRow.ts';
import { RowWindow } from './rowWindow.ts';
import { sortedRuns } from './sorting.ts';
import { TableBar } from './tableBar.ts';

type Sort = PanelView['sort'];

interface Heading {
  readonly column: TableColumn;
  readonly sort: Sort;
}

export interface TableActions extends RowActions {
  sort(sort: Sort): void;
  setView(change: Partial<PanelView>): void;
}

/** Milliseconds from rows to the last values of metrics in the table. */
const growthDelay = 500;

/** One row for each run, sortable by every column: the charts in numbers. */
export class RunTable {
  private readonly headings = html('tr', {});
  private readonly body = html('tbody', {});
  readonly element: HTMLElement;
  private readonly table: HTMLElement;
  private readonly bar: TableBar;
  private readonly chooser: ColumnChooser;
  private readonly window: RowWindow;
  private readonly headingList: KeyedList<Heading>;
  private readonly rowList: KeyedList<TableRow>;
  private choice: RunChoice | null = null;
  private view: PanelView | null = null;
  private rows: readonly TableRow[] = [];
  private growth: ReturnType<typeof setTimeout> | null = null;

  /** `id`: charts refer to the table by it. */
  constructor(
    id: string,
    private readonly actions: TableActions,
  ) {
    const { setView } = actions;
    const chosen = (): PanelView['columns'] => this.view?.columns ?? {};
    this.chooser = new ColumnChooser(
      (column, isShown) => setView({ columns: { ...chosen(), [column]: isShown } }),
      () => setView({ columns: {} }),
    );
    this.bar = new TableBar(`${id}-title`, setView, this.chooser.element);
    this.table = html('table', { id, 'aria-labelledby': `${id}-title` });
    const area = html('div', { class: 'table-scroll', role: 'region', 'aria-label': 'Run table', tabindex: 0 }, this.table);
    this.window = new RowWindow(area, this.body);
    this.table.append(html('thead', {}, this.headings), this.body);
    area.addEventListener('scroll', () => requestAnimationFrame(() => this.showRows()), { passive: true });
    this.element = html('section', { class: 'run-table', 'aria-label': 'Runs', hidden: true }, this.bar.element, area);
    this.headingList = new KeyedList<Heading>(
      this.headings,
      ({ column }) => column.id,
      (heading) => this.heading(heading),
    );
    // Where other parameters differ now, the table has other columns, and every run gets a new row.
    const keyOf = ({ run, series: { name, style, dash }, columns: shown }: TableRow): string =>
      [run.id, name, style.light, dash.join(), ...shown.map(({ id: column }) => column)].join('\n');
    this.rowList = new KeyedList<TableRow>(this.body, keyOf, (row) => runRow(row, actions));
  }

  update(state: PanelState): void {
    const { runs, series, view, choice, baseline } = state;
    if (choice === this.choice && view === this.view) return;
    [this.choice, this.view] = [choice, view];
    setVisible(this.element, runs !== null && runs.length > 0);
    this.bar.update(state);
    const metrics = metricColumns(state.loggedMetrics, (run, metric) => state.dataOf(run).last(metric));
    const offered = offeredColumns(runs ?? [], metrics, view.columns);
    // What a run is called always stands there.
    this.chooser.update(offered.slice(1));
    const all = offered.flatMap(({ column, isShown }, index) => (isShown || index === 0 ? [column] : []));
    const { sort } = view;
    this.headingList.update([...all.slice(0, 1), actionColumn, ...all.slice(1)].map((column) => ({ column, sort })));
    const seriesOf = new Map(series.flatMap((entry) => entry.runs.map((run) => [run.id, entry] as const)));
    const sorted = sortedRuns(
      series.flatMap((entry) => entry.runs),
      all.find(({ id }) => id === sort.column),
      sort.descending,
    );
    const against = baseline === null ? null : tableBaseline(baseline);
    this.rows = baselineFirst(sorted, against).flatMap((run) => {
      const of = seriesOf.get(run.id);
      return of === undefined ? [] : [{ run, series: of, columns: all, isHidden: !choice.shownIds.has(run.id), baseline: against }];
    });
    this.showRows();
  }

  /** Takes in new rows of metrics, where the table has the last values of any. */
  grow(state: PanelState): void {
    if (metricsOf(state.view.columns).length === 0) return;
    this.growth ??= setTimeout(() => {
      this.growth = null;
      this.choice = null;
      this.update(state);
    }, growthDelay);
  }

  private showRows(): void {
    const [from, to] = this.window.range(this.rows.length);
    const isWhole = to - from === this.rows.length;
    setAttribute(this.table, 'aria-rowcount', isWhole ? null : this.rows.length + 1);
    this.rowList.update(this.rows.slice(from, to));
    [...this.body.children].forEach((row, index) => setAttribute(row, 'aria-rowindex', isWhole ? null : from + index + 2));
  }

  private heading({ column }: Heading): ItemView<Heading> {
    if (column === actionColumn)
      return { element: html('th', { scope: 'col' }, html('span', { class: 'unseen' }, 'Actions')), update: () => undefined };
    const text = html('span', {});
    const arrows = [icon('ascending'), icon('descending')];
    const button = html('button', { type: 'button', class: 'sort' }, text, ...arrows);
    const element = html('th', { scope: 'col' }, button);
    let current = this.view?.sort;
    button.addEventListener('click', () => this.actions.sort(nextSort(column, current)));
    return {
      element,
      update({ column: { heading, title, isNumber }, sort }) {
        current = sort;
        setText(text, heading);
        setAttribute(button, 'title', title);
        element.classList.toggle('number', isNumber);
        setAttribute(element, 'aria-sort', sort.column !== column.id ? null : sort.descending ? 'descending' : 'ascending');
      },
    };
  }
}

/** Holds the buttons; nothing is sorted by it. */
const actionColumn: TableColumn = { id: 'actions', heading: '', title: '', isNumber: false, text: () => '', key: () => null };

/** The sorting after a click: the opposite direction, or in another column the largest numbers, first names or worst states on top. */
function nextSort({ id, isNumber }: TableColumn, sort: Sort | undefined): Sort {
  return sort?.column === id
    ? { column: id, descending: !sort.descending }
    : { column: id, descending: isNumber && id !== 'seed' && id !== 'onset' };
}
