import { stat } from 'node:fs/promises';
import path from 'node:path';
import { filesOf } from '../sources/foreignState.ts';
import { runFiles } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import type { RunDirectoryError } from '../directory/runDirectoryError.ts';
import type { RunChange } from '../directory/runFollower.ts';
import { lastLines } from '../directory/lastLines.ts';
import { followSource, judgesItself } from '../sources/followSource.ts';
import type { RunAssignment } from '../sources/foreignIdentity.ts';
import type { RunPlace } from '../sources/format.ts';
import { placeId, runDirectoryFormat } from '../sources/runPlace.ts';
import type { Listening } from './openRuns.ts';
import type { RunOverview } from './runOverview.ts';
import { RunReading } from './runReading.ts';
import { directorySignature, signedFiles } from './directorySignature.ts';
import type { EndedRun } from './endedRun.ts';
import { lastBytes } from './endedRun.ts';
import { sampleMetrics, samples } from './sampledMetrics.ts';

/** Least milliseconds between looks at a live run. */
const gatherMs = 250;

export interface EntryListener {
  /** Follows the run with those who look at its metrics; undefined: nobody does. */
  followOpen(hear: (change: RunChange) => void): Listening | undefined;
  /** What somebody decided about the run. */
  assigned(): RunAssignment | undefined;
  /** The overview is another one, or none any more. */
  changed(): void;
  problem(problem: RunDirectoryError): void;
}

/**
 * One run of a catalog. While its process lives, its directory is followed. Afterwards the entry sleeps: it costs a few calls of
 * stat every now and then, by which it notices that the run goes on.
 */
export class CatalogEntry {
  /** Undefined while the directory holds no run that can be read. */
  overview: RunOverview | undefined;
  private reading: RunReading;
  private follower: Listening | undefined;
  /** What the directory looked like before it was last read as a whole. */
  private signature = '';
  /** Files that the last reading came from, where its reader knows them. */
  private files: readonly string[] | undefined;
  /** What was decided about the run when it was last read. */
  private decided: string | undefined;
  private closed = false;

  constructor(
    readonly place: RunPlace,
    private readonly listener: EntryListener,
  ) {
    this.reading = this.newReading();
  }

  /** Identifies the run. */
  get id(): string {
    return placeId(this.place);
  }

  /** Returns whether something else is decided about the run than before, so that it has to be read again. */
  takeDecision(): boolean {
    const before = this.decided;
    this.decided = this.decision(this.listener.assigned());
    return this.decided !== before;
  }

  /** Reads the run, and follows it if its process lives. Settles when it has been read. */
  async wake(): Promise<void> {
    this.sleep();
    // Before the reading: whatever changes after that is noticed by the next check.
    const signature = await this.readSignature();
    if (this.closed || this.follower) return;
    this.signature = signature;
    const assigned = this.listener.assigned();
    this.decided = this.decision(assigned);
    const reading = this.newReading();
    let isRead = false;
    const hear = (change: RunChange): void => {
      this.hear(reading, change);
      if (isRead) this.settle(reading);
    };
    // Where the metrics are open, their lines are read already.
    const follower = this.listener.followOpen(hear) ?? followSource(this.place, hear, { lastBytes, gatherMs, assigned });
    this.follower = follower;
    await follower.caughtUp;
    if (this.overview) await this.sample(reading);
    if (this.follower !== follower) return;
    isRead = true;
    // What cannot be read at the moment is shown as it was, and looked at again.
    if (reading.isUnreadable) this.signature = '';
    if (!reading.isUnreadable || !this.overview) this.reading = reading;
    this.publish();
    this.files = follower.files ?? this.files;
    if (!isAlive(reading)) this.sleep();
  }

  /** Takes over what was read of the run elsewhere, unless something else was decided about it meanwhile. Returns whether it did. */
  adopt({ overview, signature }: EndedRun, assigned: RunAssignment | undefined): boolean {
    const decided = this.decision(assigned);
    if (decided !== this.decision(this.listener.assigned())) return false;
    this.decided = decided;
    this.signature = signature;
    if (this.closed) return true;
    this.overview = overview;
    this.listener.changed();
    return true;
  }

  /** The metrics of the run have been opened or closed: what follows it follows them, or no longer. */
  changeSource(): void {
    if (this.follower) void this.wake();
  }

  /** For an entry that sleeps: reads the run again where its directory has changed. */
  async check(): Promise<void> {
    if (this.follower || this.closed) return;
    const signature = await this.readSignature();
    if (signature !== this.signature) await this.wake();
  }

  /** Completes the sparkline of a run that was read for the first time: the whole list comes before such a picture. */
  async complete(): Promise<void> {
    const { reading } = this;
    if (this.closed || !(await this.sample(reading))) return;
    if (reading === this.reading) this.publish();
  }

  /** Looks at what the process prints before its first step, which tells how far the warm start is. */
  readOutput(): void {
    const { source } = this.place;
    if (this.overview?.process === 'starting' && this.reading.addOutput(lastLines(path.join(source, runFiles.stdout), 1))) this.publish();
  }

  close(): void {
    this.closed = true;
    this.sleep();
  }

  get isDirectory(): boolean {
    return this.place.format === runDirectoryFormat;
  }

  /** What of it changes how the run is read: one whose own process judges it stays as that has judged it, whatever is usual here. */
  private decision(assigned: RunAssignment | undefined): string {
    return JSON.stringify(judgesItself(this.place) ? { ...assigned, usualSensitivity: undefined } : { ...assigned });
  }

  private newReading(): RunReading {
    return new RunReading(this.id, !this.isDirectory);
  }

  private hear(reading: RunReading, change: RunChange): void {
    reading.take(change);
    if (change.type !== 'problem') return;
    if (reading !== this.reading) this.reading.take(change);
    this.listener.problem(change.problem);
  }

  /** News of a run that is followed. One whose process has ended is read once more as a whole, so that nothing written at the very end is missed. */
  private settle(reading: RunReading): void {
    if (isAlive(reading)) this.publish();
    else void this.wake();
  }

  /** Returns whether the metrics had not been read from their beginning. */
  private async sample(reading: RunReading): Promise<boolean> {
    if (!this.isDirectory || (reading.firstStep ?? 0) <= 1) return false;
    reading.addEarlier(await sampleMetrics(path.join(this.place.source, runFiles.metrics), samples));
    return true;
  }

  private sleep(): void {
    this.follower?.close();
    this.follower = undefined;
  }

  private publish(): void {
    if (this.closed) return;
    this.overview = this.reading.overview();
    this.listener.changed();
  }

  /**
   * Changes when files come or go, when an event is logged, which no process goes on with a run without, and when a step is: a run of
   * another machine that was given up for its silence may only have been slow.
   */
  private async readSignature(): Promise<string> {
    const { source } = this.place;
    const files = this.isDirectory ? signedFiles(source) : (this.files ?? (await filesOf(source)));
    return directorySignature(await Promise.all(files.map((file) => stat(file).catch(() => undefined))));
  }
}

function isAlive({ state }: RunReading): boolean {
  return state !== undefined && isLive({ process: state });
}
