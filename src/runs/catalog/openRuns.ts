import { MetricTable } from '../../core/records/metricTable.ts';
import type { BulkReader } from '../columns/bulkReader.ts';
import { RunFollower } from '../directory/runFollower.ts';

/** Least milliseconds between looks at a run whose metrics are on somebody's screen. */
const gatherMs = 25;

/** The metrics of a run for as long as somebody looks at them. */
export interface OpenRun {
  /** Another one once a long run has been read, or its file has begun anew, so ask again at each change. */
  readonly table: MetricTable;
  /** Settles when everything that was there at the beginning is in the table. */
  readonly caughtUp: Promise<void>;
  close(): void;
}

/** The runs whose metrics somebody looks at, each read once however many look. */
export class OpenRuns {
  private readonly open = new Map<string, SharedRun>();

  /** `bulk` reads long runs. */
  constructor(private readonly bulk?: BulkReader) {}

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. */
  look(dir: string, onRows: (from: number) => void): OpenRun {
    const shared = this.open.get(dir) ?? new SharedRun(dir, this.bulk);
    this.open.set(dir, shared);
    // A function may look twice, and each look has an end of its own.
    const listener = { onRows };
    shared.listeners.add(listener);
    return {
      get table() {
        return shared.table;
      },
      caughtUp: shared.caughtUp,
      close: () => {
        shared.listeners.delete(listener);
        if (shared.listeners.size > 0 || this.open.get(dir) !== shared) return;
        shared.close();
        this.open.delete(dir);
      },
    };
  }

  close(): void {
    for (const shared of this.open.values()) shared.close();
    this.open.clear();
  }
}

class SharedRun {
  table = new MetricTable();
  readonly listeners = new Set<{ readonly onRows: (from: number) => void }>();
  private readonly follower: RunFollower;

  constructor(dir: string, bulk: BulkReader | undefined) {
    this.follower = new RunFollower(
      dir,
      (change) => {
        if (change.type === 'metrics') this.tell(this.table.appendAll(change.records));
        else if (change.type === 'table') this.startWith(change.table);
        else if (change.type === 'deleted' || (change.type === 'reset' && change.of === 'metrics')) this.startAgain();
      },
      { gatherMs, bulk },
    );
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  close(): void {
    this.follower.close();
  }

  private startAgain(): void {
    if (this.table.length > 0) this.startWith(new MetricTable());
  }

  private startWith(table: MetricTable): void {
    this.table = table;
    this.tell(0);
  }

  private tell(from: number): void {
    for (const { onRows } of [...this.listeners]) onRows(from);
  }
}
