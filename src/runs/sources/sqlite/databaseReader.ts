import type { RunPlace, RunReader, RunSink } from '../format.ts';
import { askDatabase, stampOf } from './database.ts';
import type { Database, Row } from './database.ts';

/** What a database answers about a run. */
export interface Answer {
  /** Whether the last row that was read is still where it was. */
  readonly isSame: boolean;
  /** The rows behind it, at most as many as are read at one go. */
  readonly rows: readonly Row[];
}

/** How a database keeps a run: a row for each thing that was logged, in the order in which it was. */
export interface StoredRun<A extends Answer> {
  /** Rows that are read at one go. */
  readonly batch: number;
  /** `last`: the last row that was read, its rowid first; [0] before the first. */
  ask(database: Database, last: Row): A;
  /** Tells what was answered. */
  take(answer: A): void;
  /** What was read is not there any more. */
  forget?(): void;
}

/** Reads a run of a database: what is new, whenever the database or its log has changed. */
export class DatabaseReader<A extends Answer> implements RunReader {
  readonly files: readonly string[];
  private stamp = '';
  private last: Row = [0];
  private hasTold = false;

  constructor(
    private readonly place: RunPlace,
    private readonly sink: RunSink,
    private readonly run: StoredRun<A>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.files = [place.source, `${place.source}-wal`];
  }

  async read(): Promise<void> {
    const stamp = await stampOf(this.place.source);
    if (stamp !== '' && stamp === this.stamp) return;
    while ((await this.readBatch()) && !this.signal?.aborted);
    this.stamp = stamp;
  }

  /** Returns whether there is more. */
  private async readBatch(): Promise<boolean> {
    const answer = await askDatabase(this.place.source, (database) => this.run.ask(database, this.last));
    if (!answer?.isSame) {
      if (this.hasTold) this.sink.reset();
      [this.hasTold, this.last] = [false, [0]];
      this.run.forget?.();
      return answer !== undefined;
    }
    this.run.take(answer);
    this.last = answer.rows.at(-1) ?? this.last;
    this.hasTold = true;
    return answer.rows.length === this.run.batch;
  }
}
