import type { RunEvent } from '../../core/records/events.ts';
import { pictureNotes } from '../../core/records/historyNotes.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import type { BulkReader } from '../columns/bulkReader.ts';
import { RunFollower } from '../directory/runFollower.ts';
import type { RunChange } from '../directory/runFollower.ts';
import { ToldChanges } from './toldChanges.ts';
import type { ChangeListener } from './toldChanges.ts';

/** Least milliseconds between looks at a run whose metrics are on somebody's screen. */
const gatherMs = 25;

/** Somebody who hears what is new in the directory of a run. */
export type Followed = Pick<RunFollower, 'caughtUp' | 'close'>;

/** The metrics of a run for as long as somebody looks at them. */
export interface OpenRun {
  /** Another one once a long run has been read, or its file has begun anew, so ask again at each change. */
  readonly table: MetricTable;
  /** What is to be said beside pictures of the table, in sentences; left out: nothing. */
  readonly notes?: readonly string[];
  /** Settles when everything that was there at the beginning is in the table. */
  readonly caughtUp: Promise<void>;
  close(): void;
}

/** The runs whose metrics somebody looks at, each read once however many look. */
export class OpenRuns {
  private readonly open = new Map<string, SharedRun>();

  /** `bulk` reads long runs; `onOpen` is told of runs that begin or cease to be followed here. */
  constructor(
    private readonly bulk: BulkReader | undefined,
    private readonly onOpen: (dir: string) => void,
  ) {}

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. */
  look(dir: string, onRows: (from: number) => void): OpenRun {
    const shared = this.open.get(dir) ?? this.begin(dir);
    // A function may look twice, and each look has an end of its own.
    const listener = { onRows };
    shared.listeners.add(listener);
    return {
      get table() {
        return shared.table;
      },
      get notes() {
        return shared.notes;
      },
      caughtUp: shared.caughtUp,
      close: () => {
        shared.listeners.delete(listener);
        if (shared.listeners.size > 0 || this.open.get(dir) !== shared) return;
        shared.close();
        this.open.delete(dir);
        this.onOpen(dir);
      },
    };
  }

  /** Tells what is new in the directory of a run whose metrics somebody looks at, after what there is; undefined: nobody does. */
  listen(dir: string, hear: ChangeListener): Followed | undefined {
    return this.open.get(dir)?.listen(hear);
  }

  close(): void {
    for (const shared of this.open.values()) shared.close();
    this.open.clear();
  }

  private begin(dir: string): SharedRun {
    const shared = new SharedRun(dir, this.bulk);
    this.open.set(dir, shared);
    this.onOpen(dir);
    return shared;
  }
}

class SharedRun {
  readonly listeners = new Set<{ readonly onRows: (from: number) => void }>();
  private readonly follower: RunFollower;
  private history = new RunHistory();
  /** Told again to another history, when the metrics begin anew. */
  private events: RunEvent[] = [];
  private hasCaughtUp = false;
  private readonly told = new ToldChanges(() => this.table);

  constructor(dir: string, bulk: BulkReader | undefined) {
    this.follower = new RunFollower(dir, (change) => this.hear(change), { gatherMs, bulk });
    void this.follower.caughtUp.then(() => {
      this.hasCaughtUp = true;
      this.settle();
    });
  }

  get table(): MetricTable {
    return this.history.table;
  }

  get notes(): readonly string[] {
    return pictureNotes(this.history);
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  close(): void {
    this.follower.close();
  }

  /** Everything that was there at the beginning is told at once. */
  listen(hear: ChangeListener): Followed {
    let end: (() => void) | undefined;
    let isClosed = false;
    const caughtUp = this.caughtUp.then(() => {
      if (!isClosed) end = this.told.listen(hear);
    });
    const close = (): void => {
      isClosed = true;
      end?.();
    };
    return { caughtUp, close };
  }

  private hear(change: RunChange): void {
    this.take(change);
    this.told.take(change);
  }

  private take(change: RunChange): void {
    switch (change.type) {
      case 'events':
        this.events = [...this.events, ...change.events];
        this.history.takeEvents(change.events);
        if (this.hasCaughtUp) this.settle();
        break;
      case 'metrics':
        this.tell(this.history.takeAll(change.records));
        break;
      case 'stretches':
        this.startAgain();
        for (const stretch of change.stretches) this.history.takeStretch(stretch);
        this.tell(0);
        break;
      case 'reset':
        if (change.of === 'events') this.events = [];
        else this.startAgain();
        break;
      case 'deleted':
        this.events = [];
        this.startAgain();
        break;
      case 'record':
      case 'state':
      case 'malformed':
      case 'unread':
      case 'problem':
        break;
    }
  }

  private startAgain(): void {
    const hadSteps = this.table.length > 0;
    this.history = new RunHistory();
    this.history.takeEvents(this.events);
    if (hadSteps) this.tell(0);
  }

  private settle(): void {
    const changed = this.history.settle();
    if (changed !== Infinity) this.tell(changed);
  }

  private tell(from: number): void {
    for (const { onRows } of [...this.listeners]) onRows(from);
  }
}
