import { isObject, parse } from '../../core/records/json.ts';
import { counted, ordinalText } from '../../core/notation.ts';
import type { LockHolder } from '../process/processLock.ts';

const turnsVersion = 1;

/** `queue.json` of a folder of runs: whose turn it is, of all runs there, whoever started them. */
export interface Turns {
  readonly version: typeof turnsVersion;
  /** Nothing begins until somebody goes on with the queue. */
  readonly paused: boolean;
  /** Most runs at once on a machine; null: as many as the plan says whose turn it is. */
  readonly parallel: number | null;
  /** Runs that wait, in the order of their turns. */
  readonly order: readonly WaitingTurn[];
  /** The processes that begin them. */
  readonly queues: readonly TurnQueue[];
  /** Runs that go on, or are about to begin. */
  readonly places: readonly Place[];
}

export interface WaitingTurn {
  /** Of the run: the name of its directory. */
  readonly id: string;
  /** Name of the queue that begins it. */
  readonly queue: string;
  /** What it lacks besides its turn, to follow "waits for"; left out: nothing. It does not block those behind it. */
  readonly lacks?: string;
  /** Somebody took it out: its queue is to forget it. */
  readonly removed?: true;
}

/** A process that waits with some runs. */
export interface TurnQueue extends LockHolder {
  /** No two processes have the same. */
  readonly name: string;
  /** By which the queue's own file is called: of a group of runs, that group. */
  readonly group: string;
  /** Most runs at once, as its plan says. */
  readonly parallel: number;
}

/** A run that takes up room on a machine, with the process that sees to it: its own, and until that has begun, its queue's. */
export interface Place extends LockHolder {
  readonly id: string;
  /** When it was taken, in milliseconds since 1970. */
  readonly since: number;
}

/** Why a run has not begun. */
export interface WaitReason {
  /** `now`: it is about to begin. */
  readonly kind: 'paused' | 'turn' | 'lacks' | 'now';
  /** As the rest of a sentence about the run, or one of its own: "waits for its turn: 3rd of 5, 2 runs at once". */
  readonly text: string;
}

export const noTurns: Turns = { version: turnsVersion, paused: false, parallel: null, order: [], queues: [], places: [] };

/** Whether nobody would miss the file. */
export function saysNothing({ paused, parallel, order, places }: Turns): boolean {
  return !paused && parallel === null && order.length + places.length === 0;
}

/** What a file says, as far as it can be understood; undefined: it is none of ours. */
export function parseTurns(text: string): Turns | undefined {
  const value = parse(text);
  if (!isObject(value) || value['version'] !== turnsVersion) return undefined;
  const { paused, parallel, order, queues, places } = value;
  return tidied({
    version: turnsVersion,
    paused: paused === true,
    parallel: isCount(parallel) ? parallel : null,
    order: items(order).flatMap(({ id, queue, lacks, removed }) =>
      typeof id === 'string' && typeof queue === 'string'
        ? [{ id, queue, ...(typeof lacks === 'string' && { lacks }), ...(removed === true && { removed }) }]
        : [],
    ),
    queues: items(queues).flatMap(({ name, group, parallel: most, ...holder }) =>
      typeof name === 'string' && typeof group === 'string' && isCount(most) && isHolder(holder)
        ? [{ name, group, parallel: most, ...holderOf(holder) }]
        : [],
    ),
    places: items(places).flatMap(({ id, since, ...holder }) =>
      typeof id === 'string' && isHolder(holder) ? [{ id, since: typeof since === 'number' ? since : 0, ...holderOf(holder) }] : [],
    ),
  });
}

/** Without what means nothing: runs that nobody begins, processes that wait with nothing, what is said twice. */
export function tidied(turns: Turns): Turns {
  const places = [...new Map(turns.places.map((place) => [place.id, place])).values()];
  const known = new Set(turns.queues.map(({ name }) => name));
  const seen = new Set(places.map(({ id }) => id));
  const order = turns.order.filter(({ id, queue }) => {
    const isNew = known.has(queue) && !seen.has(id);
    seen.add(id);
    return isNew;
  });
  const used = new Set(order.map(({ queue }) => queue));
  const queues = [...new Map(turns.queues.map((queue) => [queue.name, queue])).values()].filter(({ name }) => used.has(name));
  return { ...turns, order, queues, places };
}

/** Runs of a queue come behind all others; those that wait already keep their turns. */
export function withWaiting(turns: Turns, queue: TurnQueue, ids: readonly string[]): Turns {
  const known = new Set([...turns.order, ...turns.places].map(({ id }) => id));
  const fresh = ids.filter((id) => !known.has(id)).map((id) => ({ id, queue: queue.name }));
  return tidied({
    ...turns,
    order: [...turns.order, ...fresh],
    queues: [...turns.queues.filter(({ name }) => name !== queue.name), queue],
  });
}

/** A run has begun to take up room, or another process sees to it now. */
export function withPlace(turns: Turns, place: Place): Turns {
  return tidied({ ...turns, places: [...turns.places.filter(({ id }) => id !== place.id), place] });
}

/** Neither wait these runs any more nor do they take up room. */
export function without(turns: Turns, ids: readonly string[]): Turns {
  const gone = new Set(ids);
  const stays = ({ id }: { readonly id: string }): boolean => !gone.has(id);
  return tidied({ ...turns, order: turns.order.filter(stays), places: turns.places.filter(stays) });
}

/** Waiting runs come together before the one that would be at the index `to`, from 0, in the order of their turns. */
export function moved(turns: Turns, ids: readonly string[], to: number): Turns {
  const moves = new Set(ids);
  const rest = turns.order.filter(({ id }) => !moves.has(id));
  const index = Math.max(0, Math.min(rest.length, to));
  return { ...turns, order: [...rest.slice(0, index), ...turns.order.filter(({ id }) => moves.has(id)), ...rest.slice(index)] };
}

/** The same as so many turns later, or earlier where that is negative. */
export function shifted(turns: Turns, ids: readonly string[], by: number): Turns {
  const moves = new Set(ids);
  const first = turns.order.findIndex(({ id }) => moves.has(id));
  return first < 0 ? turns : moved(turns, ids, first + by);
}

/** Asks the queues of waiting runs to forget them. */
export function removed(turns: Turns, ids: readonly string[]): Turns {
  const gone = new Set(ids);
  return { ...turns, order: turns.order.map((turn) => (gone.has(turn.id) ? { ...turn, removed: true } : turn)) };
}

/** The room on a machine, as turns are gone through: once there is none for a run, there is none for those behind it. */
export class Room {
  private taken: number;
  private isFull = false;
  private readonly queues: ReadonlyMap<string, TurnQueue>;

  constructor(
    private readonly turns: Turns,
    private readonly host: string,
  ) {
    this.taken = turns.places.filter((place) => place.host === host).length;
    this.queues = new Map(turns.queues.map((queue) => [queue.name, queue]));
  }

  /** The queue of a run that waits on this machine; undefined: it does not. */
  queueOf({ queue: name, removed: isRemoved }: WaitingTurn): TurnQueue | undefined {
    const queue = this.queues.get(name);
    return isRemoved === true || queue?.host !== this.host ? undefined : queue;
  }

  /** Most runs at once where it is the turn of this queue. */
  limit(queue: TurnQueue): number {
    return this.turns.parallel ?? queue.parallel;
  }

  hasPlaceFor(queue: TurnQueue): boolean {
    this.isFull ||= this.turns.paused || this.taken >= this.limit(queue);
    return !this.isFull;
  }

  take(): void {
    this.taken++;
  }
}

/** What each waiting run waits for, by its id: the one answer for everything that shows it. */
export function waitReasons(turns: Turns): ReadonlyMap<string, WaitReason> {
  const reasons = new Map<string, WaitReason>();
  for (const host of new Set(turns.queues.map((queue) => queue.host))) {
    const room = new Room(turns, host);
    const waiting = turns.order.filter((turn) => room.queueOf(turn));
    for (const [index, turn] of waiting.entries()) {
      const queue = room.queueOf(turn);
      if (queue) reasons.set(turn.id, reasonOf(turn, index, waiting.length, queue, room, turns.paused));
    }
  }
  return reasons;
}

function reasonOf(turn: WaitingTurn, index: number, count: number, queue: TurnQueue, room: Room, paused: boolean): WaitReason {
  if (paused) return { kind: 'paused', text: 'the queue is paused' };
  if (!room.hasPlaceFor(queue)) {
    const position = `${ordinalText(index + 1)} of ${count}`;
    return { kind: 'turn', text: `waits for its turn: ${position}, ${counted(room.limit(queue), 'run')} at once` };
  }
  if (turn.lacks !== undefined) return { kind: 'lacks', text: `waits for ${turn.lacks}` };
  room.take();
  return { kind: 'now', text: 'is about to start' };
}

function items(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isHolder(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['pid'] === 'number' && typeof value['host'] === 'string';
}

function holderOf({ pid, processStartTime, host }: Readonly<Record<string, unknown>>): LockHolder {
  return {
    pid: pid as number,
    processStartTime: typeof processStartTime === 'string' ? processStartTime : null,
    host: host as string,
  };
}
