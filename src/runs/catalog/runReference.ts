import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fewText } from '../../core/notation.ts';
import { runFiles } from '../../core/records/run.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { isRunDirectory, statusOf } from '../directory/runFile.ts';
import { defaultRunsDir } from '../launcher/runsFolder.ts';

/** A run as somebody names it, and perhaps one of its steps. */
export interface RunAtStep {
  /** The path of a run directory, or the id of a run or the beginning of one. */
  readonly run: string;
  /** Null: none was named. */
  readonly step: number | null;
}

/** Runs that an error names; somebody who wants to see all looks into the folder. */
const mostNamed = 5;

/** Reads RUN or RUN@STEP. What follows an "@" and is no whole number belongs to the run. */
export function parseRunAtStep(text: string): RunAtStep {
  const [, run, step] = /^(.+)@(\d+)$/s.exec(text) ?? [];
  return run === undefined || !Number.isSafeInteger(Number(step)) ? { run: text, step: null } : { run, step: Number(step) };
}

/**
 * The run directory that is meant by a path, by an id, or by the beginning of the id of one run in the `.otb/runs` of `cwd`. Throws a
 * RunDirectoryError that says what was looked for and where, and which runs it could have been.
 */
export async function findRunDirectory(reference: string, cwd: string): Promise<string> {
  const place = path.resolve(cwd, reference);
  if (reference !== '' && (await isRunDirectory(place))) return place;
  const runsDir = defaultRunsDir(cwd);
  const isId = reference !== '' && !/[/\\]/.test(reference);
  const ids = await runIds(runsDir);
  const meant = isId ? ids.filter((id) => id.startsWith(reference)) : [];
  const found = meant.includes(reference) ? reference : meant.length === 1 ? meant[0] : undefined;
  if (found !== undefined) return path.join(runsDir, found);
  if (meant.length > 1)
    throw new RunDirectoryError(reference, `the ids of ${meant.length} runs begin so`, `Write more of one: ${fewText(meant, mostNamed)}.`);
  if (reference !== '' && (await statusOf(place)))
    throw new RunDirectoryError(place, `there is no ${runFiles.run} in it`, 'Give the directory of a run, or its id.');
  const remedy = ids.length === 0 ? `There are no runs in ${runsDir}.` : `In ${runsDir} there are ${fewText(ids.toReversed(), mostNamed)}.`;
  throw new RunDirectoryError(reference === '' ? '""' : reference, 'there is no such run', remedy);
}

/** In the order of their names, which is that of their starts. */
async function runIds(runsDir: string): Promise<readonly string[]> {
  const names = (await readdir(runsDir).catch((): string[] => [])).sort((a, b) => (a < b ? -1 : 1));
  const runs = await Promise.all(names.map((name) => isRunDirectory(path.join(runsDir, name))));
  return names.filter((_, i) => runs[i]);
}
