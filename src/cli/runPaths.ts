import path from 'node:path';
import { runFiles } from '../core/records/run.ts';
import { RunDirectoryError } from '../runs/directory/runDirectoryError.ts';
import { statusOf } from '../runs/directory/runFile.ts';
import { requireRuns } from '../runs/sources/findRuns.ts';
import type { FoundRuns } from '../runs/sources/findRuns.ts';
import type { RunPlace } from '../runs/sources/format.ts';
import { metricsFormat, placeId, runDirectory, runDirectoryFormat } from '../runs/sources/runPlace.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit.ts';
import { badInput, exitCodes } from './exit.ts';

/**
 * The runs that the arguments name: a run directory, a log or event file of another program, or a folder of them, such as `.otb/runs`,
 * in the order of their names. What cannot be recognised is left to the reader of run directories where it may be one, and is bad input
 * otherwise. `format`: what the paths are; default: what they look like.
 */
export async function findRunPlaces(
  paths: readonly string[],
  { cwd, output }: Pick<CommandContext, 'cwd' | 'output'>,
  format?: string,
): Promise<RunPlace[]> {
  const found = new Map<string, RunPlace>();
  for (const given of paths) {
    const { places, isIncomplete } = await placesAt(path.resolve(cwd, given), given, format);
    if (isIncomplete) output.note(`${given}: there is more in it than was searched. Name the folders in it that you mean.`);
    for (const place of places) found.set(placeId(place), place);
  }
  return [...found.values()];
}

/** The run directories that the arguments name, for commands that do something with the runs' processes. */
export async function findRunDirectories(paths: readonly string[], context: Pick<CommandContext, 'cwd' | 'output'>): Promise<string[]> {
  return (await findRunPlaces(paths, context, runDirectoryFormat)).map(({ source }) => source);
}

/** A run that could not be read, and why: an entry of `errors` in the `--json` result of commands that take several runs. */
interface UnreadRun {
  readonly source: string;
  /** Names the file, the key where there is one, and what to do. */
  readonly message: string;
}

/** What could be read of several runs. */
export interface ReadRuns<T> {
  readonly runs: readonly T[];
  readonly errors: readonly UnreadRun[];
}

/** Reads runs one after another. One that cannot be read does not keep the others from being shown: it is named on standard error. */
export async function readRuns<T>(
  places: readonly RunPlace[],
  read: (place: RunPlace) => Promise<T>,
  { output }: Pick<CommandContext, 'output'>,
): Promise<ReadRuns<T>> {
  const runs: T[] = [];
  const errors: UnreadRun[] = [];
  for (const place of places) {
    try {
      runs.push(await read(place));
    } catch (error) {
      if (!(error instanceof RunDirectoryError)) throw error;
      errors.push({ source: placeId(place), message: error.message });
      output.note(`otb: ${error.message}`);
    }
  }
  return { runs, errors };
}

/** The exit code that runs which could not be read ask for: 1 beside others, 2 where there was nothing else; undefined: all were read. */
export function exitCodeOfUnread({ runs, errors }: ReadRuns<unknown>): ExitCode | undefined {
  if (errors.length === 0) return undefined;
  return runs.length > 0 ? exitCodes.failed : exitCodes.badInput;
}

async function placesAt(place: string, given: string, format: string | undefined): Promise<FoundRuns> {
  const status = await statusOf(place);
  const hash = status === undefined ? place.lastIndexOf('#') : -1;
  if (hash > 0) return oneOf(await placesAt(place.slice(0, hash), given, format), place, given);
  if (status === undefined)
    throw badInput(`${given}: there is no such file or directory. Give the directory of a run, a log, or a folder of them.`);
  const itself = { places: [runDirectory(place)], isIncomplete: false };
  if (format === runDirectoryFormat && !status.isDirectory()) return itself;
  try {
    return await requireRuns(place, { format: format === 'auto' ? undefined : format });
  } catch (error) {
    if (!(error instanceof RunDirectoryError)) throw error;
    // A run that has yet to log its first step, and one whose every line is broken, are runs all the same.
    if (status.isFile() && (path.basename(place) === runFiles.metrics || (status.size === 0 && place.endsWith('.jsonl'))))
      return { places: [{ format: metricsFormat, source: place }], isIncomplete: false };
    // One that is about to be a run directory is left to the reader of those, which says so.
    if (status.isDirectory() && (format === runDirectoryFormat || (await isStarting(place)))) return itself;
    throw badInput(error.message);
  }
}

/** One run of a store, named as it is shown: the path, "#" and which run. */
function oneOf(found: FoundRuns, id: string, given: string): FoundRuns {
  const places = found.places.filter((place) => placeId(place) === id);
  if (places.length === 0) throw badInput(`${given}: there is no such run. There are: ${found.places.map(placeId).join(', ')}.`);
  return { ...found, places };
}

async function isStarting(folder: string): Promise<boolean> {
  return (await statusOf(path.join(folder, runFiles.stderr))) !== undefined;
}
