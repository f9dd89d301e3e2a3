import { historyNotes } from '../../core/records/historyNotes.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import type { Life } from '../../core/records/runHistory.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import type { Malformed, RunFacts, RunPlace, RunSink, SourceEnd } from './format.ts';
import { formatNamed } from './formats.ts';

/** Places of malformed parts that are kept; the others are counted. */
const mostTold = 20;

/** Everything that the files of another program say about a run. */
export interface SourceContents {
  readonly place: RunPlace;
  readonly facts: RunFacts;
  readonly end: SourceEnd | undefined;
  /** In order of step. */
  readonly metrics: MetricTable;
  readonly lives: readonly Life[];
  /** Number of records, of all lives. */
  readonly records: number;
  readonly malformedLines: number;
  /** The first of them. */
  readonly malformed: readonly Malformed[];
  readonly warnings: readonly string[];
}

/** Reads a run of another program as it is now. Throws a RunDirectoryError. */
export async function readSource(place: RunPlace, { life }: { readonly life?: number | undefined } = {}): Promise<SourceContents> {
  const contents = new Contents(life);
  try {
    await formatNamed(place.format).open(place, contents).read({ isLast: true });
  } catch (error) {
    if (error instanceof RunDirectoryError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw unreadable(place.source, error);
  }
  const { history, facts, ended, malformedLines, examples, notes } = contents.all;
  history.settle();
  return {
    place,
    facts,
    end: ended,
    metrics: history.table,
    lives: history.lives,
    records: history.records,
    malformedLines,
    malformed: examples,
    warnings: [...notes, ...historyNotes(history, life)],
  };
}

/** Gathers what a reader tells. */
class Contents implements RunSink {
  private history: RunHistory;
  private known: RunFacts = {};
  private ended: SourceEnd | undefined;
  private found = 0;
  private examples: Malformed[] = [];
  private notes = new Set<string>();

  constructor(private readonly life: number | undefined) {
    this.history = new RunHistory(life);
  }

  get all() {
    const { history, known: facts, ended, found: malformedLines, examples, notes } = this;
    return { history, facts, ended, malformedLines, examples, notes: [...notes] };
  }

  facts(facts: RunFacts): void {
    this.known = { ...this.known, ...facts };
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
    this.found++;
    if (this.examples.length < mostTold) this.examples.push(found);
  }

  note(sentence: string): void {
    this.notes.add(sentence);
  }

  end(end: SourceEnd | undefined): void {
    this.ended = end;
  }

  reset(): void {
    this.history = new RunHistory(this.life);
    [this.found, this.examples, this.notes, this.known, this.ended] = [0, [], new Set(), {}, undefined];
  }
}
