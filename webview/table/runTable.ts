import type { PanelView } from '../../src/core/panel/view.ts';
import { html, setAttribute, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import { KeyedList } from '../keyedList.ts';
import type { ItemView } from '../keyedList.ts';
import type { PanelState } from '../panelState.ts';
import type { RunChoice } from '../runChoice.ts';
import { columns, parameterColumns } from './columns.ts';
import type { TableColumn } from './columns.ts';
import { baselineFirst, tableBaseline } from './deltas.ts';
import { runRow } from './runRow.ts';
import type { RowActions, TableRow } from './runRow.ts';
import { sortedRuns } from './sorting.ts';

type Sort = PanelView['sort'];

interface Heading {
  readonly column: TableColumn;
  readonly sort: Sort;
}

export interface TableActions extends RowActions {
  sort(sort: Sort): void;
}

/** One row for each run, sortable by every column: the charts in numbers. */
export class RunTable {
  private readonly headings = html('tr', {});
  private readonly body = html('tbody', {});
  readonly element: HTMLElement;
  private readonly headingList: KeyedList<Heading>;
  private readonly rowList: KeyedList<TableRow>;
  private choice: RunChoice | null = null;
  private view: PanelView | null = null;

  /** `id`: charts refer to the table by it. */
  constructor(
    id: string,
    private readonly actions: TableActions,
  ) {
    const table = html('table', { id }, html('caption', {}, 'Runs'), html('thead', {}, this.headings), this.body);
    this.element = html('div', { class: 'table-scroll', role: 'region', 'aria-label': 'Run table', tabindex: 0, hidden: true }, table);
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

  update({ runs, series, view, choice, baseline }: PanelState): void {
    if (choice === this.choice && view === this.view) return;
    [this.choice, this.view] = [choice, view];
    setVisible(this.element, runs !== null && runs.length > 0);
    const all = [...columns.filter((column) => column.isFor?.(runs ?? []) ?? true), ...parameterColumns(runs ?? [])];
    const { sort } = view;
    this.headingList.update([...all, actionColumn].map((column) => ({ column, sort })));
    const seriesOf = new Map(series.flatMap((entry) => entry.runs.map((run) => [run.id, entry] as const)));
    const sorted = sortedRuns(
      series.flatMap((entry) => entry.runs),
      all.find(({ id }) => id === sort.column),
      sort.descending,
    );
    const against = baseline === null ? null : tableBaseline(baseline);
    this.rowList.update(
      baselineFirst(sorted, against).flatMap((run) => {
        const of = seriesOf.get(run.id);
        return of === undefined ? [] : [{ run, series: of, columns: all, isHidden: !choice.shownIds.has(run.id), baseline: against }];
      }),
    );
  }

  private heading({ column }: Heading): ItemView<Heading> {
    if (column === actionColumn) return { element: html('td', { class: 'action-heading' }), update: () => undefined };
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
