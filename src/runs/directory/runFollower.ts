import path from 'node:path';
import { parseEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { isLive } from '../../core/records/runState.ts';
import type { Stretch } from '../../core/records/stretch.ts';
import { worthBulk } from '../columns/worthBulk.ts';
import type { BulkReader } from '../columns/bulkReader.ts';
import type { RangeRead } from '../columns/readRange.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import { KnownKeys, chosenOf, identityKnowing, identityNaming, isUsual } from '../sources/knownKeys.ts';
import { DirectoryWatch } from './directoryWatch.ts';
import type { WatchOptions } from './directoryWatch.ts';
import { FileTail } from './fileTail.ts';
import type { TailPosition } from './byteTail.ts';
import type { TailListener } from './fileTail.ts';
import { RunDirectoryError, unreadable } from './runDirectoryError.ts';
import { readExitRecord, readRunRecord, statusOf } from './runFile.ts';
import type { UnreadFiles } from './runFile.ts';
import { readEnd } from './runStatus.ts';
import type { RunEnd } from './runStatus.ts';

/** What is new in a run directory. */
export type RunChange =
  /** What the run is, as far as it is known now; comes before the metrics that it names. */
  | { readonly type: 'identity'; readonly identity: RunIdentity }
  /** Steps in the order of the file; one that was there before replaces what it was. */
  | { readonly type: 'metrics'; readonly records: readonly MetricsRecord[] }
  /** The next steps of a long file, instead of many records. The stretches are the receiver's. */
  | { readonly type: 'stretches'; readonly stretches: readonly Stretch[] }
  /** Some steps of a long file whose stretches are on their way, from all over it. */
  | { readonly type: 'sample'; readonly table: MetricTable }
  /** Come before all metrics that were written after them. */
  | { readonly type: 'events'; readonly events: readonly RunEvent[] }
  /** The steps from this one on, or these metrics of them, no longer hold: the run was started again from before it. */
  | { readonly type: 'forget'; readonly from: number; readonly keys?: readonly string[] | undefined }
  /** The file began anew: what it said before is no longer in it. */
  | { readonly type: 'reset'; readonly of: 'metrics' | 'events' }
  /** Comes after all metrics and events that the process wrote before it got into this state. */
  | { readonly type: 'state'; readonly state: ProcessState; readonly exit: ExitRecord | null }
  /** What is to be known about the files, in sentences; none: nothing any more. */
  | { readonly type: 'notes'; readonly notes: readonly string[] }
  /** Lines so far that are no records. */
  | { readonly type: 'malformed'; readonly lines: number }
  /** Files beside the metrics that cannot be read; everything else is told all the same. None: they can be again. */
  | { readonly type: 'unread'; readonly files: readonly RunDirectoryError[] }
  /** The directory cannot be followed now; it is tried again. */
  | { readonly type: 'problem'; readonly problem: RunDirectoryError }
  | { readonly type: 'deleted' };

export interface FollowOptions extends WatchOptions {
  /** How many bytes before the end of a longer metrics.jsonl to begin; default: at its beginning. */
  readonly lastBytes?: number | undefined;
  /** What somebody decided about the run. */
  readonly assigned?: RunAssignment | undefined;
  /** Reads a long metrics.jsonl into a table; without it all steps come as records. */
  readonly bulk?: BulkReader | undefined;
}

/** Milliseconds between looks at a process: where there is no /proc, each takes a process of its own. */
const processCheckMs = process.platform === 'win32' ? 10_000 : 2000;

/** Follows a run directory, also one that is not there yet, and tells what is new. The first look tells everything there is. */
export class RunFollower {
  readonly dir: string;
  private readonly tell: (change: RunChange) => void;
  private readonly watch: DirectoryWatch;
  private readonly metrics: FileTail;
  private readonly events: FileTail;
  private readonly closing = new AbortController();
  private record: RunRecord | undefined;
  private keys = new KnownKeys();
  private started: RunEvent | undefined;
  private hasSteps = false;
  private end: RunEnd | undefined;
  private endChecked = 0;
  private unreadable = 0;
  private readonly unread: UnreadFiles = new Map();
  /** What was told last, by kind; nothing is told twice. */
  private readonly told = new Map<RunChange['type'], string>();

  constructor(
    dir: string,
    onChange: (change: RunChange) => void,
    private readonly options: FollowOptions = {},
  ) {
    this.dir = dir;
    this.tell = (change) => {
      if (!this.closing.signal.aborted) onChange(change);
    };
    const { bulk, lastBytes } = options;
    const { signal } = this.closing;
    const sampled = (table: MetricTable): void => this.tell({ type: 'sample', table });
    const metricsListener: TailListener = {
      lines: (lines) => this.takeMetrics(lines),
      bulk: async (file, size) =>
        bulk && size >= worthBulk ? this.takeStretches(await bulk.read(file, size, signal, sampled)) : undefined,
      reset: () => this.tell({ type: 'reset', of: 'metrics' }),
    };
    this.metrics = new FileTail(path.join(dir, runFiles.metrics), metricsListener, { lastBytes, signal });
    this.events = new FileTail(path.join(dir, runFiles.events), {
      lines: (lines) => this.takeEvents(lines),
      reset: () => this.tell({ type: 'reset', of: 'events' }),
    });
    this.watch = new DirectoryWatch(dir, () => this.look(), options);
  }

  /** Settles when everything that was there at the beginning has been told. */
  get caughtUp(): Promise<void> {
    return this.watch.firstLook;
  }

  /** Whether the process had ended when what is told now was read: then these are its last steps and events. */
  get isEnding(): boolean {
    return this.end !== undefined && !isLive({ process: this.end.state });
  }

  /** Tells nothing more. */
  close(): void {
    this.closing.abort();
    this.watch.close();
  }

  /** Tells what is new. Returns whether the directory is there, or may be. */
  private async look(): Promise<boolean> {
    try {
      const isThere = (await statusOf(this.dir)) !== undefined;
      if (isThere) await this.readAll();
      else this.forget();
      this.told.delete('problem');
      return isThere;
    } catch (error) {
      const problem = asProblem(this.dir, error);
      this.tellOnce('problem', problem.message, { type: 'problem', problem });
      return true;
    }
  }

  private forget(): void {
    if (!this.record) return;
    this.record = undefined;
    this.started = undefined;
    this.hasSteps = false;
    this.end = undefined;
    this.unread.clear();
    this.told.clear();
    this.tell({ type: 'deleted' });
  }

  private async readAll(): Promise<void> {
    if (!this.record) {
      this.record = await readRunRecord(this.dir);
      this.keys = new KnownKeys(chosenOf(this.record, this.options.assigned));
      this.tell({ type: 'identity', identity: identityKnowing(this.record, undefined, this.options.assigned) });
    }
    // The process is looked at before the metrics, so that all it wrote is told before its end is; the events come first as well,
    // because they say which process it is.
    await this.readEvents();
    const end = await this.readEnd(this.record);
    await this.metrics.read();
    await this.readEvents();
    const state = end.state === 'starting' && this.hasSteps ? 'running' : end.state;
    const unreadable = this.unreadable + this.metrics.overlongLines + this.events.overlongLines;
    if (unreadable > 0) this.tellOnce('malformed', String(unreadable), { type: 'malformed', lines: unreadable });
    this.tellUnread();
    this.tellOnce('state', `${state} ${end.exit?.time}`, { type: 'state', state, exit: end.exit });
  }

  private async readEvents(): Promise<void> {
    const { file } = this.events;
    try {
      await this.events.read();
      this.unread.delete(file);
    } catch (error) {
      this.unread.set(file, asProblem(file, error));
    }
  }

  private tellUnread(): void {
    const files = [...this.unread.values()];
    if (files.length === 0 && !this.told.has('unread')) return;
    this.tellOnce('unread', files.map(({ message }) => message).join(), { type: 'unread', files });
  }

  private async readEnd(record: RunRecord): Promise<RunEnd> {
    const alive = this.end !== undefined && isLive({ process: this.end.state });
    const recent = Date.now() - this.endChecked < processCheckMs;
    if (this.end && alive && recent && !(await readExitRecord(this.dir, this.unread))) return this.end;
    this.end = await readEnd(this.dir, { record, started: this.started, hasSteps: this.hasSteps }, this.unread);
    this.endChecked = Date.now();
    return this.end;
  }

  private async takeMetrics(lines: readonly string[]): Promise<void> {
    const records = this.parsed(lines, parseMetrics);
    if (records.length === 0) return;
    // A process says that it goes on with the run before it writes a step.
    await this.readEvents();
    this.hasSteps = true;
    if (this.keys.takeRecords(records)) this.tellKeys();
    this.tell({ type: 'metrics', records });
  }

  private async takeStretches(read: RangeRead | undefined): Promise<TailPosition | undefined> {
    if (!read || read.end === 0) return undefined;
    this.unreadable += read.malformed;
    await this.readEvents();
    if (read.stretches.all.length > 0) {
      this.hasSteps = true;
      if (this.keys.take(read.stretches.all.flatMap(({ table }) => table.keys))) this.tellKeys();
      this.tell({ type: 'stretches', stretches: read.stretches.all });
    }
    return read;
  }

  /** The metrics of a run that another program wrote into a directory like ours may have other names. */
  private tellKeys(): void {
    const { found } = this.keys;
    if (!this.record || (isUsual(this.record, found) && this.told.get('identity') === undefined)) return;
    const identity = identityNaming(this.record, found, this.options.assigned);
    this.tellOnce('identity', JSON.stringify(found), { type: 'identity', identity });
  }

  private takeEvents(lines: readonly string[]): void {
    const events = this.parsed(lines, parseEvent);
    if (events.length === 0) return;
    this.started = events.findLast(({ type }) => type === 'started') ?? this.started;
    this.tell({ type: 'events', events });
  }

  private parsed<T>(lines: readonly string[], parse: (line: string) => T | undefined): readonly T[] {
    const records: T[] = [];
    for (const line of lines) {
      const record = parse(line);
      if (record !== undefined) records.push(record);
      else if (line.trim() !== '') this.unreadable++;
    }
    return records;
  }

  private tellOnce(kind: RunChange['type'], what: string, change: RunChange): void {
    if (this.told.get(kind) === what) return;
    this.told.set(kind, what);
    this.tell(change);
  }
}

/** A failure of the file system becomes a problem to tell; anything else is a mistake in a program and goes on its way. */
function asProblem(dir: string, error: unknown): RunDirectoryError {
  if (error instanceof RunDirectoryError) return error;
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return unreadable(file ?? dir, error);
}
