import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import type { RunPlace, RunSink } from '../format.ts';
import { askDatabase } from '../sqlite/database.ts';
import type { Database, Row } from '../sqlite/database.ts';
import type { Answer, StoredRun } from '../sqlite/databaseReader.ts';
import { StepGroups } from '../sqlite/stepGroups.ts';
import { mlflowEnd, mlflowFacts } from './mlflowFacts.ts';

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

interface MlflowAnswer extends Answer {
  readonly run: Row;
  readonly experiment: string | undefined;
  readonly parameters: readonly Row[];
}

/** A run of a SQLite store: the table `metrics` has a row for each value. */
export class SqliteRun implements StoredRun<MlflowAnswer> {
  readonly batch = 50_000;

  constructor(
    private readonly place: RunPlace,
    private readonly sink: RunSink,
  ) {}

  ask(database: Database, last: Row): MlflowAnswer {
    const id = this.runId(database);
    const [run] = database.rows(`SELECT name, status, start_time, experiment_id FROM runs WHERE within_file(rowid) AND run_uuid = ?`, [id]);
    if (!run)
      throw new RunDirectoryError(this.place.source, `it has no run ${id}`, 'It was removed from MLflow; choose another run of the store.');
    const [experiment] = database.rows(`SELECT name FROM experiments WHERE within_file(rowid) AND experiment_id = ?`, [run[3] ?? null]);
    const [row, ...value] = last;
    const columns = 'rowid, "key", value, is_nan, step, timestamp';
    const [same] = row === 0 ? [last] : database.rows(`SELECT ${columns} FROM metrics WHERE rowid = ?`, [row ?? null]);
    return {
      run,
      experiment: textOf(experiment?.[0]),
      parameters: database.rows(`SELECT "key", value FROM params WHERE within_file(rowid) AND run_uuid = ?`, [id], 10_000),
      isSame: same !== undefined && value.every((one, index) => Object.is(one, same[index + 1])),
      rows: database.rows(
        `SELECT ${columns} FROM metrics WHERE within_file(rowid) AND run_uuid = ? AND rowid > ? ORDER BY rowid`,
        [id, row ?? 0],
        this.batch,
      ),
    };
  }

  take({ run, experiment, parameters, rows }: MlflowAnswer): void {
    const [name, status, startTime] = run;
    const groups = new StepGroups();
    for (const [, key, value, isNaN, step, time] of rows)
      if (typeof value === 'number' && typeof step === 'number')
        groups.add(step, typeof time === 'number' ? time / 1000 : Number.NaN, String(key), isNaN === 1 ? Number.NaN : value);
    if (groups.records.length > 0) this.sink.metrics(groups.records);
    const pairs = parameters.map(([key, value]) => [String(key), String(value)] as const);
    this.sink.facts(
      mlflowFacts({ name: textOf(name), experiment, status: String(status), startTime: Number(startTime), parameters: pairs }),
    );
    this.sink.end(mlflowEnd(String(status)));
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
