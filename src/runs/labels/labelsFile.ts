import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { getOwn, isObject, parse, setOwn, stringify } from '../../core/records/json.ts';
import { nameFrom, parseRunLabel } from '../../core/records/runLabel.ts';
import type { RunLabel } from '../../core/records/runLabel.ts';
import { writeAtomically } from '../directory/atomicFile.ts';
import { pathKey } from '../directory/pathWithin.ts';
import { ignoreMissing } from '../directory/missing.ts';
import { readText, sizeLimits } from '../directory/regularFile.ts';
import { RunDirectoryError, unreadable } from '../directory/runDirectoryError.ts';
import { ProcessLock } from '../process/processLock.ts';

export const labelsFileName = 'labels.json';
const schemaVersion = 1;
const lockName = 'labels.lock';
/** Of JSON in the file: as many runs have a name and tags as fit into its size. */
const mostValues = 2_000_000;
/** Milliseconds to wait for another window that is writing. */
const lockMs = 5000;

/** A label in the making: nothing said, and said to be nothing, are the same. */
export type SaidLabel = { readonly [Key in Exclude<keyof RunLabel, 'isArchived'>]?: RunLabel[Key] | undefined } & {
  readonly isArchived?: boolean | undefined;
};

/** What is to be said of a run, or of a group under a folder of runs, given what is said of it now. */
export type LabelChange =
  | { readonly kind: 'run'; readonly dir: string; readonly label: (now: RunLabel) => SaidLabel }
  | { readonly kind: 'group'; readonly runsDir: string; readonly group: string; /** Empty: none. */ readonly name: string };

/** All that a file says. */
export interface Labels {
  run(dir: string): RunLabel | undefined;
  /** The name of a group. */
  group(runsDir: string, group: string): string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The names, tags and colours that somebody gave to runs: `labels.json` beside the folder of runs, never in the directory of a run.
 * Several windows and programs may change it at once: each change is made to what the file says at that moment. What this version does
 * not know in it stays as it is, and a file that cannot be understood is left alone.
 */
export class LabelsFile {
  /**
   * @param root the workspace folder that the file is of, so that paths in it stay right where the folder is moved; null: paths are
   *   written in full.
   */
  constructor(
    readonly file: string,
    private readonly root: string | null,
  ) {}

  /** Throws a RunDirectoryError where the file is there and cannot be understood. */
  async read(): Promise<Labels> {
    return this.labelsOf(await this.content());
  }

  /** Returns what the file says then. Throws a RunDirectoryError and leaves the file as it was. */
  async change(changes: readonly LabelChange[]): Promise<Labels> {
    const folder = path.dirname(this.file);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw this.unwritten(error);
    }
    const lock = await this.lock(folder);
    try {
      const before = await this.content();
      const after = this.changed(before, changes);
      const text = `${stringify({ ...after, schemaVersion }, 2)}\n`;
      if (text !== `${stringify({ ...before, schemaVersion }, 2)}\n`) this.write(text);
      return this.labelsOf(after);
    } finally {
      lock.release();
    }
  }

  private async content(): Promise<Json> {
    const text = await readText(this.file, sizeLimits.labels)
      .catch(ignoreMissing)
      .catch((error: unknown) => {
        throw unreadable(this.file, error);
      });
    if (text === undefined) return {};
    const value = parse(text, { values: mostValues });
    if (!isObject(value)) throw this.damaged('this is not a JSON object');
    const { schemaVersion: version = schemaVersion } = value;
    if (version !== schemaVersion)
      throw this.damaged(`its schemaVersion is ${stringify(version)}, and this version knows ${schemaVersion}`);
    return value;
  }

  private changed(content: Json, changes: readonly LabelChange[]): Json {
    const [runs, groups] = [entriesIn(content, 'runs'), entriesIn(content, 'groups')];
    for (const change of changes) {
      if (change.kind === 'run') {
        const key = pathKey(change.dir, this.root);
        const entry = asObject(runs.get(key));
        put(runs, key, withLabel(entry, change.label(parseRunLabel(entry))));
      } else {
        const folder = pathKey(change.runsDir, this.root);
        const inFolder = asObject(groups.get(folder));
        const name = nameFrom(change.name);
        const entry = withOwn(objectIn(inFolder, change.group), 'name', name === '' ? undefined : name);
        put(groups, folder, withOwn(inFolder, change.group, entry));
      }
    }
    const isOf = (kind: LabelChange['kind']): boolean => changes.some((change) => change.kind === kind);
    const withRuns = isOf('run') ? withOwn(content, 'runs', Object.fromEntries(runs)) : content;
    return isOf('group') ? withOwn(withRuns, 'groups', Object.fromEntries(groups)) : withRuns;
  }

  private labelsOf(content: Json): Labels {
    const labels = new Map(Object.entries(objectIn(content, 'runs')).map(([key, entry]) => [key, parseRunLabel(entry)]));
    const groups = objectIn(content, 'groups');
    return {
      run: (dir) => labels.get(pathKey(dir, this.root)),
      group: (runsDir, group) => {
        const { name } = objectIn(objectIn(groups, pathKey(runsDir, this.root)), group);
        return typeof name === 'string' && nameFrom(name) !== '' ? nameFrom(name) : undefined;
      },
    };
  }

  private async lock(folder: string): Promise<ProcessLock> {
    const deadline = Date.now() + lockMs;
    for (;;) {
      const attempt = await ProcessLock.take(() => folder, lockName).catch((error: unknown) => {
        throw this.unwritten(error);
      });
      if (attempt.kind === 'taken') return attempt.lock;
      if (Date.now() > deadline)
        throw new RunDirectoryError(this.file, 'another program has been writing it for seconds', 'Nothing was changed. Try again.');
      await setTimeout(20);
    }
  }

  private write(text: string): void {
    // What could not be read again would be lost.
    if (Buffer.byteLength(text) > sizeLimits.labels || !isObject(parse(text, { values: mostValues })))
      throw new RunDirectoryError(this.file, 'has no room for more', 'Nothing was changed. Take away what is said of runs that are gone.');
    try {
      writeAtomically(this.file, text);
    } catch (error) {
      throw this.unwritten(error);
    }
  }

  private damaged(problem: string): RunDirectoryError {
    const remedy = 'Names, tags and colors of runs are kept in it. It is left as it is: repair it, or delete it to begin anew.';
    return new RunDirectoryError(this.file, problem, remedy);
  }

  private unwritten(error: unknown): RunDirectoryError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    return new RunDirectoryError(this.file, `cannot be written: ${cause.message}`, 'Nothing was changed.', { cause: error });
  }
}

/** The entry of a run, with what it says besides. */
function withLabel(entry: Json, { name, tags, color, isArchived }: SaidLabel): Json {
  // Parsed once more: what is written is what will be read.
  const label = parseRunLabel({ name, tags, color, archived: isArchived });
  const written: readonly (readonly [string, unknown])[] = [
    ['name', label.name],
    ['tags', label.tags],
    ['color', label.color],
    ['archived', label.isArchived],
  ];
  return written.reduce((object, [key, value]) => withOwn(object, key, value), entry);
}

/** A copy with another value of a key, in its place; without the key where that is undefined or an empty object. */
function withOwn(object: Json, key: string, value: unknown): Json {
  const isEmpty = value === undefined || (isObject(value) && Object.keys(value).length === 0);
  const copy: Record<string, unknown> = {};
  for (const [name, other] of Object.entries(object)) {
    if (name !== key) setOwn(copy, name, other);
    else if (!isEmpty) setOwn(copy, name, value);
  }
  if (!isEmpty && !Object.hasOwn(copy, key)) setOwn(copy, key, value);
  return copy;
}

function objectIn(object: Json, key: string): Json {
  return asObject(getOwn(object, key));
}

function entriesIn(object: Json, key: string): Map<string, unknown> {
  return new Map(Object.entries(objectIn(object, key)));
}

/** In its place; without the key where it is an empty object. */
function put(entries: Map<string, unknown>, key: string, entry: Json): void {
  if (Object.keys(entry).length === 0) entries.delete(key);
  else entries.set(key, entry);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}
