const quote = '"';

/**
 * The cells of records of a CSV file, as Python's csv writes them: quoted where they hold a delimiter, a quote (doubled) or a newline.
 * Takes time in proportion to the lines, however many of them a record goes over.
 */
export class RecordSplitter {
  private cells: string[] = [];
  /** Lines of a quoted cell that has not ended. */
  private open: string[] | undefined;

  constructor(private readonly delimiter: string) {}

  /** Whether the lines so far end within a quoted cell. */
  get isWithinCell(): boolean {
    return this.open !== undefined;
  }

  /** Takes in the next line. Returns the cells of the record that ends with it; undefined: it goes on. */
  feed(line: string): readonly string[] | undefined {
    if (!this.open && !line.includes(quote)) return line.split(this.delimiter);
    for (let at = 0; ;) {
      let text = '';
      if (this.open ?? line[at] === quote) {
        const from = this.open ? at : at + 1;
        this.open ??= [];
        const end = endOfQuoted(line, from);
        this.open.push(line.slice(from, end).replaceAll('""', quote));
        if (end === undefined) return undefined;
        text = this.open.join('\n');
        this.open = undefined;
        at = end + 1;
      }
      const next = line.indexOf(this.delimiter, at);
      this.cells.push(text + line.slice(at, next < 0 ? line.length : next));
      if (next < 0) break;
      at = next + this.delimiter.length;
    }
    const { cells } = this;
    this.cells = [];
    return cells;
  }
}

/** The cells of a record on one line; undefined: it does not end there. */
export function cellsOf(line: string, delimiter: string): readonly string[] | undefined {
  return new RecordSplitter(delimiter).feed(line);
}

/** Where the quote stands that ends a cell; undefined: nowhere. */
function endOfQuoted(line: string, from: number): number | undefined {
  for (let at = line.indexOf(quote, from); at >= 0; at = line.indexOf(quote, at + 2)) if (line[at + 1] !== quote) return at;
  return undefined;
}

/** What separates the cells of a table, by its header. */
export function delimiterOf(header: string): string {
  let best = ',';
  for (const delimiter of ['\t', ';']) if (header.split(delimiter).length > header.split(best).length) best = delimiter;
  return best;
}

const words: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
  ['true', 1],
  ['false', 0],
]);

/** The number in a cell, also nan and inf in any spelling; True and False are 1 and 0. Undefined: it is empty, or a text. */
export function cellNumber(cell: string): number | undefined {
  const number = Number(cell);
  if (Number.isNaN(number)) return words.get(cell.trim().toLowerCase());
  // Number takes "" and " " for 0, and reads 0x10.
  if (number === 0 && cell.trim() === '') return undefined;
  return /^\s*[+-]?0[xob]/i.test(cell) ? undefined : number;
}
