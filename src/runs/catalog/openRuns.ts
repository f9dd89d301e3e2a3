import type { RunEvent } from '../../core/records/events.ts';
import { pictureNotes } from '../../core/records/historyNotes.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import type { BulkReader } from '../columns/bulkReader.ts';
import type { RunChange } from '../directory/runFollower.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import { followSource } from '../sources/followSource.ts';
import type { Followed } from '../sources/followSource.ts';
import type { RunPlace } from '../sources/format.ts';
import { placeId } from '../sources/runPlace.ts';
import { ToldChanges } from './toldChanges.ts';
import type { ChangeListener } from './toldChanges.ts';

/** Least milliseconds between looks at a run whose metrics are on somebody's screen. */
const gatherMs = 25;

/** Somebody who hears what is new of a run. */
export type Listening = Pick<Followed, 'caughtUp' | 'files' | 'close'>;

/** The metrics of a run for as long as somebody looks at them. */
export interface OpenRun {
  /** Another one once a long run has been read, or its file has begun anew, so ask again at each change. */
  readonly table: MetricTable;
  /** Some steps from all over a long run while its table is empty, because it is being read. */
  readonly sample?: MetricTable | undefined;
  /** What is to be said beside pictures of the table, in sentences; left out: nothing. */
  readonly notes?: readonly string[];
  /** Settles when everything that was there at the beginning is in the table. */
  readonly caughtUp: Promise<void>;
  close(): void;
}

/** The runs whose metrics somebody looks at, each read once however many look. */
export class OpenRuns {
  private readonly open = new Map<string, SharedRun>();

  /** `bulk` reads long runs; `assigned`: what somebody decided about a run; `onOpen` is told of runs that begin or cease to be followed here. */
  constructor(
    private readonly options: {
      readonly bulk?: BulkReader | undefined;
      readonly assigned?: (place: RunPlace) => RunAssignment | undefined;
    },
    private readonly onOpen: (id: string) => void,
  ) {}

  /** Loads a run's metrics and follows them. `onRows` tells the lowest row that changed. */
  look(place: RunPlace, onRows: (from: number) => void): OpenRun {
    const dir = placeId(place);
    const shared = this.open.get(dir) ?? this.begin(place);
    // A function may look twice, and each look has an end of its own.
    const listener = { onRows };
    shared.listeners.add(listener);
    return {
      get table() {
        return shared.table;
      },
      get sample() {
        return shared.sample;
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
  listen(dir: string, hear: ChangeListener): Listening | undefined {
    return this.open.get(dir)?.listen(hear);
  }

  /** Reads a run from its beginning again, because something was decided about it. Returns whether somebody looks at it. */
  restart(id: string): boolean {
    const shared = this.open.get(id);
    shared?.restart();
    return shared !== undefined;
  }

  close(): void {
    for (const shared of this.open.values()) shared.close();
    this.open.clear();
  }

  private begin(place: RunPlace): SharedRun {
    const dir = placeId(place);
    const { bulk, assigned } = this.options;
    const shared = new SharedRun((hear) => followSource(place, hear, { gatherMs, bulk, assigned: assigned?.(place) }));
    this.open.set(dir, shared);
    this.onOpen(dir);
    return shared;
  }
}

class SharedRun {
  readonly listeners = new Set<{ readonly onRows: (from: number) => void }>();
  private follower: Followed;
  private history = new RunHistory();
  /** Told again to another history, when the metrics begin anew. */
  private events: RunEvent[] = [];
  /** As in `OpenRun`. */
  sample: MetricTable | undefined;
  private fileNotes: readonly string[] = [];
  private hasCaughtUp = false;
  private readonly told = new ToldChanges(() => this.table);

  constructor(private readonly begin: (hear: (change: RunChange) => void) => Followed) {
    this.follower = this.follow();
  }

  restart(): void {
    this.follower.close();
    this.hasCaughtUp = false;
    for (const of of ['metrics', 'events'] as const) this.hear({ type: 'reset', of });
    this.follower = this.follow();
  }

  private follow(): Followed {
    const follower = this.begin((change) => this.hear(change));
    void follower.caughtUp.then(() => {
      this.hasCaughtUp = true;
      this.settle();
    });
    return follower;
  }

  get table(): MetricTable {
    return this.history.table;
  }

  get notes(): readonly string[] {
    return [...pictureNotes(this.history), ...this.fileNotes];
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  close(): void {
    this.follower.close();
  }

  /** Everything that was there at the beginning is told at once. */
  listen(hear: ChangeListener): Listening {
    let end: (() => void) | undefined;
    let isClosed = false;
    const caughtUp = this.caughtUp.then(() => {
      if (!isClosed) end = this.told.listen(hear);
    });
    const close = (): void => {
      isClosed = true;
      end?.();
    };
    return { caughtUp, close, files: this.follower.files };
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
        this.sample = undefined;
        this.tell(this.history.takeAll(change.records));
        break;
      case 'sample':
        this.sample = change.table;
        this.tell(0);
        break;
      case 'stretches':
        this.sample = undefined;
        for (const stretch of change.stretches) {
          const goesOn = (stretch.table.firstStep ?? Infinity) > (this.table.lastStep ?? -Infinity);
          const from = goesOn ? this.table.length : 0;
          this.history.takeStretch(stretch);
          this.tell(from);
        }
        break;
      case 'forget': {
        const changed = this.history.forget(change.from, change.keys);
        if (changed < Infinity) this.tell(changed);
        break;
      }
      case 'reset':
        if (change.of === 'events') this.events = [];
        else this.startAgain();
        break;
      case 'deleted':
        this.events = [];
        this.startAgain();
        break;
      case 'identity':
      case 'state':
      case 'malformed':
      case 'unread':
      case 'problem':
        break;
      case 'notes':
        this.fileNotes = change.notes;
        break;
    }
  }

  private startAgain(): void {
    const hadSteps = this.table.length > 0 || this.sample !== undefined;
    this.sample = undefined;
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
