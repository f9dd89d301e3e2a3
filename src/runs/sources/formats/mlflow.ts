import path from 'node:path';
import { readText } from '../../directory/regularFile.ts';
import type { Glimpse, RunFormat } from '../format.ts';
import { flatYaml } from '../mlflow/flatYaml.ts';
import { FolderRunReader, metaFile } from '../mlflow/folderRun.ts';
import { SqliteRun, runsInDatabase } from '../mlflow/sqliteRun.ts';
import { DatabaseReader } from '../sqlite/databaseReader.ts';
import { schemaText } from '../sqlite/schemaText.ts';

const mostBytes = 1 << 16;

/**
 * The local stores of MLflow, of files (`mlruns/EXPERIMENT/RUN/meta.yaml`) and of SQLite (`mlflow.db`). An infinity in SQLite is the largest
 * number there is, as MLflow itself gives it back.
 */
export const mlflow: RunFormat = {
  name: 'mlflow',
  title: 'MLflow store, of files or SQLite',
  sign: 'mlruns/EXPERIMENT/RUN/meta.yaml with a run_id, or a database with the tables runs and latest_metrics',
  sniff,
  async places(file) {
    if (!isMeta(file)) return (await runsInDatabase(file)).map((run) => ({ format: mlflow.name, source: file, run }));
    const stage = flatYaml(await readText(file, mostBytes)).get('lifecycle_stage');
    return stage === 'deleted' ? [] : [{ format: mlflow.name, source: path.dirname(file) }];
  },
  ownsFolder: isMeta,
  open(place, sink, options) {
    if (/\.(?:db|sqlite3?|db3)$/i.test(place.source) || place.run !== undefined)
      return new DatabaseReader(place, sink, new SqliteRun(place, sink), options?.signal);
    return new FolderRunReader(isMeta(place.source) ? path.dirname(place.source) : place.source, sink, options);
  },
};

function isMeta(file: string): boolean {
  return path.basename(file) === metaFile;
}

function sniff(glimpse: Glimpse): number {
  if (isMeta(glimpse.file)) {
    const values = flatYaml(glimpse.head.toString('utf8'));
    return (values.has('run_id') || values.has('run_uuid')) && values.has('experiment_id') && values.has('status') ? 1 : 0;
  }
  return /CREATE TABLE "?latest_metrics/.test(schemaText(glimpse)) ? 1 : 0;
}
