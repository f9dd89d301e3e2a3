import { readFile, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database as SqlDatabase, SqlJs, SqlValue } from 'sql.js';
import { besideProgram } from '../../besideProgram.ts';
import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import { DatabaseFileError, snapshotOf } from './databaseFile.ts';
import type { Snapshot } from './databaseFile.ts';

/** How often, and at what distance, a database is tried that somebody is writing to. */
const tries = 12;
const pauseMs = 20;

/** Bytes of a row, at least: a database that has more rows than fit into its file goes round in circles. */
const leastRowBytes = 4;

export type Row = readonly SqlValue[];

/** A database to ask. */
export class Database {
  private budget = 0;

  constructor(
    private readonly database: SqlDatabase,
    private readonly size: number,
  ) {
    // Called for each row that is looked at, also for those that are not told.
    database.create_function('within_file', (row) => {
      if (--this.budget < 0) throw new Error('it has more rows than fit into it');
      return typeof row === 'number' ? 1 : 0;
    });
  }

  /** Columns of a table by name; none: there is no such table. Views are none: to ask them may take any time. */
  columns(table: string): readonly string[] {
    const isTable = this.rows(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND sql LIKE 'CREATE TABLE%'`, [table]);
    return isTable.length === 0 ? [] : this.rows(`SELECT name FROM pragma_table_info(?)`, [table]).map(([name]) => String(name));
  }

  /**
   * Rows of an SQL statement; of a table that may be long, its condition begins with `within_file(rowid) AND`. `most`: how many at most.
   */
  rows(sql: string, values: Row = [], most = Infinity): readonly Row[] {
    this.budget = Math.ceil(this.size / leastRowBytes);
    const statement = this.database.prepare(sql);
    try {
      statement.bind(values);
      const rows: Row[] = [];
      while (rows.length < most && statement.step()) rows.push(statement.get());
      return rows;
    } finally {
      statement.free();
    }
  }
}

/**
 * Opens a database as it is now, asks it, and closes it; nothing is written, in no folder. `ask` may be called again, where the database
 * changed meanwhile. Undefined: there is no such file, or nothing in it yet. Throws a RunDirectoryError.
 */
export async function askDatabase<T>(file: string, ask: (database: Database) => T): Promise<T | undefined> {
  for (let left = tries; ; left--) {
    try {
      return await askOnce(file, ask);
    } catch (error) {
      if (!(error instanceof DatabaseFileError)) throw error;
      if (!error.isBusy)
        throw new RunDirectoryError(file, `cannot be read: ${error.message}`, 'Give the database of a program that logs runs.');
      if (left <= 1)
        throw new RunDirectoryError(file, `cannot be read just now: ${error.message}`, 'Try again in a moment; if nothing writes to it, a program was killed that did: open the database with that program once.'); // prettier-ignore
    }
    await pause(pauseMs * (tries - left + 1));
  }
}

async function askOnce<T>(file: string, ask: (database: Database) => T): Promise<T | undefined> {
  const sqlJs = await library().catch((error: unknown) => {
    throw new RunDirectoryError(file, `cannot be read: SQLite does not start here, ${(error as Error).message}`, 'Free some memory, then try again.'); // prettier-ignore
  });
  const snapshot = await snapshotOf(file);
  if (!snapshot) return undefined;
  try {
    const answer = askSnapshot(sqlJs, snapshot, ask);
    if (!(await snapshot.isStill())) throw new DatabaseFileError('it changes while it is read', true);
    if (answer.error === undefined) return answer.value;
    throw new DatabaseFileError(`it is damaged, SQLite says "${answer.error.message}"`, false);
  } finally {
    await snapshot.close();
  }
}

/** What is wrong with a database may come of its being written to. */
type Answer<T> = { readonly value: T; readonly error: undefined } | { readonly error: Error };

function askSnapshot<T>(sqlJs: SqlJs, snapshot: Snapshot, ask: (database: Database) => T): Answer<T> {
  let opened: SqlDatabase | undefined;
  try {
    opened = new sqlJs.Database(snapshot.bytes);
    opened.run('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;');
    const value = ask(new Database(opened, snapshot.bytes.length));
    if (snapshot.failure !== undefined) throw snapshot.failure as Error;
    return { value, error: undefined };
  } catch (error) {
    if (snapshot.failure !== undefined || error instanceof RunDirectoryError) throw snapshot.failure ?? error;
    return { error: error as Error };
  } finally {
    opened?.close();
  }
}

/** Loaded when the first database is opened. */
let loading: Promise<SqlJs> | undefined;

function library(): Promise<SqlJs> {
  loading ??= (async () => {
    const [{ default: initSqlJs }, wasmBinary] = await Promise.all([import('sql.js'), readFile(besideProgram('sql-wasm.wasm'))]);
    return initSqlJs({ wasmBinary });
  })();
  loading.catch(() => (loading = undefined));
  return loading;
}

/** When a database and its log were last written, as a text to compare; empty: they have just been, and may be again at the same moment. */
export async function stampOf(file: string): Promise<string> {
  const parts = await Promise.all(
    [file, `${file}-wal`].map(async (each) => {
      const status = await stat(each).catch(() => undefined);
      return status && { text: `${status.ino} ${status.size} ${status.mtimeMs}`, time: status.mtimeMs };
    }),
  );
  const isFresh = parts.some((part) => part !== undefined && Math.abs(Date.now() - part.time) < 1000);
  return isFresh ? '' : parts.map((part) => part?.text ?? '-').join(', ');
}
