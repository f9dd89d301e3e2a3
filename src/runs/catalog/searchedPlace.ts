import { DirectoryWatch } from '../directory/directoryWatch.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import type { RunSearch } from '../sources/findRuns.ts';
import type { FolderListener } from './runFolder.ts';

/** Milliseconds between two searches, unless somebody says otherwise: one looks into every folder. */
const usualSearchMs = 3000;

/** Watches a file or a folder, which need not be there, for runs of any kind that come and go in it. */
export class SearchedPlace {
  private readonly watch: DirectoryWatch;
  /** Loaded with the first look: most windows search no place. */
  private search: RunSearch | undefined;
  private told: string | undefined;
  private closed = false;

  constructor(
    private readonly place: string,
    private readonly listener: FolderListener,
    searchMs = usualSearchMs,
  ) {
    this.watch = new DirectoryWatch(place, () => this.look(), { pollMs: searchMs, gatherMs: searchMs / 3 });
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
    this.search ??= new (await import('../sources/findRuns.ts')).RunSearch(this.place);
    const found = await this.search.run().catch((error: unknown) => {
      if (!(error instanceof RunDirectoryError)) throw error;
      this.listener.problem(error.message);
      return undefined;
    });
    if (!found) return false;
    const { places, isIncomplete } = found;
    if (isIncomplete) this.listener.problem(`There is more in ${this.place} than was searched. Name the folders in it that you mean.`);
    const telling = JSON.stringify(places);
    if (!this.closed && telling !== this.told) this.listener.runs(places);
    this.told = telling;
    return true;
  }
}
