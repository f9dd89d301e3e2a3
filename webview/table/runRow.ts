import type { PanelAction } from '../../src/core/panel/messages.ts';
import { hasFiles } from '../../src/core/panel/panelRun.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { isForeign, processActions } from '../../src/core/records/runState.ts';
import { button } from '../controls/toolkit.ts';
import { html, setAttribute, setChildren, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import type { IconName } from '../icons.ts';
import type { ItemView } from '../keyedList.ts';
import { stateText } from '../runTexts.ts';
import type { PanelSeries } from '../series.ts';
import { seriesMark } from '../seriesMark.ts';
import type { TableColumn } from './columns.ts';
import { deltaText } from './deltas.ts';
import type { TableBaseline } from './deltas.ts';

export interface TableRow {
  readonly run: PanelRun;
  readonly series: PanelSeries;
  readonly columns: readonly TableColumn[];
  readonly isHidden: boolean;
  readonly baseline: TableBaseline | null;
}

export interface RowActions {
  act(action: PanelAction, run: string): void;
  highlight(run: string | null): void;
  show(run: string, isShown: boolean): void;
  /** Shows it alone, or everything again where it is alone. */
  showAlone(run: string): void;
  /** Compares the others with it, or with nothing any more. */
  pin(run: string, isPinned: boolean): void;
}

/** A row of the run table: what the run is called, what can be done with it, and a cell for each other column. */
export function runRow(created: TableRow, actions: RowActions): ItemView<TableRow> {
  const { id, label } = created.run;
  const eye = eyeButton(created, actions);
  const cells = created.columns.map(({ id: column, isNumber }) => cell(column, isNumber, created, eye.element));
  const action = (name: PanelAction, text: string, picture: IconName): HTMLElement =>
    button({ label: `${text}: ${label}`, title: text, icon: icon(picture), appearance: 'icon', onClick: () => actions.act(name, id) });
  const ofProcess = { stop: action('stop', 'Stop run', 'stop'), resume: action('resume', 'Resume run', 'resume') };
  const pin = pinButton(created, actions);
  const log = action('openLog', 'Open log', 'log');
  const config = action('openConfig', 'Open config', 'config');
  const more = action('label', 'Rename, tag, color or archive', 'more');
  const buttons = html('div', { class: 'row-actions' });
  const [name, ...others] = cells.map(({ element }) => element);
  const row = html('tr', {}, ...(name === undefined ? [] : [name]), html('td', { class: 'actions' }, buttons), ...others);
  for (const event of ['pointerenter', 'focusin']) row.addEventListener(event, () => actions.highlight(id));
  for (const event of ['pointerleave', 'focusout']) row.addEventListener(event, () => actions.highlight(null));
  return {
    element: row,
    update(item) {
      item.columns.forEach((column, index) => cells[index]?.update(column, item));
      const possible = processActions(item.run).map((name) => ofProcess[name]);
      const files = isForeign(item.run) ? [log] : [log, config];
      const isPinned = item.baseline?.runs.has(id) ?? false;
      const pins = item.run.numbers.step === null && !isPinned ? [] : [pin.element];
      setChildren(buttons, [...pins, ...(hasFiles(item.run) ? [...possible, ...files, more] : [])]);
      pin.set(isPinned);
      row.classList.toggle('is-baseline', isPinned);
      setAttribute(row, 'title', item.run.note);
      row.classList.toggle('is-hidden', item.isHidden);
      eye.set(!item.isHidden);
    },
  };
}

/** Shows and hides the run. */
function eyeButton({ run: { id, label } }: TableRow, actions: RowActions): { readonly element: HTMLElement; set(isShown: boolean): void } {
  const title = 'Click: show or hide the run. Alt+click: show it alone, or all again.';
  const element = html('button', { type: 'button', class: 'icon-button eye', title, 'aria-label': `Show ${label}` });
  const pictures = { true: icon('eye'), false: icon('eyeClosed') };
  let shown: boolean | null = null;
  element.addEventListener('click', (event) => {
    if (event.altKey) actions.showAlone(id);
    else actions.show(id, shown === false);
  });
  return {
    element,
    set(isShown) {
      if (isShown === shown) return;
      shown = isShown;
      setAttribute(element, 'aria-pressed', String(isShown));
      element.replaceChildren(pictures[`${isShown}`]);
    },
  };
}

/** Makes the run the baseline of the others. */
function pinButton({ run: { id, label } }: TableRow, { pin }: RowActions): { readonly element: HTMLElement; set(isPinned: boolean): void } {
  let shown = false;
  const named = { 'aria-label': `Baseline: ${label}`, 'aria-pressed': 'false', title: 'Compare the others with it' };
  const element = html('button', { type: 'button', class: 'icon-button pin', ...named }, icon('pin'));
  element.addEventListener('click', () => pin(id, !shown));
  return {
    element,
    set(isPinned) {
      if (isPinned === shown) return;
      shown = isPinned;
      setAttribute(element, 'aria-pressed', String(isPinned));
      setAttribute(element, 'title', isPinned ? 'Stop comparing the others with it' : 'Compare the others with it');
    },
  };
}

interface Cell {
  readonly element: HTMLElement;
  update(column: TableColumn, row: TableRow): void;
}

function cell(column: string, isNumber: boolean, { series }: TableRow, eye: HTMLElement): Cell {
  if (column === 'state') return stateCell();
  const text = html('span', {});
  const delta = html('span', { class: 'delta muted', hidden: true });
  const isName = column === 'estimator';
  const content = isName ? [html('span', { class: 'row-name' }, eye, seriesMark(series), text)] : [text, delta];
  const element = html(
    isName ? 'th' : 'td',
    isName ? { scope: 'row' } : { class: isNumber ? `number column-${column}` : null },
    ...content,
  );
  return {
    element,
    update({ text: textOf, compared }, { run, baseline }) {
      setText(text, textOf(run));
      const isCompared = compared !== undefined && baseline !== null;
      setVisible(delta, isCompared);
      if (!isCompared) return;
      setText(delta, deltaText(run, compared, baseline));
      setAttribute(delta, 'title', `Against ${baseline.label}`);
    },
  };
}

function stateCell(): Cell {
  const text = html('span', {});
  const state = html('span', { class: 'state' }, text);
  let shown: IconName | null = null;
  return {
    element: html('td', {}, state),
    update(column, { run }) {
      const { icon: name, tone, title = null } = stateText(run);
      setAttribute(state, 'title', title);
      setText(text, column.text(run));
      setAttribute(state, 'class', `state tone-${tone}`);
      if (name === shown) return;
      shown = name;
      state.replaceChildren(icon(name), text);
    },
  };
}
