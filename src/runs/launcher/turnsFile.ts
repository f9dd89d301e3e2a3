import { existsSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from '../../core/records/json.ts';
import { runFiles } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { removeUnfinished, writeAtomically } from '../directory/atomicFile.ts';
import { hasFile } from '../directory/ownFile.ts';
import { readTextSync, sizeLimits } from '../directory/regularFile.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { isSameProcess } from '../process/processIdentity.ts';
import { ProcessLock } from '../process/processLock.ts';
import type { LockHolder } from '../process/processLock.ts';
import { processOf } from '../process/processState.ts';
import { queueFile } from './queueFile.ts';
import { noTurns, parseTurns, saysNothing, tidied } from './turns.ts';
import type { Place, TurnQueue, Turns } from './turns.ts';

const fileName = 'queue.json';
const lockName = 'queue.lock';
/** Milliseconds that a process may keep the lock before those who want it give up; it needs a few. */
const lockLimitMs = 30_000;
/** Milliseconds that a run may take from its start until its directory says so, after the process that started it has died. */
const startingMs = 10_000;

export interface TurnsRead {
  readonly turns: Turns;
  /** Differs after each change. */
  readonly version: string;
}

/**
 * The queue that all groups of a folder of runs share: whose turn it is, in `queue.json`. Every process that starts runs there, and
 * whoever changes the order, does so under a lock. What dead processes have left, and a file that is broken, is put right by the next
 * who changes anything. While there is nothing to say there is no file.
 */
export class TurnsFile {
  private readonly file: string;
  private last: TurnsRead | undefined;

  constructor(private readonly runsDir: string) {
    this.file = path.join(runsDir, fileName);
  }

  /** What is said now; dead processes may be among it. Never fails. */
  read(): TurnsRead {
    const version = versionOf(this.file);
    if (this.last?.version === version) return this.last;
    this.last = { turns: this.parsed() ?? noTurns, version };
    return this.last;
  }

  /**
   * Changes what is said, as the only one who does. `work` gets it without what is stale. Throws a RunWriteError where it cannot be
   * written, or a RunDirectoryError where a process does not let go of the lock.
   */
  async change(work: (turns: Turns) => Turns | Promise<Turns>): Promise<Turns> {
    const lock = await this.lock();
    try {
      const said = this.parsed();
      const before = said ?? { ...noTurns, places: existsSync(this.file) ? await this.goingOn() : [] };
      const living = await this.living(before);
      // Who is dead may have died while it wrote, and nobody else writes now.
      if (living !== before) removeUnfinished(this.runsDir, (file) => path.basename(file).startsWith(`${fileName}.`));
      const after = tidied(await work(living));
      this.write(after, said);
      return after;
    } finally {
      lock.release();
    }
  }

  /** Whether somebody should put right what dead processes have left. */
  async isStale(): Promise<boolean> {
    const { turns } = this.read();
    return turns !== (await this.living(turns));
  }

  /** A place for each run of the folder that goes on: what a lost file said of them. */
  async goingOn(): Promise<readonly Place[]> {
    const names = await readdir(this.runsDir).catch(() => []);
    const running = names.filter((name) => {
      const has = (file: string): boolean => existsSync(path.join(this.runsDir, name, file));
      return has(runFiles.run) && !has(runFiles.exit);
    });
    const places = await Promise.all(running.map((id) => this.placeOf(id)));
    return places.filter((place) => place !== undefined);
  }

  /** The place of a run that goes on, whoever started it. */
  async placeOf(id: string): Promise<Place | undefined> {
    return placeOf(id, await this.holderOf(id));
  }

  private async lock(): Promise<ProcessLock> {
    const deadline = Date.now() + lockLimitMs;
    for (;;) {
      const attempt = await ProcessLock.take(() => this.runsDir, lockName);
      if (attempt.kind === 'taken') return attempt.lock;
      if (Date.now() > deadline) {
        const holder = attempt.by === undefined ? 'another process' : `process ${attempt.by.pid} on ${attempt.by.host}`;
        throw new RunDirectoryError(this.file, `${holder} does not finish changing it`, 'Go on with that process, or end it.');
      }
      // Not all at once again.
      await delay(5 + 20 * Math.random());
    }
  }

  private parsed(): Turns | undefined {
    try {
      return parseTurns(readTextSync(this.file, sizeLimits.turns));
    } catch {
      return undefined;
    }
  }

  private write(turns: Turns, before: Turns | undefined): void {
    if (saysNothing(turns)) remove(this.file);
    else if (before === undefined || stringify(before) !== stringify(turns)) writeAtomically(this.file, `${stringify(turns)}\n`);
  }

  /** The same object where all that it says is so. */
  private async living(turns: Turns): Promise<Turns> {
    const queues = await Promise.all(turns.queues.map(async (queue) => ((await this.waits(queue)) ? queue : undefined)));
    const places = await Promise.all(turns.places.map((place) => this.livingPlace(place)));
    const isSame =
      queues.every((queue, index) => queue === turns.queues[index]) && places.every((place, index) => place === turns.places[index]);
    if (isSame) return turns;
    return tidied({
      ...turns,
      queues: queues.filter((queue) => queue !== undefined),
      places: places.filter((place) => place !== undefined),
    });
  }

  private waits(queue: TurnQueue): Promise<boolean> {
    if (queue.host === os.hostname()) return isSameProcess(queue);
    return Promise.resolve(hasFile(queueFile(this.runsDir, queue.group)));
  }

  /** A run outlives the process that started it, which may have died before it could say whose the place is now. */
  private async livingPlace(place: Place): Promise<Place | undefined> {
    const here = place.host === os.hostname();
    if (here && (await isSameProcess(place))) return place;
    const holder = await this.holderOf(place.id);
    if (holder !== undefined) return here ? placeOf(place.id, holder, place.since) : place;
    return here && this.isBeginning(place) ? place : undefined;
  }

  /** The process of a run that goes on. */
  private async holderOf(id: string): Promise<LockHolder | undefined> {
    const dir = path.join(this.runsDir, id);
    const status = await readRunStatus(dir).catch(() => undefined);
    if (status !== undefined && isLive({ process: status.state })) {
      const started = status.events.findLast(({ type }) => type === 'started');
      return { ...processOf({ record: status.record, started }), host: status.record.host };
    }
    return ProcessLock.holder(dir, runFiles.lock);
  }

  private isBeginning({ id, since }: Place): boolean {
    const dir = path.join(this.runsDir, id);
    if (Date.now() - since >= startingMs || !existsSync(dir)) return false;
    const exit = statSync(path.join(dir, runFiles.exit), { throwIfNoEntry: false });
    // One that goes on has ended before.
    return exit === undefined || exit.mtimeMs < since;
  }
}

function placeOf(id: string, holder: LockHolder | undefined, since = Date.now()): Place | undefined {
  return holder && { id, since, pid: holder.pid, processStartTime: holder.processStartTime, host: holder.host };
}

/** Of a file that is replaced as a whole. */
function versionOf(file: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch {
    return 'none';
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays, and says nothing that is not so.
  }
}
