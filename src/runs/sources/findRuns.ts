import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { statusOf } from '../directory/runFile.ts';
import type { RunFormat, RunPlace } from './format.ts';
import { formats } from './formats.ts';
import { glimpse } from './glimpse.ts';

/** How deep a folder is looked into, and at how many files in all: W&B, MLflow and TensorBoard nest four folders deep. */
export const searchLimits = { levels: 6, files: 5000 } as const;

/** Folders that hold no runs and many files. */
const skipped = new Set(['node_modules', '.git', '__pycache__', '.venv', 'venv', 'site-packages']);

/** What was found in a place where somebody looked for runs. */
export interface FoundRuns {
  readonly places: readonly RunPlace[];
  /** Whether there was more to look at than the limits allow. */
  readonly isIncomplete: boolean;
}

/** The format that is surest of a file; undefined: none is sure enough. Throws the system's error where it cannot be read. */
export async function formatOf(file: string): Promise<RunFormat | undefined> {
  const look = await glimpse(file);
  let best: RunFormat | undefined;
  let surest = 0;
  for (const format of formats) {
    const sure = format.sniff(look);
    if (sure > surest) [best, surest] = [format, sure];
  }
  return surest >= 0.5 ? best : undefined;
}

/** The runs of other programs in a file, or in the files of a folder and the folders in it. Files that cannot be read are passed over. */
export async function findRuns(
  place: string,
  limits: { readonly levels: number; readonly files: number } = searchLimits,
): Promise<FoundRuns> {
  const status = await statusOf(place);
  const search = new Search(limits);
  if (status?.isFile()) await search.lookAt(place);
  else if (status?.isDirectory()) await search.lookInto(place, limits.levels);
  return { places: search.places, isIncomplete: search.isIncomplete };
}

class Search {
  isIncomplete = false;
  private readonly found = new Map<string, RunPlace>();
  private left: number;

  constructor({ files }: { readonly files: number }) {
    this.left = files;
  }

  get places(): readonly RunPlace[] {
    return [...this.found.values()];
  }

  async lookAt(file: string): Promise<RunFormat | undefined> {
    const format = await formatOf(file).catch(() => undefined);
    if (!format) return undefined;
    const places = (await format.places?.(file)) ?? [{ format: format.name, source: file }];
    for (const one of places) this.found.set(`${one.format}\0${one.source}\0${one.run ?? ''}`, one);
    return format;
  }

  async lookInto(folder: string, levels: number): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = (kind: 'isFile' | 'isDirectory') =>
      entries
        .filter((entry) => entry[kind]())
        .map(({ name }) => name)
        .toSorted();
    let isOwned = false;
    for (const name of names('isFile')) {
      if (this.left-- <= 0) {
        this.isIncomplete = true;
        return;
      }
      const format = await this.lookAt(path.join(folder, name));
      isOwned ||= format?.ownsFolder === true;
    }
    const folders = names('isDirectory').filter((name) => !skipped.has(name));
    if (isOwned || folders.length === 0) return;
    if (levels === 0) this.isIncomplete = true;
    else for (const name of folders) await this.lookInto(path.join(folder, name), levels - 1);
  }
}
