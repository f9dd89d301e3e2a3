import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { kindOf } from '../directory/regularFile.ts';
import { statusOf } from '../directory/runFile.ts';
import type { RunFormat, RunPlace } from './format.ts';
import { formatNamed, formats } from './formats.ts';
import { glimpse } from './glimpse.ts';
import { placeId, runDirectory, runDirectoryFormat } from './runPlace.ts';

/** How deep a folder is looked into, and at how many files in all: W&B, MLflow and TensorBoard nest four folders deep. */
const searchLimits = { levels: 6, files: 5000 } as const;

/** Folders that hold no runs and many files. */
const skipped = new Set(['node_modules', '.git', '__pycache__', '.venv', 'venv', 'site-packages', runFiles.checkpoints, runFiles.rollouts]);
/** Of files that tell what is in them by their names, and are no logs. */
const others =
  /\.(?:py|ipynb_checkpoints|safetensors|pt|pth|bin|ckpt|png|jpg|jpeg|gif|svg|mp4|zip|gz|xz|zst|tar|so|wasm|html?|md|toml|lock)$/i;

/** What was found in a place where somebody looked for runs. */
export interface FoundRuns {
  readonly places: readonly RunPlace[];
  /** Whether there was more to look at than the limits allow. */
  readonly isIncomplete: boolean;
}

export interface SearchOptions {
  /** The only format to look for; default: all. */
  readonly format?: string | undefined;
  readonly levels?: number;
  readonly files?: number;
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

/**
 * The runs in a file or run directory, or in the files of a folder and the folders in it, run directories first. Files that cannot be
 * read are passed over.
 */
export function findRuns(place: string, options: SearchOptions = {}): Promise<FoundRuns> {
  return new RunSearch(place, options).run();
}

/** The same of a place that somebody named. Throws a RunDirectoryError that says what was looked for and what is there, where it has no run. */
export async function requireRuns(place: string, options: SearchOptions = {}): Promise<FoundRuns> {
  const found = await findRuns(place, options);
  if (found.places.length > 0) return found;
  const status = await statusOf(place);
  if (!status)
    throw new RunDirectoryError(place, 'there is no such file or directory', 'Give a run directory, a log, or a folder of them.');
  if (status.isFile()) throw await unknownFile(place);
  const kind = status.isDirectory() ? undefined : kindOf(status);
  if (kind !== undefined)
    throw new RunDirectoryError(place, `cannot be read: this is ${kind}, not a regular file`, 'Give a log, or a folder of logs.');
  const problem = found.isIncomplete
    ? `no run was found among its first ${options.files ?? searchLimits.files} files`
    : 'no run was found in it: no run directory (one with a run.json) and no log or event file of a known format';
  throw new RunDirectoryError(place, problem, `Name the file itself, with --format if it is not recognized. Known: ${known()}.`);
}

function known(): string {
  return formats.map(({ title }) => title).join(', ');
}

async function unknownFile(file: string): Promise<RunDirectoryError> {
  const { head, size } = await glimpse(file).catch((error: unknown) => {
    throw new RunDirectoryError(file, `cannot be read: ${(error as Error).message}`, 'See that it is a file that may be read.');
  });
  if (size === 0) return new RunDirectoryError(file, 'it is empty', 'Wait until something is logged into it.');
  const isText = !head.subarray(0, 4096).includes(0);
  const lines = head
    .toString('utf8')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '');
  const begins = lines.slice(0, 3).map((line) => `  ${line.length > 120 ? `${line.slice(0, 120)}…` : line}`);
  const looked = formats.map(({ title, sign }) => `  ${title}: ${sign}`);
  return new RunDirectoryError(
    file,
    [
      'its format is not recognized. Looked for:',
      ...looked,
      ...(isText ? ['It begins with:', ...begins] : [`It is a binary file of ${size} bytes.`]),
      'It may be one of these all the same',
    ].join('\n'),
    'Then say which with --format.',
  );
}

/** What was found of a file the last time. */
interface Known {
  readonly signature: string;
  readonly inode: number;
  readonly format: RunFormat | undefined;
  readonly places: readonly RunPlace[];
}

/** A search that can be made again, and then looks only at what has changed. */
export class RunSearch {
  private known = new Map<string, Known>();

  constructor(
    private readonly place: string,
    private readonly options: SearchOptions = {},
  ) {}

  /** Throws a RunDirectoryError where it cannot be told what the place is. */
  async run(): Promise<FoundRuns> {
    const status = await statusOf(this.place);
    const round = new SearchRound(this.options, this.known);
    if (status?.isFile()) await round.lookAt(this.place, true);
    else if (status?.isDirectory()) await round.lookInto(this.place, this.options.levels ?? searchLimits.levels);
    this.known = round.seen;
    return { places: round.places, isIncomplete: round.isIncomplete };
  }
}

class SearchRound {
  isIncomplete = false;
  readonly seen = new Map<string, Known>();
  private readonly directories: RunPlace[] = [];
  private readonly found = new Map<string, RunPlace>();
  private left: number;

  constructor(
    private readonly options: SearchOptions,
    private readonly known: ReadonlyMap<string, Known>,
  ) {
    this.left = options.files ?? searchLimits.files;
  }

  get places(): readonly RunPlace[] {
    return [...this.directories, ...this.found.values()];
  }

  /** `isNamed`: somebody named the file itself, so that a format that was asked for need not recognise it. */
  async lookAt(file: string, isNamed: boolean): Promise<RunFormat | undefined> {
    const { format, places } = await this.look(file, isNamed);
    for (const one of places) if (!this.found.has(placeId(one))) this.found.set(placeId(one), one);
    return format;
  }

  async lookInto(folder: string, levels: number): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = (kind: 'isFile' | 'isDirectory') =>
      entries
        .filter((entry) => entry[kind]())
        .map(({ name }) => name)
        .toSorted();
    const files = names('isFile');
    if (entries.some(({ name }) => name === runFiles.run) && (this.options.format ?? runDirectoryFormat) === runDirectoryFormat) {
      this.directories.push(runDirectory(folder));
      return;
    }
    let isOwned = false;
    for (const name of files) {
      if (others.test(name)) continue;
      if (this.left-- <= 0) {
        this.isIncomplete = true;
        return;
      }
      const file = path.join(folder, name);
      const { ownsFolder } = (await this.lookAt(file, false)) ?? {};
      isOwned ||= typeof ownsFolder === 'function' ? ownsFolder(file) : ownsFolder === true;
    }
    const folders = names('isDirectory').filter((name) => !skipped.has(name));
    if (isOwned || folders.length === 0) return;
    if (levels === 0) this.isIncomplete = true;
    else for (const name of folders) await this.lookInto(path.join(folder, name), levels - 1);
  }

  private async look(file: string, isNamed: boolean): Promise<Known> {
    const status = await stat(file).catch(() => undefined);
    if (!status) return { signature: '', inode: 0, format: undefined, places: [] };
    const before = this.known.get(file);
    // A database in WAL mode has what is new in the file beside it.
    const beside = /\.(?:db|sqlite3?)$/i.test(file) ? await stat(`${file}-wal`).catch(() => undefined) : undefined;
    const signature = [status, beside].map((one) => `${one?.ino} ${one?.size} ${one?.mtimeMs}`).join();
    // A file that is one run stays that; a store may have others now, and what was not recognised may be by what was added.
    const isKnown = before !== undefined && (before.signature === signature || (isSingle(before) && before.inode === status.ino));
    const known = isKnown ? before : { signature, inode: status.ino, ...(await this.recognise(file, isNamed)) };
    this.seen.set(file, known);
    return known;
  }

  private async recognise(file: string, isNamed: boolean): Promise<Pick<Known, 'format' | 'places'>> {
    const { format: wanted } = this.options;
    const none = { format: undefined, places: [] };
    if (wanted === runDirectoryFormat) return none;
    const format = isNamed && wanted !== undefined ? formatNamed(wanted) : await formatOf(file).catch(() => undefined);
    if (!format || (wanted !== undefined && format.name !== wanted)) return none;
    return { format, places: (await format.places?.(file).catch(() => undefined)) ?? [{ format: format.name, source: file }] };
  }
}

/** Whether a file is one run, and so no other will come to be in it. */
function isSingle({ places }: Known): boolean {
  return places.length === 1 && places[0]?.run === undefined;
}
