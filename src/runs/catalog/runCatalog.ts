import path from 'node:path';
import { ThreadedBulkReader } from '../columns/bulkReader.ts';
import { CatalogEntry } from './catalogEntry.ts';
import { EndedRuns } from './endedRuns.ts';
import { OpenRuns } from './openRuns.ts';
import type { OpenRun } from './openRuns.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import type { RunPlace } from '../sources/format.ts';
import { placeId, runDirectory } from '../sources/runPlace.ts';
import { groupKey } from './groupTitles.ts';
import { LabelledRuns } from './labelledRuns.ts';
import type { LabelSource } from './labelledRuns.ts';
import { RunFolder } from './runFolder.ts';
import { SearchedPlace } from './searchedPlace.ts';
import type { CatalogChange, RunOverview } from './runOverview.ts';
import { Slots } from './slots.ts';

export interface CatalogOptions {
  /** Called at most every `gatherMs`. */
  readonly onChange: (change: CatalogChange) => void;
  /** Told about folders and runs that cannot be read, as a sentence, once each. */
  readonly onProblem?: (message: string) => void;
  /** What somebody decided about a run because its files do not tell. */
  readonly assigned?: (place: RunPlace) => RunAssignment | undefined;
  /** What somebody said of runs and groups. */
  readonly labels?: LabelSource;
  /** Program of the worker that reads long runs; without it they are read in this process. */
  readonly readerEntry?: string;
  /** Program of the worker that reads many runs that have ended; without it they are read in this process. */
  readonly endedEntry?: string;
  readonly gatherMs?: number;
  /** Milliseconds between looks at runs that have ended. */
  readonly checkMs?: number;
  /** Milliseconds between searches of places, where nobody waits for one. */
  readonly searchMs?: number;
}

/** Runs that are read at once: more would not be faster, and would use up file descriptors. */
const readAtOnce = 16;
/** Runs that have ended, looked at in one check. */
const checkedAtOnce = 100;

interface WatchedFolder {
  readonly watch: RunFolder | SearchedPlace;
  /** The runs in it. */
  readonly dirs: Set<string>;
  /** Whether runs of other programs count, too. */
  readonly isSearched: boolean;
}

/** All runs under some folders, kept up to date: new ones, changed ones, deleted ones, whoever started them. */
export class RunCatalog {
  private readonly folders = new Map<string, WatchedFolder>();
  private readonly entries = new Map<string, CatalogEntry>();
  private readonly openRuns: OpenRuns;
  /** What listeners were told last. */
  private readonly published: LabelledRuns;
  private sorted: readonly RunOverview[] | undefined;
  /** Directories whose overview is not the published one. */
  private readonly dirty = new Set<string>();
  private gathering: NodeJS.Timeout | undefined;
  private readonly endedRuns: EndedRuns;
  private readonly readers = new Slots(readAtOnce);
  /** Number of entries that have yet to be read for the first time, and what waits for that. */
  private unread = 0;
  private readonly whenRead: (() => void)[] = [];
  /** Entries whose sparkline is not complete. */
  private readonly incomplete = new Set<CatalogEntry>();
  private readonly checks: NodeJS.Timeout;
  private checking = false;
  private lastChecked = 0;
  private readonly complaints = new Set<string>();
  private looked: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: CatalogOptions) {
    const { readerEntry } = options;
    this.published = new LabelledRuns(options.labels);
    const slow = ({ message }: Error): void => this.complain(`Long runs are read slowly: ${message}`);
    const bulk = readerEntry === undefined ? undefined : new ThreadedBulkReader(readerEntry, slow);
    this.openRuns = new OpenRuns({ bulk, assigned: (place) => options.assigned?.(place) }, (id) => this.entries.get(id)?.changeSource());
    this.endedRuns = new EndedRuns(options.endedEntry);
    this.checks = setInterval(() => void this.check(), options.checkMs ?? 1000);
  }

  /** Newest first; the runs of a group stand together. */
  get runs(): readonly RunOverview[] {
    return (this.sorted ??= newestFirst([...this.published.all]));
  }

  /** Settles when all runs that are there now have been looked at once: also those that were written a moment ago. */
  get ready(): Promise<void> {
    return this.whenReady();
  }

  get(dir: string): RunOverview | undefined {
    return this.published.get(dir);
  }

  /**
   * Looks at these from now on; they need not exist yet. `folders` have run directories in them; `places` are folders and files in which
   * runs of other programs count as well, however deep they lie.
   */
  setFolders(folders: readonly string[], places: readonly string[] = []): void {
    const wanted = new Map(folders.map((folder) => [path.resolve(folder), false]));
    for (const place of places) wanted.set(path.resolve(place), true);
    for (const [folder, { watch, isSearched }] of this.folders) {
      if (wanted.get(folder) === isSearched) continue;
      watch.close();
      this.folders.delete(folder);
    }
    for (const [folder, isSearched] of wanted) if (!this.folders.has(folder)) this.watchFolder(folder, isSearched);
    this.dropUnlisted();
    this.looked = Promise.all([...this.folders.values()].map(({ watch }) => watch.firstLook));
  }

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. Looking at a run twice reads it once. */
  openMetrics(dir: string, onRows: (from: number) => void): OpenRun {
    return this.openRuns.look(this.entries.get(dir)?.place ?? runDirectory(dir), onRows);
  }

  /** Something was decided about runs: those that it is about are read again. */
  reassign(): void {
    for (const [id, entry] of this.entries)
      if (entry.takeDecision() && !this.openRuns.restart(id)) void this.readers.run(() => entry.wake());
  }

  /** Something else is said of runs: nothing is read for that. */
  relabel(): void {
    this.published.relabel();
    this.gather();
  }

  /** Where a run is; undefined: there is none of that id. */
  placeOf(id: string): RunPlace | undefined {
    return this.entries.get(id)?.place;
  }

  close(): void {
    clearInterval(this.checks);
    clearTimeout(this.gathering);
    for (const { watch } of this.folders.values()) watch.close();
    for (const entry of this.entries.values()) entry.close();
    this.openRuns.close();
    this.endedRuns.close();
  }

  private async whenReady(): Promise<void> {
    await this.looked;
    await Promise.all([...this.folders.values()].map(({ watch }) => watch.lookNow()));
    if (this.unread > 0) await new Promise<void>((resolve) => this.whenRead.push(resolve));
    this.flush();
  }

  private watchFolder(folder: string, isSearched: boolean): void {
    const dirs = new Set<string>();
    const listener = {
      runs: (found: readonly RunPlace[]) => {
        dirs.clear();
        // Names begin with the time: the newest runs are read first.
        const sorted = found.toSorted((a, b) => compare(placeId(b), placeId(a)));
        for (const place of sorted) dirs.add(placeId(place));
        this.firstLook(sorted.flatMap((place) => (this.entries.has(placeId(place)) ? [] : [this.newEntry(place)])));
        this.dropUnlisted();
      },
      problem: (message: string) => this.complain(`${folder}: ${message}`),
    };
    const watch = isSearched ? new SearchedPlace(folder, listener, this.options.searchMs) : new RunFolder(folder, listener);
    this.folders.set(folder, { watch, dirs, isSearched });
  }

  private newEntry(place: RunPlace): CatalogEntry {
    const id = placeId(place);
    const entry = new CatalogEntry(place, {
      followOpen: (hear) => this.openRuns.listen(id, hear),
      assigned: () => this.options.assigned?.(place),
      changed: () => this.touch(id),
      problem: ({ message }) => this.complain(message),
    });
    this.entries.set(id, entry);
    this.unread++;
    return entry;
  }

  private firstLook(entries: readonly CatalogEntry[]): void {
    const directories = entries.filter(({ isDirectory }) => isDirectory);
    if (!this.endedRuns.isWorth(directories.length)) {
      for (const entry of entries) this.wakeFirst(entry);
      return;
    }
    for (const entry of entries) if (!entry.isDirectory) this.wakeFirst(entry);
    const toRead = directories.map(({ place }) => ({ dir: place.source, assigned: this.options.assigned?.(place) }));
    void this.endedRuns.read(toRead, (index, run) => {
      const entry = directories[index] as CatalogEntry;
      if (run && entry.adopt(run, toRead[index]?.assigned)) this.readOne();
      else this.wakeFirst(entry);
    });
  }

  private wakeFirst(entry: CatalogEntry): void {
    this.incomplete.add(entry);
    const read = (): void => this.readOne();
    void this.readers.run(() => entry.wake()).then(read, read);
  }

  private readOne(): void {
    if (--this.unread > 0) return;
    for (const resolve of this.whenRead.splice(0)) resolve();
    void this.completeAll();
  }

  private async completeAll(): Promise<void> {
    for (const entry of this.incomplete) {
      this.incomplete.delete(entry);
      await entry.complete();
      // Runs that are not in the list at all come first.
      if (this.unread > 0) return;
    }
  }

  /** Forgets the runs that no folder has any more. */
  private dropUnlisted(): void {
    const folders = [...this.folders.values()];
    for (const [dir, entry] of this.entries) {
      if (folders.some(({ dirs }) => dirs.has(dir))) continue;
      entry.close();
      this.entries.delete(dir);
      this.touch(dir);
    }
  }

  /** Looks at runs that have ended, a part of them at a time, and at those that have not begun. */
  private async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      const entries = [...this.entries.values()];
      for (const entry of entries) entry.readOutput();
      const part = Array.from({ length: Math.min(checkedAtOnce, entries.length) }, () => entries[this.lastChecked++ % entries.length]);
      await Promise.all(part.map((entry) => this.readers.run(async () => entry?.check())));
    } finally {
      this.checking = false;
    }
  }

  private touch(dir: string): void {
    this.dirty.add(dir);
    this.gather();
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => this.flush(), this.options.gatherMs ?? 100);
  }

  private flush(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const change = this.published.take(this.dirty, (dir) => this.entries.get(dir)?.overview);
    this.dirty.clear();
    if (change.added.length + change.changed.length + change.removed.length === 0) return;
    this.sorted = undefined;
    this.options.onChange(change);
  }

  private complain(message: string): void {
    if (this.complaints.has(message)) return;
    this.complaints.add(message);
    this.options.onProblem?.(message);
  }
}

function newestFirst(runs: readonly RunOverview[]): readonly RunOverview[] {
  const groups = new Map<string, RunOverview[]>();
  for (const run of runs.toSorted((a, b) => compare(b.identity.createdAt, a.identity.createdAt) || compare(a.dir, b.dir))) {
    const key = groupKey(run);
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return [...groups.values()].flat();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
