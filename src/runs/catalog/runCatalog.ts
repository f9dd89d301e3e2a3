import type { MetricTable } from '../../core/records/metricTable.ts';
import type { CatalogChange, RunOverview } from './runOverview.ts';

export interface CatalogOptions {
  /** Called at most every `gatherMs`. */
  readonly onChange: (change: CatalogChange) => void;
  /** Program of the worker that reads long runs; without it they are read in this process. */
  readonly readerEntry?: string;
  readonly gatherMs?: number;
}

/** The metrics of a run for as long as somebody looks at them. */
export interface OpenRun {
  readonly table: MetricTable;
  /** Settles when everything that was there at the beginning is in the table. */
  readonly caughtUp: Promise<void>;
  close(): void;
}

/** All runs under some folders, kept up to date: new ones, changed ones, deleted ones, whoever started them. */
export class RunCatalog {
  constructor(readonly options: CatalogOptions) {}

  /** Newest first. */
  get runs(): readonly RunOverview[] {
    return [];
  }

  /** Settles when all runs that were there have been looked at once. */
  get ready(): Promise<void> {
    return Promise.resolve();
  }

  get(dir: string): RunOverview | undefined {
    return this.runs.find((run) => run.dir === dir);
  }

  /** Looks at these folders from now on; they need not exist yet. */
  setFolders(_folders: readonly string[]): void {}

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. Looking at a run twice reads it once. */
  openMetrics(_dir: string, _onRows: (from: number) => void): OpenRun {
    throw new Error('not there yet');
  }

  close(): void {}
}
