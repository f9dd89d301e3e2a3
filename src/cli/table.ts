import { singleLine, textWidth } from './output.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/**
 * A plain table, one line a row, columns two spaces apart. Where that is wider than `width` each row becomes a block of
 * `title  value` lines instead, so that nothing is lost on a narrow terminal.
 */
export function formatTable(columns: readonly Column[], given: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const rows = given.map((row) => row.map(singleLine));
  const widths = columns.map(({ title }, index) => Math.max(textWidth(title), ...rows.map((row) => textWidth(row[index] ?? ''))));
  const total = widths.reduce((sum, each) => sum + each + 2, -2);
  if (total > width) return stack(columns, rows);
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n');
}

/** Fills a cell with spaces up to `width` columns of the terminal. */
export function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}

function stack(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titleWidth = Math.max(...columns.map(({ title }) => textWidth(title)));
  return rows
    .map((row) => columns.map(({ title }, index) => `${pad(title, titleWidth, 'left')}  ${row[index] ?? ''}`).join('\n'))
    .join('\n\n');
}
