import { stat } from 'node:fs/promises';
import { historyNotes } from '../../core/records/historyNotes.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { metricKeysAmong } from '../../core/records/metricRoles.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import type { Life } from '../../core/records/runHistory.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import { readMetricsFile, readRun, requireLife } from '../directory/readRun.ts';
import type { ReadOptions } from '../directory/readRun.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import type { Malformed, RunFacts, RunPlace, RunSink, SourceEnd } from './format.ts';
import { formatNamed } from './formats.ts';
import { foreignIdentity } from './foreignIdentity.ts';
import type { RunAssignment } from './foreignIdentity.ts';
import { foreignState } from './foreignState.ts';
import { chosenOf, identityNaming } from './knownKeys.ts';
import { metricsFormat, runDirectoryFormat } from './runPlace.ts';
import { ToldOfRun } from './toldOfRun.ts';

export interface ReadSourceOptions extends ReadOptions {
  readonly assigned?: RunAssignment | undefined;
}

/** Everything that there is to read of a run, wherever it comes from. */
export interface SourceContents {
  readonly place: RunPlace;
  readonly identity: RunIdentity;
  /** What the files of another program tell of it. */
  readonly facts: RunFacts;
  readonly end: SourceEnd | undefined;
  /** In order of step. */
  readonly metrics: MetricTable;
  /** All runs that were written into the file, earliest first. */
  readonly lives: readonly Life[];
  /** Number of records, of all lives. */
  readonly records: number;
  /** What the run's own process logged, in the order in which it did. */
  readonly events: readonly RunEvent[];
  readonly exit: ExitRecord | null;
  /** Null: not known. */
  readonly state: ProcessState | null;
  readonly malformedLines: number;
  /** The first of them, with their places. */
  readonly malformed: readonly Malformed[];
  /** What a reader should know, in sentences. */
  readonly warnings: readonly string[];
}

/** Reads a run as it is now. Throws a RunDirectoryError where it cannot be read. */
export async function readSource(place: RunPlace, options: ReadSourceOptions = {}): Promise<SourceContents> {
  if (place.format === runDirectoryFormat) return readDirectory(place, options);
  if (place.format === metricsFormat) return readMetrics(place, options);
  return readForeign(place, options);
}

async function readDirectory(place: RunPlace, { assigned, ...options }: ReadSourceOptions): Promise<SourceContents> {
  const { record, ...contents } = await readRun(place.source, options);
  const metricKeys = metricKeysAmong(contents.metrics.keys, chosenOf(record, assigned));
  const identity = identityNaming(record, metricKeys, assigned);
  return { ...contents, place, identity, facts: {}, end: undefined, malformed: [] };
}

async function readMetrics(place: RunPlace, { life, assigned }: ReadSourceOptions): Promise<SourceContents> {
  const contents = await readMetricsFile(place.source, { life });
  // It was taken out of a run directory, and its path says nothing of the run.
  const { estimator = null, seed = null } = assigned ?? {};
  const metricKeys = metricKeysAmong(contents.metrics.keys, assigned?.metricKeys);
  const identity = { ...foreignIdentity(place, {}, metricKeys, { assigned }), estimator, seed };
  return { ...contents, place, identity, facts: {}, end: undefined, events: [], exit: null, state: null, malformed: [] };
}

async function readForeign(place: RunPlace, { life, assigned }: ReadSourceOptions): Promise<SourceContents> {
  const gathered = new Gathered(life);
  let files: readonly string[] | undefined;
  try {
    // A reader takes a file that is not there for an empty one, because it may be about to come.
    await stat(place.source);
    const reader = formatNamed(place.format).open(place, gathered);
    await reader.read({ isLast: true });
    files = reader.files;
  } catch (error) {
    if (error instanceof RunDirectoryError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(place.source, error);
  }
  const { history, told } = gathered;
  history.settle();
  requireLife(place.source, history.lives, life);
  const { table } = history;
  const standing = await foreignState(place, told.ended, table, files);
  return {
    place,
    identity: foreignIdentity(place, told.known, metricKeysAmong(table.keys, assigned?.metricKeys), {
      assigned,
      createdAt: standing.begun,
    }),
    facts: told.known,
    end: told.ended,
    metrics: table,
    lives: history.lives,
    records: history.records,
    events: [],
    exit: standing.exit,
    state: standing.state,
    malformedLines: told.malformedLines,
    malformed: told.malformedParts,
    warnings: [...told.notes, ...historyNotes(history, life), ...told.malformedNotes],
  };
}

/** Gathers what a reader tells. */
class Gathered implements RunSink {
  history: RunHistory;
  told = new ToldOfRun();

  constructor(private readonly life: number | undefined) {
    this.history = new RunHistory(life);
  }

  facts(facts: RunFacts): void {
    this.told.facts(facts);
  }

  metrics(records: Parameters<RunSink['metrics']>[0]): void {
    this.history.takeAll(records);
  }

  stretches(stretches: Parameters<RunSink['stretches']>[0]): void {
    for (const stretch of stretches) this.history.takeStretch(stretch);
  }

  forget(from: number, keys?: readonly string[]): void {
    this.history.forget(from, keys);
  }

  malformed(found: Malformed): void {
    this.told.malformed(found);
  }

  note(sentence: string): void {
    this.told.note(sentence);
  }

  end(end: SourceEnd | undefined): void {
    this.told.end(end);
  }

  reset(): void {
    this.history = new RunHistory(this.life);
    this.told = new ToldOfRun();
  }
}
