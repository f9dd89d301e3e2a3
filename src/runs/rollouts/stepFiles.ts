import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { listRollouts } from '../directory/checkpoints.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import type { RolloutPlace } from './rolloutSource.ts';

export const trlFileName = /^completions_(\d+)\.parquet$/;

/** What rollouts are called: as is said, else as their file or folder. */
export function rolloutsName({ name, path: place }: RolloutPlace): string {
  const base = path.basename(place);
  // TRL's folders all have the same name, and the one that they are in tells them apart.
  return name ?? (base === 'completions' ? path.join(path.basename(path.dirname(place)), base) : base);
}

/** The file of each step, ascending; null: the place is one file. Throws a RunDirectoryError. */
export async function stepFiles(place: RolloutPlace): Promise<ReadonlyMap<number, string> | null> {
  if (place.format === 'run') return new Map(listRollouts(place.path).map(({ step, file }) => [step, file]));
  if (!(await statusOf(place.path)).isDirectory()) return null;
  const found = (await namesIn(place.path)).flatMap((name) => {
    const isOne = place.format === 'trl' ? trlFileName.test(name) : name.endsWith('.jsonl');
    const step = isOne ? stepInName(name) : undefined;
    return step === undefined ? [] : [[step, path.join(place.path, name)] as const];
  });
  return new Map(found.sort(([a], [b]) => a - b));
}

/** The file that a step is in. Throws a RunDirectoryError where there is none. */
export async function fileOfStep(place: RolloutPlace, step: number): Promise<string> {
  const files = await stepFiles(place);
  const file = files === null ? place.path : files.get(step);
  if (file !== undefined) return file;
  throw new RunDirectoryError(place.path, `there is no file of step ${step} any more`, 'Choose another step.');
}

/** The file of a step, to be opened as text; null: there is none, or it is not text. */
export async function textOfStep(place: RolloutPlace, step: number): Promise<string | null> {
  if (place.format === 'trl') return null;
  const files = await stepFiles(place);
  return files === null ? place.path : (files.get(step) ?? null);
}

/** The last whole number in the name of a file, e.g. 120 of "step-000120.jsonl". */
export function stepInName(file: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(path.basename(file, path.extname(file)))?.[1];
  const step = Number(digits);
  return Number.isSafeInteger(step) ? step : undefined;
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
}

export async function statusOf(place: string): Promise<Stats> {
  return stat(place).catch((error: unknown) => {
    throw unreadable(place, error);
  });
}
