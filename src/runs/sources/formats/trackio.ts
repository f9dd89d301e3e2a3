import path from 'node:path';
import { isObject, parse, parseNumber, setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import { flattened, parameterFacts } from '../parameters.ts';
import type { Glimpse, RunFacts, RunFormat, RunPlace, RunSink } from '../format.ts';
import { askDatabase } from '../sqlite/database.ts';
import type { Database, Row } from '../sqlite/database.ts';
import { DatabaseReader } from '../sqlite/databaseReader.ts';
import type { Answer, StoredRun } from '../sqlite/databaseReader.ts';
import { schemaText } from '../sqlite/schemaText.ts';

/** The databases of trackio, one a project, with its runs. Those of versions before 0.24 know runs by their names only. */
export const trackio: RunFormat = {
  name: 'trackio',
  title: 'database of trackio',
  sign: 'a SQLite database whose table metrics has run_name, step and metrics',
  sniff,
  async places(file) {
    const runs = (await askDatabase(file, runsOf)) ?? [];
    return runs.map((run) => ({ format: trackio.name, source: file, run: runName(run, runs) }));
  },
  open: (place, sink, options) => new DatabaseReader(place, sink, new StoredTrackioRun(place, sink), options?.signal),
};

interface TrackioRun {
  readonly id: string;
  readonly name: string;
}

/** Runs are called by their names, where that tells them apart. */
function runName({ id, name }: TrackioRun, all: readonly TrackioRun[]): string {
  return all.filter((other) => other.name === name).length > 1 ? id : name;
}

function sniff(glimpse: Glimpse): number {
  const schema = schemaText(glimpse);
  const [, columns = ''] = /CREATE TABLE "?metrics"? \(([^)]{0,2000})/.exec(schema) ?? [];
  return /\brun_name TEXT\b/.test(columns) && /\bmetrics TEXT\b/.test(columns) ? 1 : 0;
}

function runsOf(database: Database): readonly TrackioRun[] {
  const columns = database.columns('metrics');
  if (!columns.includes('run_name')) return [];
  const id = idColumn(columns);
  const rows = database.rows(
    `SELECT ${id}, run_name, MIN(rowid) FROM metrics WHERE within_file(rowid) GROUP BY ${id} ORDER BY 3`,
    [],
    100_000,
  );
  return rows.map(([run, name]) => ({ id: String(run), name: String(name) }));
}

function idColumn(columns: readonly string[]): string {
  return columns.includes('run_id') ? 'run_id' : 'run_name';
}

interface TrackioAnswer extends Answer {
  readonly config: Row | undefined;
  readonly name: string;
}

/** A run of a database: the table `metrics` has a row for each call, with all that was logged in it. */
class StoredTrackioRun implements StoredRun<TrackioAnswer> {
  readonly batch = 10_000;
  private run: TrackioRun | undefined;

  constructor(
    private readonly place: RunPlace,
    private readonly sink: RunSink,
  ) {}

  ask(database: Database, lastRow: Row): TrackioAnswer {
    const columns = database.columns('metrics');
    const id = idColumn(columns);
    const run = (this.run ??= this.find(database));
    const [last, ...before] = lastRow;
    const select = `SELECT rowid, timestamp, step, metrics FROM metrics WHERE`;
    const [same] = last === 0 ? [lastRow] : database.rows(`${select} rowid = ?`, [last ?? null]);
    const hasConfigs = database.columns('configs').includes(id);
    return {
      name: run.name,
      config: hasConfigs
        ? database.rows(`SELECT config, created_at FROM configs WHERE within_file(rowid) AND ${id} = ? ORDER BY rowid DESC`, [run.id], 1)[0]
        : undefined,
      isSame: same !== undefined && before.every((value, index) => textOf(value) === textOf(same[index + 1])),
      rows: database.rows(`${select} within_file(rowid) AND ${id} = ? AND rowid > ? ORDER BY rowid`, [run.id, last ?? 0], this.batch),
    };
  }

  take({ rows, name, config }: TrackioAnswer): void {
    this.sink.facts({ ...configFacts(config, this.place.source), name });
    const records: MetricsRecord[] = [];
    for (const row of rows) this.takeRow(row, records);
    if (records.length > 0) this.sink.metrics(records);
  }

  forget(): void {
    this.run = undefined;
  }

  private find(database: Database): TrackioRun {
    const runs = runsOf(database);
    const { run: wanted, source } = this.place;
    const found =
      wanted === undefined && runs.length === 1 ? runs[0] : runs.find((run) => runName(run, runs) === wanted || run.id === wanted);
    if (found) return found;
    const problem = runs.length === 0 ? 'it has no run yet' : wanted === undefined ? 'it has several runs' : `it has no run "${wanted}"`;
    throw new RunDirectoryError(source, problem, `Name one of its runs: ${runs.slice(0, 20).map(({ name }) => name).join(', ')}.`); // prettier-ignore
  }

  private takeRow([row, timestamp, step, metrics]: Row, records: MetricsRecord[]): void {
    const values = parse(textOf(metrics ?? null));
    if (!isObject(values) || typeof step !== 'number') {
      this.sink.malformed({ line: Number(row), why: 'as a row of the table metrics it has no step or no JSON object' });
      return;
    }
    // What is logged of a step in several calls is one record; the later value counts.
    const last = records.at(-1);
    const record = last?.step === step ? last : { step, time: Date.parse(textOf(timestamp ?? null)) / 1000, data: {} };
    if (record !== last) records.push(record);
    for (const [key, value] of Object.entries(values)) {
      const number = parseNumber(value);
      if (number !== undefined) setOwn(record.data as Record<string, number>, key, number);
    }
  }
}

/** The config that was given to `trackio.init`, with the time and the group that it adds. */
function configFacts(row: Row | undefined, file: string): RunFacts {
  const project = path.basename(file, path.extname(file));
  const config = row === undefined ? undefined : parse(textOf(row[0] ?? null));
  if (!isObject(config)) return { group: project };
  const { _Created: created, _Group: group, ...own } = config;
  const time = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  return {
    ...parameterFacts(flattened({ ...own, _Username: undefined })),
    group: typeof group === 'string' && group !== '' ? group : project,
    ...(!Number.isNaN(time) && { createdAt: new Date(time).toISOString() }),
  };
}

/** Trackio writes its JSON as bytes, SQLite has them as a blob. */
function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}
