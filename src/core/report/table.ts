import { element } from '../figure/markup.ts';
import type { Content, Markup } from '../figure/markup.ts';

export interface Column {
  readonly heading: string;
  /** What the column means, for those who ask. */
  readonly hint?: string;
  /** Right-aligned figures of equal width. */
  readonly numeric?: boolean;
}

/** A table whose first column names the row. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const heads = columns.map(({ heading, hint, numeric }) =>
    element('th', { scope: 'col', class: numeric === true ? 'numeric' : undefined, title: hint }, heading),
  );
  const body = rows.map((cells) =>
    element(
      'tr',
      {},
      ...cells.map((cell, index) =>
        index === 0
          ? element('th', { scope: 'row' }, cell)
          : element('td', { class: columns[index]?.numeric === true ? 'numeric' : undefined }, cell),
      ),
    ),
  );
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...body)),
  );
}
