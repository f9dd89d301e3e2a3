import path from 'node:path';
import { isObject, parse, setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import { mayBe } from '../../../core/records/metricRoles.ts';
import type { Glimpse, RunFormat, RunReader, RunSink } from '../format.ts';
import { lineFormat } from '../lineFormat.ts';
import type { LineDecoder } from '../lineFormat.ts';
import { RecordSplitter, cellNumber, cellsOf, delimiterOf } from '../tables/csvRecord.ts';
import { isLongForm, stepColumn, timeColumn } from '../tables/tableHeader.ts';
import { trialFacts } from '../tables/trialFacts.ts';

/** Lines that one record may go over: a text in a cell has some; a quote that nobody closed would take in the rest of the file. */
const mostLines = 1000;

/** Rows of a file that are looked at to tell what it is. */
const sniffedRows = 50;

const description = {
  name: 'csv',
  title: 'CSV table with a row for each step, as SB3, Ray Tune and Lightning write it',
  sign: 'a header of names, one of them a step ("step", "training_iteration", "time/total_timesteps"), and rows of numbers',
  sniff,
} as const;

/** Tables of metrics with a header. */
export const csv: RunFormat = {
  ...description,
  open(place, sink, options): RunReader {
    let isTold = false;
    const decoderFor = (to: RunSink) => {
      isTold = false;
      return new CsvDecoder(to);
    };
    const table = lineFormat(description, decoderFor).open(place, sink, options);
    return {
      async read(how) {
        await table.read(how);
        if (!isTold) sink.facts(await trialFacts(place.source));
        isTold = true;
      },
    };
  },
};

class CsvDecoder implements LineDecoder {
  /** First column that is a metric. */
  private first = 0;
  private names: readonly string[] | undefined;
  private delimiter = ',';
  private splitter: RecordSplitter | undefined;
  private step: number | undefined;
  private time: number | undefined;
  /** Seconds since 1970 from which the times of a monitor file count. */
  private start = Number.NaN;
  /** Rows so far: the steps of a table that has no column for them. */
  private rows = 0;
  /** Lines of a record that goes on. */
  private open: string[] = [];
  private told: MetricsRecord[] = [];
  /** The last row, and whether it is among those to be told. */
  private last: { step: number; time: number; data: Record<string, number> } | undefined;

  constructor(private readonly sink: RunSink) {}

  take(lines: readonly string[], number: number): void {
    for (let index = 0; index < lines.length; index++) this.takeLine(lines[index] as string, number + index);
    this.tell();
  }

  takeTorn(line: string, number: number): void {
    if (this.open.length > 0 || this.names === undefined || !isRow(line)) return;
    // The last cell may be cut off, anywhere.
    const end = line.lastIndexOf(this.delimiter);
    const cells = end < 0 ? undefined : cellsOf(line.slice(0, end), this.delimiter);
    if (cells) this.takeRow(cells, number);
    this.tell();
  }

  private takeLine(line: string, number: number): void {
    if (!this.splitter) {
      line = line.replace(/^\u{feff}/u, '');
      if (!isRow(line)) this.takeComment(line);
      else this.splitter = new RecordSplitter((this.delimiter = delimiterOf(line)));
    }
    const { splitter } = this;
    if (!splitter || (this.open.length === 0 && !isRow(line))) return;
    const cells = splitter.feed(line);
    if (cells) {
      this.open = [];
      this.takeCells(cells, number);
      return;
    }
    this.open.push(line);
    if (this.open.length > mostLines) this.giveUpRecord(number);
  }

  /** The first line of a record that never ends is none; the lines after it are records of their own. */
  private giveUpRecord(number: number): void {
    const first = number - this.open.length + 1;
    const [, ...others] = this.open;
    this.open = [];
    this.splitter = new RecordSplitter(this.delimiter);
    this.sink.malformed({ line: first, why: `a quoted cell does not end within ${mostLines} lines` });
    for (const [index, line] of others.entries()) {
      const cells = isRow(line) ? cellsOf(line, this.delimiter) : undefined;
      if (cells) this.takeCells(cells, first + 1 + index);
    }
  }

  private takeCells(cells: readonly string[], number: number): void {
    if (this.isHeader(cells)) this.takeHeader(cells);
    else this.takeRow(cells, number);
  }

  /** The first row, and any row that names the steps again: a program that went on with the file may know other metrics. */
  private isHeader(cells: readonly string[]): boolean {
    if (this.names === undefined) return true;
    const name = this.names[this.step ?? 0] as string;
    return name !== '' && cells.includes(name) && cells.every((cell) => cellNumber(cell) === undefined);
  }

  private takeHeader(cells: readonly string[]): void {
    this.names = cells;
    // What `otb export` writes: the first two columns are no metrics.
    this.first = cells[0] === 'step' && cells[1] === 'time' ? 2 : 0;
    this.step = this.first > 0 ? 0 : stepColumn(cells)?.index;
    this.time = timeColumn(cells) ?? (Number.isNaN(this.start) ? undefined : cells.indexOf('t'));
  }

  /** Monitor files of Gym and SB3 begin with `#{"t_start": 1795814170.99, "env_id": "CartPole-v1"}`. */
  private takeComment(line: string): void {
    const value = parse(line.slice(1));
    if (!isObject(value)) return;
    if (typeof value['t_start'] === 'number') this.start = value['t_start'];
    if (typeof value['env_id'] === 'string') this.sink.facts({ parameters: { env_id: value['env_id'] } });
  }

  private takeRow(cells: readonly string[], number: number): void {
    const { names = [], step: column } = this;
    if (cells.length > names.length && cells.slice(names.length).some((cell) => cell.trim() !== '')) {
      this.sink.malformed({ line: number, why: `it has ${cells.length} cells, and the header ${names.length}` });
      return;
    }
    const step = column === undefined ? this.rows : cellNumber(cells[column] ?? '');
    if (step === undefined || !Number.isFinite(step)) {
      this.sink.malformed({ line: number, why: `${names[column as number]}, its step, is "${shown(cells[column as number])}"` });
      return;
    }
    const data: Record<string, number> = {};
    for (let index = this.first; index < cells.length && index < names.length; index++) {
      const cell = cells[index] as string;
      const value = cell === '' ? undefined : cellNumber(cell);
      if (value !== undefined && names[index] !== '') setOwn(data, names[index] as string, value);
    }
    this.rows++;
    this.add(step, this.timeOf(cells), data);
  }

  private timeOf(cells: readonly string[]): number {
    const cell = this.time === undefined ? undefined : cells[this.time];
    const value = cell === undefined ? undefined : cellNumber(cell);
    if (value === undefined) return Number.NaN;
    const time = Number.isNaN(this.start) ? value : this.start + value;
    // A column of that name may count from the start of the run.
    return time > 1e9 && time < 1e11 ? time : Number.NaN;
  }

  /** Lightning writes a row for the training, one for the epoch, one for the validation: a step has all of them. */
  private add(step: number, time: number, data: Record<string, number>): void {
    const { last } = this;
    if (
      last?.step === step &&
      Object.entries(data).every(([key, value]) => !Object.hasOwn(last.data, key) || Object.is(last.data[key], value))
    ) {
      const added: Record<string, number> = {};
      for (const [key, value] of Object.entries(data)) if (!Object.hasOwn(last.data, key)) setOwn(added, key, value);
      if (Object.keys(added).length === 0) return;
      for (const [key, value] of Object.entries(added)) setOwn(last.data, key, value);
      if (this.told.at(-1) !== last) this.told.push({ step, time, data: added });
      return;
    }
    this.last = { step, time, data };
    this.told.push(this.last);
  }

  private tell(): void {
    if (this.told.length === 0) return;
    this.sink.metrics(this.told);
    // What was told is the receiver's: additions to the step are told as such.
    if (this.last) this.last = { ...this.last, data: { ...this.last.data } };
    this.told = [];
  }
}

function sniff({ file, head, size }: Glimpse): number {
  if (head.includes(0)) return 0;
  const text = head.toString('utf8').replace(/^\u{feff}/u, '');
  const all = text.split(/\r?\n/);
  if (head.length < size) all.pop();
  const isMonitor = /^#\{.*"t_start"/.test(text);
  const [header, ...rows] = all.filter(isRow).slice(0, sniffedRows + 1);
  // JSON, XML and config files have commas as well.
  if (header === undefined || /^\s*[{[<(]/.test(header)) return 0;
  const delimiter = delimiterOf(header);
  const names = cellsOf(header, delimiter);
  if (names === undefined || names.length < 2 || names.some((name) => name.length > 300 || cellNumber(name) !== undefined)) return 0;
  if (isLongForm(names) || new Set(names).size < names.length) return 0;
  const look = lookAt(rows, delimiter, names.length);
  if (look === 'text') return 0;
  if (isMonitor && names.includes('r') && names.includes('l')) return 0.95;
  const column = stepColumn(names);
  if (column?.isTelling === true) return look === 'empty' ? 0.6 : 0.9;
  if (look === 'empty') return 0;
  const known = names.filter((name) => name.length > 1 && isMetricOfTraining(name)).length;
  const isNamed = /(?:^|[._-])(?:progress|metrics|monitor)\.(?:csv|tsv|txt)$/.test(path.basename(file));
  if (column !== undefined && (known > 0 || isNamed)) return 0.8;
  return known > 1 || isNamed ? 0.6 : 0;
}

/** Whether rows are as long as the header and have more numbers than texts. */
function lookAt(rows: readonly string[], delimiter: string, length: number): 'numbers' | 'text' | 'empty' {
  let [numbers, filled, whole, records] = [0, 0, 0, 0];
  for (const row of rows) {
    const cells = cellsOf(row, delimiter);
    if (cells === undefined) continue;
    records++;
    if (cells.length === length) whole++;
    for (const cell of cells) {
      if (cell.trim() === '') continue;
      filled++;
      if (cellNumber(cell) !== undefined) numbers++;
    }
  }
  if (filled === 0) return 'empty';
  return numbers * 2 >= filled && whole * 2 > records ? 'numbers' : 'text';
}

function isMetricOfTraining(name: string): boolean {
  const roles = ['gradNorm', 'score', 'entropy', 'kl', 'responseLength', 'clipRatio', 'learningRate'] as const;
  return roles.some((role) => mayBe(role, name)) || /(?:^|[/_ .-])(?:loss|rewards?|return|accuracy|acc)(?:$|[/_ .-])/i.test(name);
}

function isRow(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}

function shown(cell = ''): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}
