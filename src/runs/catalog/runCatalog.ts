import path from 'node:path';
import { ThreadedBulkReader } from '../columns/bulkReader.ts';
import { CatalogEntry } from './catalogEntry.ts';
import { OpenRuns } from './openRuns.ts';
import type { OpenRun } from './openRuns.ts';
import { RunFolder } from './runFolder.ts';
import type { CatalogChange, RunOverview } from './runOverview.ts';
import { Slots } from './slots.ts';

export interface CatalogOptions {
  /** Called at most every `gatherMs`. */
  readonly onChange: (change: CatalogChange) => void;
  /** Told about folders and runs that cannot be read, as a sentence, once each. */
  readonly onProblem?: (message: string) => void;
  /** Program of the worker that reads long runs; without it they are read in this process. */
  readonly readerEntry?: string;
  readonly gatherMs?: number;
  /** Milliseconds between looks at runs that have ended. */
  readonly checkMs?: number;
}

/** Runs that are read at once: more would not be faster, and would use up file descriptors. */
const readAtOnce = 16;
/** Runs that have ended, looked at in one check. */
const checkedAtOnce = 100;

interface WatchedFolder {
  readonly watch: RunFolder;
  /** The run directories in it. */
  readonly dirs: Set<string>;
}

/** All runs under some folders, kept up to date: new ones, changed ones, deleted ones, whoever started them. */
export class RunCatalog {
  private readonly folders = new Map<string, WatchedFolder>();
  private readonly entries = new Map<string, CatalogEntry>();
  private readonly openRuns: OpenRuns;
  /** What listeners were told last, by directory. */
  private readonly published = new Map<string, RunOverview>();
  private sorted: readonly RunOverview[] | undefined;
  /** Directories whose overview is not the published one. */
  private readonly dirty = new Set<string>();
  private gathering: NodeJS.Timeout | undefined;
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
    const slow = ({ message }: Error): void => this.complain(`Long runs are read slowly: ${message}`);
    const bulk = readerEntry === undefined ? undefined : new ThreadedBulkReader(readerEntry, slow);
    this.openRuns = new OpenRuns(bulk, (dir) => this.entries.get(dir)?.changeSource());
    this.checks = setInterval(() => void this.check(), options.checkMs ?? 1000);
  }

  /** Newest first; the runs of a group stand together. */
  get runs(): readonly RunOverview[] {
    return (this.sorted ??= newestFirst([...this.published.values()]));
  }

  /** Settles when all runs that are there now have been looked at once: also those that were written a moment ago. */
  get ready(): Promise<void> {
    return this.whenReady();
  }

  get(dir: string): RunOverview | undefined {
    return this.published.get(dir);
  }

  /** Looks at these folders from now on; they need not exist yet. */
  setFolders(folders: readonly string[]): void {
    const wanted = new Set(folders.map((folder) => path.resolve(folder)));
    for (const [folder, { watch }] of this.folders) {
      if (wanted.has(folder)) continue;
      watch.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.watchFolder(folder);
    this.dropUnlisted();
    this.looked = Promise.all([...this.folders.values()].map(({ watch }) => watch.firstLook));
  }

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. Looking at a run twice reads it once. */
  openMetrics(dir: string, onRows: (from: number) => void): OpenRun {
    return this.openRuns.look(dir, onRows);
  }

  close(): void {
    clearInterval(this.checks);
    clearTimeout(this.gathering);
    for (const { watch } of this.folders.values()) watch.close();
    for (const entry of this.entries.values()) entry.close();
    this.openRuns.close();
  }

  private async whenReady(): Promise<void> {
    await this.looked;
    await Promise.all([...this.folders.values()].map(({ watch }) => watch.lookNow()));
    if (this.unread > 0) await new Promise<void>((resolve) => this.whenRead.push(resolve));
    this.flush();
  }

  private watchFolder(folder: string): void {
    const dirs = new Set<string>();
    const watch = new RunFolder(folder, {
      runs: (found) => {
        dirs.clear();
        // Names begin with the time: the newest runs are read first.
        for (const dir of found.toSorted().reverse()) {
          dirs.add(dir);
          if (!this.entries.has(dir)) this.addEntry(dir);
        }
        this.dropUnlisted();
      },
      problem: (message) => this.complain(`${folder}: ${message}`),
    });
    this.folders.set(folder, { watch, dirs });
  }

  private addEntry(dir: string): void {
    const entry = new CatalogEntry(dir, {
      followOpen: (hear) => this.openRuns.listen(dir, hear),
      changed: () => this.touch(dir),
      problem: ({ message }) => this.complain(message),
    });
    this.entries.set(dir, entry);
    this.unread++;
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
    this.gathering ??= setTimeout(() => this.flush(), this.options.gatherMs ?? 100);
  }

  private flush(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const added: RunOverview[] = [];
    const changed: RunOverview[] = [];
    const removed: RunOverview[] = [];
    for (const dir of this.dirty) {
      const before = this.published.get(dir);
      const now = this.entries.get(dir)?.overview;
      if (now === before) continue;
      if (now) {
        this.published.set(dir, now);
        (before ? changed : added).push(now);
      } else if (before) {
        this.published.delete(dir);
        removed.push(before);
      }
    }
    this.dirty.clear();
    if (added.length + changed.length + removed.length === 0) return;
    this.sorted = undefined;
    this.options.onChange({ added, changed, removed });
  }

  private complain(message: string): void {
    if (this.complaints.has(message)) return;
    this.complaints.add(message);
    this.options.onProblem?.(message);
  }
}

function newestFirst(runs: readonly RunOverview[]): readonly RunOverview[] {
  const groups = new Map<string, RunOverview[]>();
  for (const run of runs.toSorted((a, b) => compare(b.record.createdAt, a.record.createdAt) || compare(a.dir, b.dir))) {
    const key = `${path.dirname(run.dir)}\0${run.record.group}`;
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return [...groups.values()].flat();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
