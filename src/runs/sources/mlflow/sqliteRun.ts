import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import type { RunPlace, RunReader, RunSink } from '../format.ts';
import { askDatabase, stampOf } from '../sqlite/database.ts';
import type { Database, Row } from '../sqlite/database.ts';
import { StepGroups } from '../sqlite/stepGroups.ts';
import { mlflowEnd, mlflowFacts } from './mlflowFacts.ts';

/** Values that are read at one go. */
const batch = 50_000;

/** The runs of a SQLite store that were not deleted. Throws a RunDirectoryError. */
export async function runsInDatabase(file: string): Promise<readonly string[]> {
  const rows = await askDatabase(file, (database) =>
    database.columns('runs').length === 0
      ? []
      : database.rows(
          `SELECT run_uuid FROM runs WHERE within_file(rowid) AND lifecycle_stage IS NOT 'deleted' ORDER BY start_time`,
          [],
          100_000,
        ),
  );
  return (rows ?? []).map(([id]) => String(id));
}

interface Answer {
  readonly run: Row;
  readonly experiment: string | undefined;
  readonly parameters: readonly Row[];
  /** Whether the last value that was read is still where it was. */
  readonly isSame: boolean;
  readonly values: readonly Row[];
}

/** Reads a run of a SQLite store: the table `metrics` has a row for each value, in the order in which they were logged. */
export class SqliteRunReader implements RunReader {
  readonly files: readonly string[];
  private stamp = '';
  /** Row of the last value, and the value. */
  private last: Row = [0];
  private hasTold = false;

  constructor(
    private readonly place: RunPlace,
    private readonly sink: RunSink,
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
    const answer = await askDatabase(this.place.source, (database) => this.ask(database));
    if (!answer || !answer.isSame) {
      if (this.hasTold) this.sink.reset();
      [this.hasTold, this.last] = [false, [0]];
      return answer !== undefined;
    }
    const { run, experiment, parameters, values } = answer;
    const [name, status, startTime] = run;
    const groups = new StepGroups();
    for (const [, key, value, isNaN, step, time] of values)
      if (typeof value === 'number' && typeof step === 'number')
        groups.add(step, typeof time === 'number' ? time / 1000 : Number.NaN, String(key), isNaN === 1 ? Number.NaN : value);
    if (groups.records.length > 0) this.sink.metrics(groups.records);
    this.last = values.at(-1) ?? this.last;
    const pairs = parameters.map(([key, value]) => [String(key), String(value)] as const);
    this.sink.facts(
      mlflowFacts({ name: textOf(name), experiment, status: String(status), startTime: Number(startTime), parameters: pairs }),
    );
    this.sink.end(mlflowEnd(String(status)));
    this.hasTold = true;
    return values.length === batch;
  }

  private ask(database: Database): Answer {
    const id = this.runId(database);
    const [run] = database.rows(`SELECT name, status, start_time, experiment_id FROM runs WHERE within_file(rowid) AND run_uuid = ?`, [id]);
    if (!run)
      throw new RunDirectoryError(this.place.source, `it has no run ${id}`, 'It was removed from MLflow; choose another run of the store.');
    const [experiment] = database.rows(`SELECT name FROM experiments WHERE within_file(rowid) AND experiment_id = ?`, [run[3] ?? null]);
    const [row, ...value] = this.last;
    const columns = 'rowid, "key", value, is_nan, step, timestamp';
    const [same] = row === 0 ? [this.last] : database.rows(`SELECT ${columns} FROM metrics WHERE rowid = ?`, [row ?? null]);
    return {
      run,
      experiment: textOf(experiment?.[0]),
      parameters: database.rows(`SELECT "key", value FROM params WHERE within_file(rowid) AND run_uuid = ?`, [id], 10_000),
      isSame: same !== undefined && value.every((one, index) => Object.is(one, same[index + 1])),
      values: database.rows(
        `SELECT ${columns} FROM metrics WHERE within_file(rowid) AND run_uuid = ? AND rowid > ? ORDER BY rowid`,
        [id, row ?? 0],
        batch,
      ),
    };
  }

  private runId(database: Database): string {
    if (database.columns('metrics').length === 0 || database.columns('runs').length === 0)
      throw new RunDirectoryError(this.place.source, 'it has no tables of MLflow', 'Give the database of an MLflow tracking store.');
    if (this.place.run !== undefined) return this.place.run;
    const ids = database.rows(`SELECT run_uuid FROM runs WHERE within_file(rowid) LIMIT 2`).map(([id]) => String(id));
    if (ids[0] !== undefined && ids.length === 1) return ids[0];
    throw new RunDirectoryError(this.place.source, ids.length === 0 ? 'it has no run yet' : 'it has several runs', 'Name one of its runs.');
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
