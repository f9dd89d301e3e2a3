import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { isLive } from '../../core/records/runState.ts';
import type { Stretch } from '../../core/records/stretch.ts';
import { DirectoryWatch } from '../directory/directoryWatch.ts';
import type { WatchOptions } from '../directory/directoryWatch.ts';
import { ignoreMissing } from '../directory/missing.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import type { RunChange } from '../directory/runFollower.ts';
import { CollapseJudge } from '../inspection/collapseJudge.ts';
import { foreignIdentity } from './foreignIdentity.ts';
import type { RunAssignment } from './foreignIdentity.ts';
import { foreignState } from './foreignState.ts';
import type { RunPlace, RunReader, RunSink } from './format.ts';
import { formatNamed } from './formats.ts';
import { KnownKeys } from './knownKeys.ts';
import { ToldOfRun } from './toldOfRun.ts';

/**
 * Follows a run of another program through the reader of its format, and tells what is new as a run directory would: the collapse
 * detector's events are our own. Reads nothing but the files of the run, and writes nothing.
 */
export class ForeignFollower {
  private readonly closing = new AbortController();
  private readonly watch: DirectoryWatch;
  private readonly tell: (change: RunChange) => void;
  private reader: RunReader | undefined;
  private readonly keys: KnownKeys;
  private readonly judge: CollapseJudge;
  private said = new ToldOfRun();
  private begun = '';
  private isLiveNow = true;
  /** What was told last, by kind; nothing is told twice. */
  private readonly told = new Map<RunChange['type'], string>();

  constructor(
    private readonly place: RunPlace,
    onChange: (change: RunChange) => void,
    private readonly options: WatchOptions & { readonly assigned?: RunAssignment | undefined } = {},
  ) {
    this.tell = (change) => {
      if (!this.closing.signal.aborted) onChange(change);
    };
    this.keys = new KnownKeys(options.assigned?.metricKeys);
    this.judge = new CollapseJudge(this.identity);
    this.watch = new DirectoryWatch(place.run === undefined ? place.source : path.dirname(place.source), () => this.look(), options);
  }

  get caughtUp(): Promise<void> {
    return this.watch.firstLook;
  }

  get isEnding(): boolean {
    return !this.isLiveNow;
  }

  get files(): readonly string[] | undefined {
    return this.reader?.files;
  }

  close(): void {
    this.closing.abort();
    this.watch.close();
  }

  private get identity() {
    const { assigned } = this.options;
    return foreignIdentity(this.place, this.said.known, this.keys.found, { assigned, createdAt: this.begun });
  }

  private async look(): Promise<boolean> {
    try {
      const isThere = (await stat(this.place.source).catch(ignoreMissing)) !== undefined;
      if (isThere) await this.readAll();
      else this.forget();
      this.told.delete('problem');
      return isThere;
    } catch (error) {
      const problem = error instanceof RunDirectoryError ? error : asProblem(this.place.source, error);
      this.tellOnce('problem', problem.message, { type: 'problem', problem });
      return true;
    }
  }

  private async readAll(): Promise<void> {
    this.reader ??= formatNamed(this.place.format).open(this.place, this.sink(), { signal: this.closing.signal });
    await this.reader.read();
    const standing = await foreignState(this.place, this.said.ended, this.judge.table, this.reader.files);
    this.begun = standing.begun;
    this.tellIdentity();
    await this.tellEvents();
    const { malformedLines, notes, malformedNotes } = this.said;
    if (malformedLines > 0) this.tellOnce('malformed', String(malformedLines), { type: 'malformed', lines: malformedLines });
    const all = [...notes, ...malformedNotes];
    if (all.length > 0 || this.told.has('notes')) this.tellOnce('notes', all.join('\n'), { type: 'notes', notes: all });
    this.isLiveNow = isLive({ process: standing.state });
    this.tellOnce('state', `${standing.state} ${standing.exit?.message}`, { type: 'state', state: standing.state, exit: standing.exit });
  }

  /** What the reader tells, told on in its order; what it names has been told before. */
  private sink(): RunSink {
    return {
      facts: (facts) => this.said.facts(facts),
      metrics: (records) => this.takeRecords(records),
      stretches: (stretches) => this.takeStretches(stretches),
      forget: (from, keys) => {
        this.judge.forget(from, keys);
        this.tell({ type: 'forget', from, keys });
      },
      malformed: (found) => this.said.malformed(found),
      note: (sentence) => this.said.note(sentence),
      end: (end) => this.said.end(end),
      reset: () => this.startAgain(),
    };
  }

  private takeRecords(records: readonly MetricsRecord[]): void {
    if (records.length === 0) return;
    if (this.keys.takeRecords(records)) this.tellIdentity();
    this.judge.take(records);
    this.tell({ type: 'metrics', records });
  }

  private takeStretches(stretches: readonly Stretch[]): void {
    if (stretches.length === 0) return;
    if (stretches.map(({ table }) => this.keys.take(table.keys)).includes(true)) this.tellIdentity();
    // Before the stretches are told: whoever hears of them takes them over.
    this.judge.takeStretches(stretches);
    this.tell({ type: 'stretches', stretches });
  }

  private tellIdentity(): void {
    const { identity } = this;
    this.judge.setRun(identity);
    this.tellOnce('identity', JSON.stringify(identity), { type: 'identity', identity });
  }

  private async tellEvents(): Promise<void> {
    for (let isDone = false; !isDone && !this.closing.signal.aborted;) {
      const said = this.judge.update();
      if (said.isAnew) this.tell({ type: 'reset', of: 'events' });
      if (said.events.length > 0) this.tell({ type: 'events', events: said.events });
      ({ isDone } = said);
      // Everybody else's turn comes between two parts of a long run.
      if (!isDone) await setImmediate();
    }
  }

  private startAgain(): void {
    this.said = new ToldOfRun();
    this.judge.clear();
    this.tell({ type: 'reset', of: 'metrics' });
    this.tell({ type: 'reset', of: 'events' });
  }

  private forget(): void {
    if (!this.reader) return;
    this.reader = undefined;
    this.startAgain();
    this.told.clear();
    this.tell({ type: 'deleted' });
  }

  private tellOnce(kind: RunChange['type'], what: string, change: RunChange): void {
    if (this.told.get(kind) === what) return;
    this.told.set(kind, what);
    this.tell(change);
  }
}

/** A failure of the file system becomes a problem to tell; anything else is a mistake in a program and goes on its way. */
function asProblem(source: string, error: unknown): RunDirectoryError {
  if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  return unreadable((error as NodeJS.ErrnoException).path ?? source, error);
}
