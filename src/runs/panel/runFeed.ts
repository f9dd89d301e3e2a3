import { setImmediate } from 'node:timers/promises';
import { OverviewRows } from '../../core/panel/overviewRows.ts';
import { compactSteps, pseudoColumns, roleColumns } from '../../core/panel/rows.ts';
import type { Rows, StepColumn, ValueColumn } from '../../core/panel/rows.ts';
import { setOwn } from '../../core/records/json.ts';
import type { MetricKeys } from '../../core/records/metricRoles.ts';
import { MetricTable } from '../../core/records/metricTable.ts';
import type { OpenRun } from '../catalog/openRuns.ts';
import { RunStatistics } from './runStatistics.ts';
import type { WholeRunNumbers } from './runStatistics.ts';
import { readColumn, readCompactColumn, readRows } from './tableColumns.ts';
import { TokenTotals } from './tokenTotals.ts';

/** Where a run's metrics come from. */
export interface MetricSource {
  openMetrics(dir: string, onRows: (from: number) => void): OpenRun;
}

/** So many rows are worth to be made small before they are sent. */
const compactedRows = 10_000;
/** Numbers that are looked at in one go, for a few milliseconds. */
const overviewNumbers = 500_000;
/** Most parts of a run of which its overview shows the extremes: about as many as a chart is wide. */
const overviewParts = 2048;

/** Rows before the last one that may have been added to while a run was not read. */
const lateRows = 1000;

/** What a run that rests was when it was read last. */
interface Rested {
  readonly metrics: readonly string[];
  readonly notes: readonly string[];
  /** Rows that the page had as they were, and step and time of the last of them, by which it is known again. */
  readonly rows: number;
  readonly step: number;
  readonly time: number;
}

/** The metrics of one run, and how many of them a page has. */
export class RunFeed {
  /** Undefined while it rests. */
  private open: OpenRun | undefined;
  private totals = new TokenTotals(() => this.table);
  private readonly statistics: RunStatistics;
  /** Rows that the page has, of which those before `next` are as they are now. */
  private sent = 0;
  private next = 0;
  /** Columns that the page shows, and those that it has of the rows before `next`. */
  private wanted: ReadonlySet<string> = new Set();
  private columns: ReadonlySet<string> = new Set();
  /** What the page has an overview of: so many rows, and these columns. */
  private overview: { readonly rows: number; readonly columns: ReadonlySet<string> } = noOverview;
  /** The steps that were read last, until they change. */
  private steps: { readonly of: MetricTable; readonly from: number; readonly to: number; readonly steps: StepColumn } | undefined;
  /** The sample that the page has, with these columns. */
  private sampled: { readonly of: MetricTable | undefined; readonly columns: ReadonlySet<string> } = noSample;
  /** What is known of the run since it rested, until there are rows again. */
  private rested: Rested | undefined;
  private isWaking = false;

  /** `keys`: which of its metrics are which; `onRows`: there is something to take; `after`: of a branch, the last step that it has from another run. */
  constructor(
    private readonly source: MetricSource,
    private readonly dir: string,
    private keys: MetricKeys,
    private readonly onRows: () => void,
    after?: number,
  ) {
    this.statistics = new RunStatistics(after);
    this.open = this.follow();
  }

  /** Whether nothing of it is read. */
  get isResting(): boolean {
    return this.open === undefined;
  }

  /** Nobody looks: follows the run no more and keeps nothing that it logged. What the page has, and the numbers, stay known. */
  rest(): void {
    if (!this.open) return;
    const { metrics, notes, next } = this;
    const { steps, times, length } = this.table;
    if (length > 0 || !this.rested)
      this.rested = { metrics, notes, rows: next, step: steps[next - 1] ?? Number.NaN, time: times[next - 1] ?? Number.NaN };
    this.open.close();
    this.open = undefined;
    this.isWaking = false;
    this.steps = undefined;
    this.totals = new TokenTotals(() => this.table);
  }

  /** Somebody looks again. The page keeps what it has until all is read that there is; then it gets what is new. */
  async wake(): Promise<void> {
    if (this.open) return;
    const open = this.follow();
    [this.open, this.isWaking] = [open, this.sent > 0];
    await open.caughtUp;
    if (this.open !== open) return;
    this.isWaking = false;
    const { rows = 0, step, time } = this.rested ?? {};
    const { steps, times } = this.table;
    const goesOn = rows > 0 && steps[rows - 1] === step && times[rows - 1] === time;
    // Some metrics of a step are logged some steps later.
    this.next = Math.min(this.next, goesOn ? Math.max(0, rows - lateRows) : 0);
    if (!goesOn) this.statistics.changed(0);
    this.onRows();
  }

  private follow(): OpenRun {
    return this.source.openMetrics(this.dir, (from) => {
      if (this.isWaking) return;
      this.next = Math.min(this.next, from);
      if (from < (this.steps?.to ?? 0)) this.steps = undefined;
      this.totals.changed(from);
      // Of a run that was deleted the numbers stay.
      if (this.table.length > 0) this.statistics.changed(from);
      this.onRows();
    });
  }

  /** Takes in which of its metrics are which; what was read by other names is read again. */
  setKeys(keys: MetricKeys): void {
    const isSame = keys.gradNorm === this.keys.gradNorm && keys.score === this.keys.score;
    this.keys = keys;
    if (isSame) return;
    this.next = 0;
    this.statistics.changed(0);
  }

  /** Metrics that the run logs, in order of appearance. */
  get metrics(): readonly string[] {
    const read = this.sample ?? this.table;
    return read.length === 0 && this.rested ? this.rested.metrics : read.keys;
  }

  /** What is to be said beside its pictures. */
  get notes(): readonly string[] {
    return this.table.length === 0 && this.rested ? this.rested.notes : (this.open?.notes ?? []);
  }

  get numbers(): WholeRunNumbers {
    return this.statistics.numbers;
  }

  /**
   * Whether the page lacks rows or columns, or has rows that are no longer there. Of a run that lost all its rows, because it was
   * deleted or begins anew, the page keeps what it has until there are others.
   */
  get behind(): boolean {
    return this.lacksRows || this.unsampled.length > 0;
  }

  /** The same but for what a sample has. */
  get lacksRows(): boolean {
    const { length } = this.table;
    return length > 0 && (this.next < length || this.next < this.sent || this.missing.length > 0);
  }

  /** Whether the page wants columns that it has not had. */
  get lacksColumns(): boolean {
    return this.missing.length > 0;
  }

  /** Number of rows that the page lacks. */
  get backlog(): number {
    return this.table.length - this.next;
  }

  /** The page has nothing, and shows these columns. */
  restart(columns: ReadonlySet<string> = new Set()): void {
    this.next = 0;
    this.sent = 0;
    this.columns = new Set();
    this.overview = noOverview;
    this.sampled = noSample;
    this.wanted = columns;
  }

  /** From now on these columns are taken. */
  show(columns: ReadonlySet<string>): void {
    this.wanted = columns;
    // A column that the page no longer shows is no longer kept up: when it is shown again, it is as good as new.
    this.columns = new Set([...this.columns].filter((column) => columns.has(column)));
  }

  /**
   * Of a run that lacks more columns than fit into a message of `limit` numbers: some of its rows, few enough to be there at once, of
   * which its lines look as they will when all are there. No rows: there were more rows when the last overview was taken, and it must be
   * forgotten. Of a run that is being read its sample. Undefined: nothing to tell.
   */
  async takeOverview(limit: number): Promise<Rows | undefined> {
    const { missing, table, sample } = this;
    if (sample) return this.takeSample(sample);
    const { length } = table;
    if (length < this.overview.rows) {
      this.overview = noOverview;
      return { from: 0, steps: new Float64Array(), columns: {} };
    }
    const isNew = missing.some((column) => !this.overview.columns.has(column));
    if (!isNew || length * (missing.length + 1) <= limit) return undefined;
    this.overview = { rows: length, columns: new Set(missing) };
    const metrics = missing.flatMap((name) => table.column(this.metricOf(name))?.values ?? []);
    const numbersOfPart = (1 + 2 * metrics.length) * (1 + missing.length);
    const overview = new OverviewRows(metrics, length, Math.max(1, Math.min(overviewParts, Math.floor(limit / 8 / numbersOfPart))));
    // Everybody else's turn comes between two bits of a long run.
    while (overview.advance(Math.ceil(overviewNumbers / metrics.length))) await setImmediate();
    if (this.table !== table) {
      // The run began anew meanwhile.
      this.overview = noOverview;
      return undefined;
    }
    const { rows } = overview;
    return { from: 0, steps: pick(table.steps, rows), columns: gather(missing, (name) => this.readRows(name, rows)) };
  }

  /**
   * The next rows that the page lacks, at most `limit` numbers of them. Of a long run the columns come one after the other, in the
   * order in which the page named them, so that the first can be drawn while the others are on their way. A column that the page has
   * not had comes for the rows that it has; where these are too many for one message, everything comes again.
   */
  take(limit: number): Rows {
    const { table, missing } = this;
    const [first] = missing;
    const has = Math.min(this.next, table.length);
    if (first !== undefined && has > 0 && has <= limit) {
      this.columns = new Set([...this.columns, first]);
      return this.read([first], 0, (this.sent = has));
    }
    const isLong = table.length * (this.wanted.size + 1) > limit && table.length <= limit;
    if (has === 0 && first !== undefined && isLong) this.columns = new Set([first]);
    else this.columns = this.wanted;
    const from = missing.length > 0 ? 0 : has;
    const to = Math.min(table.length, from + Math.max(1, isLong ? limit : Math.floor(limit / (this.columns.size + 1))));
    return this.read(this.columns, from, (this.next = this.sent = to));
  }

  /** Brings the numbers up to date, bit by bit; returns whether there was anything to do. */
  updateNumbers(ended: boolean): boolean {
    return this.table.length > 0 && this.statistics.update(this.table, this.keys, ended);
  }

  close(): void {
    this.open?.close();
  }

  private takeSample(sample: MetricTable): Rows | undefined {
    if (this.unsampled.length === 0) return undefined;
    this.sampled = { of: sample, columns: new Set(this.wanted) };
    // The tokens of steps that are not there are in no sum.
    const names = [...this.wanted].filter((name) => name !== pseudoColumns.tokens);
    const columnOf = (name: string): ValueColumn | undefined =>
      name === pseudoColumns.time ? sample.times.slice() : readColumn(sample, this.metricOf(name), 0, sample.length);
    return { from: 0, steps: sample.steps.slice(), columns: gather(names, columnOf) };
  }

  /** Stands for the table of a run that is being read; not where the page has its rows. */
  private get sample(): MetricTable | undefined {
    return this.table.length === 0 && !this.isWaking ? this.open?.sample : undefined;
  }

  /** Columns of the sample that the page wants and has not had. */
  private get unsampled(): readonly string[] {
    const { sample, sampled, wanted } = this;
    if (sample === undefined) return [];
    return [...wanted].filter((column) => sampled.of !== sample || !sampled.columns.has(column));
  }

  /** Columns that the page wants and has not had. */
  private get missing(): readonly string[] {
    return [...this.wanted].filter((column) => !this.columns.has(column));
  }

  private get table(): MetricTable {
    return this.isWaking || !this.open ? nothingRead : this.open.table;
  }

  private read(columns: Iterable<string>, from: number, to: number): Rows {
    return {
      from,
      steps: this.stepsOf(from, to),
      columns: gather(columns, (name) => this.readColumn(name, from, to)),
    };
  }

  /** The columns of a long run come one after the other, each with the same steps. */
  private stepsOf(from: number, to: number): StepColumn {
    const { table } = this;
    const known = this.steps;
    if (known?.of === table && known.from === from && known.to === to) return known.steps;
    const steps = compactSteps(table.steps.subarray(from, to));
    // As numbers they would be held for as long as the run is; a sequence is small.
    this.steps = steps instanceof Float64Array ? undefined : { of: table, from, to, steps };
    return steps;
  }

  private readColumn(name: string, from: number, to: number): ValueColumn | undefined {
    if (name === pseudoColumns.time) return this.table.times.slice(from, to);
    if (name === pseudoColumns.tokens) return this.totals.read(from, to);
    const metric = this.metricOf(name);
    return to - from < compactedRows ? readColumn(this.table, metric, from, to) : readCompactColumn(this.table, metric, from, to);
  }

  /** What the run calls a column; a name that no metric has, where it does not log it. */
  private metricOf(column: string): string {
    if (column === roleColumns.gradNorm) return this.keys.gradNorm ?? column;
    return column === roleColumns.score ? (this.keys.score ?? column) : column;
  }

  private readRows(name: string, rows: Uint32Array): Float64Array | undefined {
    if (name === pseudoColumns.time) return pick(this.table.times, rows);
    if (name !== pseudoColumns.tokens) return readRows(this.table, this.metricOf(name), rows);
    const totals = this.totals.read(0, this.table.length);
    return totals && pick(totals, rows);
  }
}

function gather(names: Iterable<string>, read: (name: string) => ValueColumn | undefined): Rows['columns'] {
  const columns: Record<string, ValueColumn> = {};
  for (const name of names) {
    const column = read(name);
    if (column) setOwn(columns, name, column);
  }
  return columns;
}

function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] as number);
}

const noSample = { of: undefined, columns: new Set<string>() };
const nothingRead = new MetricTable();
const noOverview = { rows: 0, columns: new Set<string>() };
