import path from 'node:path';
import { isObject } from '../../../core/records/json.ts';
import { runFiles } from '../../../core/records/run.ts';
import { hasFile } from '../../directory/ownFile.ts';
import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import type { RolloutPlace } from '../rolloutSource.ts';
import { namesIn, statusOf, stepInName, trlFileName } from '../stepFiles.ts';
import { jsonLines } from './jsonLines.ts';
import type { Row } from './mapping.ts';
import { isVerlRow, verlFileName } from './verlDump.ts';

/** What a file or a folder with rollouts is: a place of which the format is known, or rows whose keys somebody has to name. */
export type Recognised =
  | {
      readonly kind: 'place';
      readonly place: RolloutPlace;
      /** Which step was chosen, by its file; null: none. */ readonly step: number | null;
    }
  | { readonly kind: 'unmapped'; readonly path: string; readonly step: number | null; readonly rows: readonly Row[] };

/** Rows by which a format is told. */
const fewRows = 20;

/** Throws a RunDirectoryError where there are no rollouts. */
export async function recogniseRollouts(chosen: string): Promise<Recognised> {
  return (await statusOf(chosen)).isDirectory() ? recogniseFolder(chosen) : recogniseFile(chosen);
}

async function recogniseFile(file: string): Promise<Recognised> {
  const [name, folder] = [path.basename(file), path.dirname(file)];
  const step = stepInName(name) ?? null;
  const run = path.dirname(folder);
  if (path.basename(folder) === runFiles.rollouts && hasFile(path.join(run, runFiles.run))) {
    return { kind: 'place', place: { format: 'run', path: run }, step };
  }
  if (name.endsWith('.parquet')) {
    // The steps beside it come along. Whether it is of TRL is seen where it is read.
    const isOne = !trlFileName.test(name);
    return { kind: 'place', place: { format: 'trl', path: isOne ? file : folder }, step: isOne ? null : step };
  }
  const rows = await firstRows(file);
  if (!rows.every(isVerlRow)) return { kind: 'unmapped', path: file, step: null, rows };
  const isOne = !verlFileName.test(name);
  return { kind: 'place', place: { format: 'verl', path: isOne ? file : folder }, step: isOne ? null : step };
}

async function recogniseFolder(folder: string): Promise<Recognised> {
  const names = [...(await namesIn(folder))].sort();
  if (names.includes(runFiles.run) && names.includes(runFiles.rollouts)) {
    return { kind: 'place', place: { format: 'run', path: folder }, step: null };
  }
  if (names.some((name) => trlFileName.test(name))) return { kind: 'place', place: { format: 'trl', path: folder }, step: null };
  if (names.includes('completions')) return recogniseFolder(path.join(folder, 'completions'));
  const first = names.find((name) => name.endsWith('.jsonl') && stepInName(name) !== undefined);
  if (first === undefined) {
    const problem = 'there are no rollouts in this folder';
    throw new RunDirectoryError(folder, problem, 'Choose one with a file for each step, such as 120.jsonl, or choose a file.');
  }
  const recognised = await recogniseFile(path.join(folder, first));
  return recognised.kind === 'unmapped' ? { ...recognised, path: folder } : { ...recognised, step: null };
}

/** Throws a RunDirectoryError where there is none, with what is wrong with the first line. */
async function firstRows(file: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let first = 'is empty';
  for await (const read of jsonLines(file)) {
    if ('problem' in read) first = `line ${read.line} ${read.problem}`;
    else if (isObject(read.value)) rows.push(read.value);
    else first = `line ${read.line} is not a JSON object`;
    if (rows.length >= fewRows || read.line >= 10 * fewRows) break;
  }
  if (rows.length > 0) return rows;
  throw new RunDirectoryError(
    file,
    `holds no rollouts: ${first === 'is empty' ? 'it is empty' : first}`,
    'Choose a JSONL file with a response in each line, or a parquet file of TRL.',
  );
}
