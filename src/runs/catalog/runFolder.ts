import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '../../core/records/run.ts';
import { DirectoryWatch } from '../directory/directoryWatch.ts';
import { isMissing } from '../directory/missing.ts';
import { isRunDirectory } from '../directory/runFile.ts';
import type { RunPlace } from '../sources/format.ts';
import { runDirectory } from '../sources/runPlace.ts';

/** Looks at a folder after which a directory in it that holds no run is taken for something else, and is looked into less often. */
const patience = 60;
/** Every how many looks that is. */
const seldom = 10;

export interface FolderListener {
  /** The runs that are there now. */
  runs(places: readonly RunPlace[]): void;
  /** The folder cannot be read. */
  problem(message: string): void;
}

/** Watches a folder, which need not be there, for run directories that come and go. */
export class RunFolder {
  private readonly watch: DirectoryWatch;
  private known: ReadonlySet<string> = new Set();
  /** Looks so far at directories that hold no run, or not yet. */
  private looks = new Map<string, number>();
  private told = '';
  private closed = false;

  constructor(
    private readonly folder: string,
    private readonly listener: FolderListener,
  ) {
    this.watch = new DirectoryWatch(folder, () => this.look());
  }

  /** Settles after the first look. */
  get firstLook(): Promise<void> {
    return this.watch.firstLook;
  }

  /** Settles when the listener knows what is there now. */
  lookNow(): Promise<void> {
    return this.watch.lookNow();
  }

  close(): void {
    this.closed = true;
    this.watch.close();
  }

  private async look(): Promise<boolean> {
    try {
      const entries = await readdir(this.folder, { withFileTypes: true });
      this.told = '';
      // Somebody may name the directory of a run itself.
      if (entries.some((entry) => entry.name === runFiles.run)) this.tell([this.folder]);
      else {
        const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
        this.tell(await this.runsAmong(folders.map(({ name }) => path.join(this.folder, name))));
      }
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (isMissing(error)) this.tell([]);
      else if (this.told !== message) this.listener.problem((this.told = message));
      return false;
    }
  }

  private async runsAmong(dirs: readonly string[]): Promise<readonly string[]> {
    const looks = new Map<string, number>();
    const isRun = async (dir: string): Promise<boolean> => {
      if (this.known.has(dir)) return true;
      const before = this.looks.get(dir) ?? 0;
      looks.set(dir, before + 1);
      return (before < patience || before % seldom === 0) && (await isRunDirectory(dir));
    };
    const found = await Promise.all(dirs.map(isRun));
    this.looks = looks;
    return dirs.filter((_, index) => found[index]);
  }

  private tell(dirs: readonly string[]): void {
    if (this.closed) return;
    this.known = new Set(dirs);
    this.listener.runs(dirs.map(runDirectory));
  }
}
