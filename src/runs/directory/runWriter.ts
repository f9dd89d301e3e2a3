import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { formatEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { stringify } from '../../core/records/json.ts';
import { formatMetrics } from '../../core/records/metrics.ts';
import type { MetricsRecord } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, RunRecord } from '../../core/records/run.ts';
import { removeUnfinished, writeAtomically } from './atomicFile.ts';
import { stepName, tidyCheckpoints, writeCheckpoint } from './checkpoints.ts';
import type { Checkpoint } from './checkpoints.ts';
import { clearRequest, isRequested } from './control.ts';
import { forgetReserve, reserveExit, writeExit } from './exitFile.ts';
import { HeldDirectory } from './heldDirectory.ts';
import { LineFile } from './lineFile.ts';
import { makeFolder } from './ownFile.ts';
import { RunDirectoryError, RunWriteError } from './runDirectoryError.ts';

/**
 * Writes a run directory; used by the run's own process and by nobody else. Everything is synchronous: what has been written when
 * a method returns survives a kill of the process. All methods throw a RunWriteError where the system does not let them write.
 */
export class RunWriter {
  private readonly place: HeldDirectory;
  private readonly metrics: LineFile;
  private readonly events: LineFile;

  private constructor(dir: string) {
    try {
      mkdirSync(dir, { recursive: true });
      this.place = new HeldDirectory(dir);
      for (const folder of [runFiles.rollouts, runFiles.checkpoints, runFiles.control]) makeFolder(path.join(dir, folder));
    } catch (error) {
      throw new RunWriteError(dir, error);
    }
    this.metrics = new LineFile(path.join(dir, runFiles.metrics));
    this.events = new LineFile(path.join(dir, runFiles.events));
    try {
      reserveExit(dir);
    } catch (error) {
      throw new RunWriteError(path.join(dir, runFiles.exit), error);
    }
  }

  /**
   * Begins a run in `dir`, which may be there (with the logs of the process) but must not hold a run. `inherited`: what stands in its files
   * from the first on.
   */
  static create(dir: string, record: RunRecord, inherited?: Inherited): RunWriter {
    const file = path.join(dir, runFiles.run);
    if (existsSync(file)) throw new RunDirectoryError(file, 'the directory already holds a run', 'Resume it, or choose another directory.');
    if (inherited) inherit(dir, inherited);
    const writer = new RunWriter(dir);
    // Last, because its presence says that the run is there.
    writeAtomically(file, `${stringify(record, 2)}\n`);
    return writer;
  }

  /** Goes on with the run in `dir`: forgets how it ended and what was asked of the process before. */
  static resume(dir: string): RunWriter {
    const file = path.join(dir, runFiles.run);
    if (!existsSync(file)) throw new RunDirectoryError(file, 'there is no run to resume', 'Give the directory of a run.');
    const writer = new RunWriter(dir);
    writer.tidy();
    clearRequest(dir, 'stop');
    clearRequest(dir, 'checkpoint');
    // Last, so that a run that cannot go on still says how it ended.
    rmSync(path.join(dir, runFiles.exit), { force: true });
    return writer;
  }

  /** Where the run directory is now: it may be moved, or get another name, while the run goes on. */
  get dir(): string {
    try {
      return this.place.path;
    } catch (error) {
      throw new RunWriteError(this.place.firstPath, error);
    }
  }

  /** Whether the run directory had another path when it was last looked for. */
  get wasMoved(): boolean {
    return this.place.wasMoved;
  }

  appendMetrics(record: MetricsRecord): void {
    this.metrics.append(formatMetrics(record));
  }

  /** Takes back the metrics that were appended by this writer. */
  forgetMetrics(): void {
    this.metrics.forget();
  }

  appendEvent(event: RunEvent): void {
    this.events.append(formatEvent(event));
  }

  /** Writes the trajectories of a step, one JSON line each; never all of them in memory at once. Returns the file. */
  writeRollouts(step: number, trajectories: Iterable<unknown>): string {
    const folder = path.join(this.dir, runFiles.rollouts);
    const file = path.join(folder, `${stepName(step)}.jsonl`);
    try {
      makeFolder(folder);
    } catch (error) {
      throw new RunWriteError(file, error);
    }
    writeAtomically(file, linesOf(trajectories));
    return file;
  }

  /** Writes the files of a checkpoint, by name; it is there as a whole or not at all. */
  writeCheckpoint(step: number, files: Readonly<Record<string, string | Uint8Array>>): Checkpoint {
    return writeCheckpoint(this.dir, step, files);
  }

  /** Whether somebody asked the run to end. */
  stopRequested(): boolean {
    return isRequested(this.dir, 'stop');
  }

  /** Whether somebody asked for a checkpoint since the last call. */
  takeCheckpointRequest(): boolean {
    const { dir } = this;
    if (!isRequested(dir, 'checkpoint')) return false;
    clearRequest(dir, 'checkpoint');
    return true;
  }

  /** Says how the run ended; the last thing to be written. */
  writeExit(exit: ExitRecord): void {
    writeExit(this.dir, exit);
  }

  /** Leaves the directory in order, as far as it is there. */
  close(): void {
    try {
      forgetReserve(this.place.path);
      this.tidy();
    } catch {
      // It was deleted, or cannot be written: what there was to say has been said.
    }
    this.metrics.close();
    this.events.close();
    this.place.close();
  }

  /** Removes what a process that was killed has left half done. */
  private tidy(): void {
    const { dir } = this;
    removeUnfinished(dir);
    removeUnfinished(path.join(dir, runFiles.rollouts));
    tidyCheckpoints(dir);
  }
}

/** What a branch has from its run. */
export interface Inherited {
  readonly metrics: readonly MetricsRecord[];
  readonly events: readonly RunEvent[];
  /** Left out: it is another program's, which keeps its own. */
  readonly checkpoint?: { readonly step: number; readonly files: Readonly<Record<string, string | Uint8Array>> };
}

/** Each file as a whole or not at all; without a run.json it is no run yet, and whoever begins it again writes them anew. */
function inherit(dir: string, { metrics, events, checkpoint }: Inherited): void {
  makeFolder(dir);
  if (checkpoint) writeCheckpoint(dir, checkpoint.step, checkpoint.files);
  writeAtomically(path.join(dir, runFiles.metrics), terminated(metrics, formatMetrics));
  writeAtomically(path.join(dir, runFiles.events), terminated(events, formatEvent));
}

function* terminated<Value>(values: Iterable<Value>, format: (value: Value) => string): Generator<string> {
  for (const value of values) yield `${format(value)}\n`;
}

/** JSON lines, one at a time. */
export function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${stringify(value)}\n`;
}
