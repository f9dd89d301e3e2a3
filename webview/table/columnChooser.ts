import { html, setText } from '../dom.ts';
import { KeyedList } from '../keyedList.ts';
import type { ItemView } from '../keyedList.ts';
import { Popover } from '../controls/popover.ts';
import type { OfferedColumn } from './columns.ts';

/** Which columns the run table has: numbers, parameters, and the last value of any metric. */
export class ColumnChooser {
  private readonly list = html('div', { class: 'column-list' });
  readonly element: HTMLElement;
  private readonly choices: KeyedList<OfferedColumn>;

  /** `usual`: shows the columns of a new panel. */
  constructor(
    private readonly show: (column: string, isShown: boolean) => void,
    usual: () => void,
  ) {
    const reset = html('button', { type: 'button', class: 'menu-entry' }, 'Default columns');
    reset.addEventListener('click', usual);
    const content = html('div', {}, html('div', { class: 'legend-commands' }, reset), this.list);
    this.element = new Popover({ label: 'Columns', title: 'Columns of the run table', content }).element;
    this.choices = new KeyedList<OfferedColumn>(
      this.list,
      ({ column }) => column.id,
      (offered) => this.choice(offered),
    );
  }

  update(offered: readonly OfferedColumn[]): void {
    this.choices.update(offered);
  }

  private choice({ column }: OfferedColumn): ItemView<OfferedColumn> {
    const box = html('input', { type: 'checkbox' });
    const text = html('span', {});
    box.addEventListener('change', () => this.show(column.id, box.checked));
    return {
      element: html('label', { class: 'column-choice', title: column.title }, box, text),
      update({ column: { heading, group }, isShown }) {
        setText(text, group === 'metric' ? `${heading} (last)` : heading);
        if (box.checked !== isShown) box.checked = isShown;
      },
    };
  }
}
