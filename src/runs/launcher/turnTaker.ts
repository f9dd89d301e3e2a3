import os from 'node:os';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { ownIdentity } from '../process/processIdentity.ts';
import type { LockHolder } from '../process/processLock.ts';
import type { ProcessIdentity } from '../../core/records/run.ts';
import { Room, noTurns, waitReasons, withPlace, withWaiting, without } from './turns.ts';
import type { TurnQueue, Turns, WaitReason, WaitingTurn } from './turns.ts';
import { TurnsFile } from './turnsFile.ts';
import type { Admission, Admitter } from './gpuAdmitter.ts';
import type { QueuedRun } from './trainingPlan.ts';

/** Milliseconds between attempts to get what a run lacks, and between looks for what dead processes have left. */
const retryMs = 1000;
/** Milliseconds that a run of another process may let its turn pass before those behind it take theirs: that process may be suspended. */
const patienceMs = 10_000;

export interface TurnTakerOptions {
  readonly runsDir: string;
  /** By which the queue's own file is called. */
  readonly group: string;
  /** Most runs at once, unless somebody has said otherwise for the whole folder. */
  readonly parallel: number;
  readonly admitter: Pick<Admitter, 'needs' | 'admit'>;
}

/** A run whose turn it is. */
export interface GrantedRun {
  readonly run: QueuedRun;
  /** GPUs that it has for itself, by index; undefined: it takes none. */
  readonly gpus: readonly number[] | undefined;
}

export interface Taken {
  /** Runs whose turn it is: they have their places now, and no longer wait. */
  readonly granted: readonly GrantedRun[];
  /** Runs that somebody has taken out of the queue. */
  readonly removed: readonly QueuedRun[];
  /** Runs that can never have what they need, and why. */
  readonly refused: readonly { readonly run: QueuedRun; readonly error: Error }[];
}

/** The same while it is being found out. */
interface Taking {
  readonly granted: GrantedRun[];
  readonly removed: QueuedRun[];
  readonly refused: { readonly run: QueuedRun; readonly error: Error }[];
}

/** What a process that starts runs has to do with the queue of the folder: it waits there, and says which of its runs go on. */
export class TurnTaker {
  private readonly name: string;
  private readonly file: TurnsFile;
  /** The runs that take up places on this one's account, with the process that sees to each. */
  private readonly held = new Map<string, ProcessIdentity>();
  private readonly released = new Set<string>();
  private isDirty = true;
  private known: { readonly of: Turns; readonly reasons: ReadonlyMap<string, WaitReason> } = { of: noTurns, reasons: new Map() };
  /** When each run of another process was first seen to let its turn pass. */
  private passing = new Map<string, number>();
  private retriedAt = 0;
  private retriedVersion = '';

  private constructor(
    private readonly options: TurnTakerOptions,
    private readonly own: LockHolder,
  ) {
    // A group may have several queues after another, of which an earlier one still sees to what it has started.
    this.name = `${options.group} ${own.host} ${own.pid}`;
    this.file = new TurnsFile(options.runsDir);
  }

  static async of(options: TurnTakerOptions): Promise<TurnTaker> {
    return new TurnTaker(options, { ...(await ownIdentity()), host: os.hostname() });
  }

  /** Whether there is something to be said that has not been. */
  get isBehind(): boolean {
    return this.isDirty;
  }

  /** What each waiting run of the folder waits for; the same object for as long as nothing changes. */
  get reasons(): ReadonlyMap<string, WaitReason> {
    const { turns } = this.file.read();
    if (this.known.of !== turns) this.known = { of: turns, reasons: waitReasons(turns) };
    return this.known.reasons;
  }

  /** The runs of the folder that go on, whoever started them, take up places too. */
  async countRunning(): Promise<void> {
    const running = await this.file.goingOn();
    await this.change((turns) => running.filter(({ id }) => !turns.places.some((place) => place.id === id)).reduce(withPlace, turns));
  }

  /** A run that was granted has begun: from now on the place is that of its process. */
  hold(id: string, holder: ProcessIdentity): void {
    this.held.set(id, holder);
    this.isDirty = true;
  }

  /** A run that was granted has ended, or did not begin. */
  release(id: string): void {
    this.held.delete(id);
    this.released.add(id);
    this.isDirty = true;
  }

  /** Says which runs wait here and which go on, and takes those whose turn it is. Where nothing can be written, only our own runs count. */
  async take(waiting: readonly QueuedRun[]): Promise<Taken> {
    const mine = new Map(waiting.map((run) => [run.id, run]));
    const taking: Taking = { granted: [], removed: [], refused: [] };
    if (!(await this.hasToChange(mine))) return taking;
    await this.change(async (turns) => this.granting(await this.reconciled(turns, mine, taking.removed), mine, taking));
    for (const { run } of taking.granted) this.held.set(run.id, this.own);
    return taking;
  }

  private async hasToChange(mine: ReadonlyMap<string, QueuedRun>): Promise<boolean> {
    const { turns, version } = this.file.read();
    if (this.isDirty) return true;
    const listed = turns.order.filter(({ queue }) => queue === this.name);
    if (listed.some(({ id, removed }) => !mine.has(id) || removed === true)) return true;
    const known = new Set([...listed, ...turns.places].map(({ id }) => id));
    if ([...mine.keys(), ...this.held.keys()].some((id) => !known.has(id))) return true;
    if (mine.size === 0) return false;
    const retries = version !== this.retriedVersion || Date.now() - this.retriedAt >= retryMs;
    for (const turn of this.atTurn(turns, new Room(turns, this.own.host), mine)) if (turn.lacks === undefined || retries) return true;
    if (!retries) return false;
    this.retried(version);
    return this.file.isStale();
  }

  /** What is said, with what is so here. */
  private async reconciled(turns: Turns, mine: ReadonlyMap<string, QueuedRun>, removed: QueuedRun[]): Promise<Turns> {
    const { group, parallel } = this.options;
    const queue: TurnQueue = { name: this.name, group, parallel, ...this.own };
    const gone = turns.order.filter((turn) => turn.queue === this.name && (turn.removed === true || !mine.has(turn.id)));
    removed.push(...gone.flatMap(({ id }) => mine.get(id) ?? []));
    const lapsed = turns.places.filter(({ id, ...holder }) => this.released.has(id) || (!this.held.has(id) && isSame(holder, this.own)));
    // One that did not begin here may go on all the same: a queue that has died may just have started it.
    const elsewhere = await Promise.all(lapsed.map(({ id }) => this.file.placeOf(id)));
    const rest = elsewhere
      .filter((place) => place !== undefined)
      .reduce(
        withPlace,
        without(
          turns,
          [...gone, ...lapsed].map(({ id }) => id),
        ),
      );
    const left = [...mine.keys()].filter((id) => !removed.some((run) => run.id === id));
    const waiting = left.length === 0 ? rest : withWaiting(rest, queue, left);
    return [...this.held].reduce((all, [id, holder]) => withOwnPlace(all, id, { ...holder, host: this.own.host }), waiting);
  }

  /** Gives places to the runs whose turn it is, as far as they get what they need. */
  private async granting(turns: Turns, mine: ReadonlyMap<string, QueuedRun>, { granted, refused }: Taking): Promise<Turns> {
    const { admitter } = this.options;
    const room = new Room(turns, this.own.host);
    const lacks = new Map<string, string>();
    const denied = new Map<string, string>();
    for (const { id } of this.atTurn(turns, room, mine)) {
      const run = mine.get(id);
      if (run === undefined) continue;
      const need = admitter.needs(run);
      const denial = denied.get(need);
      const admission: Admission = denial === undefined ? await admitter.admit(run) : { kind: 'waits', why: denial };
      switch (admission.kind) {
        case 'go':
          room.take();
          granted.push({ run, gpus: admission.gpus });
          break;
        case 'waits':
          denied.set(need, admission.why);
          lacks.set(id, admission.why);
          break;
        case 'never':
          refused.push({ run, error: admission.error });
      }
    }
    const order = turns.order.map(({ lacks: before, ...turn }) => {
      const now = lacks.get(turn.id) ?? (mine.has(turn.id) ? undefined : before);
      return now === undefined ? turn : { ...turn, lacks: now };
    });
    const rest = without(
      { ...turns, order },
      refused.map(({ run }) => run.id),
    );
    return granted.reduce((all, { run }) => withOwnPlace(all, run.id, this.own), rest);
  }

  /** Those of our runs whose turn it is, for as long as there is room, and as far as nobody before them is about to begin. */
  private *atTurn(turns: Turns, room: Room, mine: ReadonlyMap<string, QueuedRun>): Generator<WaitingTurn> {
    const passing = new Map<string, number>();
    for (const turn of turns.order) {
      const queue = room.queueOf(turn);
      if (queue === undefined) continue;
      if (!room.hasPlaceFor(queue)) break;
      if (queue.name === this.name && mine.has(turn.id)) yield turn;
      else if (turn.lacks === undefined) {
        const since = this.passing.get(turn.id) ?? Date.now();
        passing.set(turn.id, since);
        if (Date.now() - since < patienceMs) break;
      }
    }
    this.passing = passing;
  }

  private async change(work: (turns: Turns) => Turns | Promise<Turns>): Promise<void> {
    let isDone = false;
    try {
      await this.file.change((turns) => {
        isDone = true;
        return work(turns);
      });
    } catch (error) {
      if (!(error instanceof RunDirectoryError)) throw error;
      // A process that does not let go of the lock: at the next look it may have.
      if (!(error instanceof RunWriteError)) return;
      // The disk is full, or nobody may write here: the runs will say it.
      if (!isDone) await work(noTurns);
    }
    this.released.clear();
    this.isDirty = false;
    this.retried(this.file.read().version);
  }

  private retried(version: string): void {
    this.retriedAt = Date.now();
    this.retriedVersion = version;
  }
}

function withOwnPlace(turns: Turns, id: string, holder: LockHolder): Turns {
  const known = turns.places.find((place) => place.id === id);
  if (known !== undefined && isSame(known, holder)) return turns;
  return withPlace(turns, { ...holder, id, since: known?.since ?? Date.now() });
}

function isSame(a: LockHolder, b: LockHolder): boolean {
  return a.pid === b.pid && a.processStartTime === b.processStartTime && a.host === b.host;
}
