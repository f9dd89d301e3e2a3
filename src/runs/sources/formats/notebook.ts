import { isObject, setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import type { Malformed, RunFacts, RunFormat, RunSink, SourceEnd } from '../format.ts';
import { DocumentFile, documentFormat } from '../jsonDocument.ts';
import type { DocumentContents } from '../jsonDocument.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { TerminalText } from '../terminalText.ts';
import { HfDecoder } from './hfConsole.ts';

/**
 * A Jupyter notebook in which a Hugging Face trainer ran: the dicts in the outputs of its cells, and the tables that
 * `NotebookProgressCallback` of transformers shows instead of them.
 */
export const notebook: RunFormat = {
  ...documentFormat(
    {
      name: 'notebook',
      title: 'Jupyter notebook with the outputs of a Hugging Face trainer',
      sign: 'a .ipynb file with "cells" whose outputs have such lines, or a table of steps and training loss',
      sniff: ({ head, file }) => {
        const text = head.toString('latin1').trimStart();
        return text.startsWith('{') && text.includes('"cells"') && (file.endsWith('.ipynb') || text.includes('"cell_type"')) ? 0.95 : 0;
      },
    },
    notebookContents,
  ),
  async places(file) {
    const look = await new DocumentFile(file).look();
    const contents = look.state === 'changed' ? notebookContents(look.document) : undefined;
    // Most notebooks hold no training.
    return contents && contents.records.length > 0 ? [{ format: notebook.name, source: file }] : [];
  },
};

function notebookContents(document: unknown): DocumentContents | undefined {
  const cells = isObject(document) ? document['cells'] : undefined;
  if (!Array.isArray(cells)) return undefined;
  let contents = read(cells, []);
  // How many steps lie between two dicts may be known only at the end.
  if (contents.strides.some((stride) => stride !== 1)) contents = read(cells, contents.strides);
  const { records, malformedParts: malformed, known, ended } = contents;
  return { records, malformed, facts: known, ...(ended ? { end: ended } : {}) };
}

function read(cells: readonly unknown[], strides: readonly number[]): Collected & { readonly strides: readonly number[] } {
  const collected = new Collected();
  const decoder = new HfDecoder(collected, strides);
  for (const [index, cell] of cells.entries()) {
    const outputs = isObject(cell) ? cell['outputs'] : undefined;
    if (!Array.isArray(outputs)) continue;
    collected.cell = index + 1;
    const text = new TerminalText(decoder);
    let line = 1;
    for (const output of outputs as readonly unknown[]) {
      if (!isObject(output)) continue;
      const lines = textOf(output['text']).split('\n');
      text.take(
        lines.flatMap((one) => one.split(/(?<=\r)/)).filter((piece) => piece !== ''),
        line,
      );
      line += lines.length - 1;
      const data = isObject(output['data']) ? output['data'] : {};
      const rows = tableRecords(textOf(data['text/html']));
      if (rows.length > 0) decoder.settle(true);
      collected.metrics(rows);
    }
    decoder.settle(true);
  }
  return Object.assign(collected, { strides: decoder.strides });
}

/** Multi-line text of a notebook: a string, or a list of lines. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : '';
}

/** Rows of the tables with a column of steps (or of epochs, where evaluations come once in an epoch) and one of the training loss. */
function tableRecords(html: string): readonly MetricsRecord[] {
  const records: MetricsRecord[] = [];
  for (const table of html.split('<table').slice(1)) {
    const rows = table.split('</table>', 1)[0]?.split('<tr').slice(1).map(cellsOf) ?? [];
    const [columns = [], ...lines] = rows;
    const at = columns.indexOf('Step') >= 0 ? columns.indexOf('Step') : columns.indexOf('Epoch');
    if (at < 0 || !columns.includes('Training Loss')) continue;
    for (const cells of lines) {
      const step = pythonNumber(cells[at] ?? '');
      if (step === undefined || !Number.isFinite(step)) continue;
      const data: Record<string, number> = {};
      for (const [index, key] of columns.entries()) {
        const number = index === at ? undefined : pythonNumber(cells[index] ?? '');
        if (number !== undefined) setOwn(data, key, number);
      }
      records.push({ step, time: Number.NaN, data });
    }
  }
  return records;
}

/** Texts of the cells of a row, whose opening tag has been begun. */
function cellsOf(row: string): string[] {
  return row
    .split(/<t[hd](?=[\s>])/)
    .slice(1)
    .map((cell) => unescaped(cell.slice(cell.indexOf('>') + 1).split('<', 1)[0] ?? '').trim());
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

/** Keeps what a decoder tells. */
class Collected implements RunSink {
  readonly records: MetricsRecord[] = [];
  readonly malformedParts: Malformed[] = [];
  known: RunFacts = {};
  ended: SourceEnd | undefined;
  /** Number of the cell that is being read, from 1. */
  cell = 0;

  facts(facts: RunFacts): void {
    this.known = { ...this.known, ...facts };
  }

  metrics(records: readonly MetricsRecord[]): void {
    this.records.push(...records);
  }

  stretches(): void {}

  forget(): void {}

  malformed({ line, why }: Malformed): void {
    this.malformedParts.push({ line, why: `in the output of cell ${this.cell}, ${why}` });
  }

  note(): void {}

  end(end: SourceEnd | undefined): void {
    this.ended = end;
  }

  reset(): void {}
}
