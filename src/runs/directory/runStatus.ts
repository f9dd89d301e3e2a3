import path from 'node:path';
import { parseEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import { ProcessLock } from '../process/processLock.ts';
import { processState, runsHere } from '../process/processState.ts';
import type { RunProgress } from '../process/processState.ts';
import { readLines } from './readLines.ts';
import type { LinesRead } from './readLines.ts';
import { RunDirectoryError } from './runDirectoryError.ts';
import { readExitRecord, readRunRecord, statusOf } from './runFile.ts';
import type { UnreadFiles } from './runFile.ts';

/** How a run's process stands. */
export interface RunEnd {
  readonly exit: ExitRecord | null;
  readonly state: ProcessState;
}

/** What a run directory says about the run's process, without its metrics. */
export interface RunStatus extends RunEnd {
  readonly record: RunRecord;
  /** In the order in which they were written. */
  readonly events: readonly RunEvent[];
  readonly eventLines: LinesRead;
}

/**
 * Reads all of a run directory but its metrics. Throws a RunDirectoryError where it is none or cannot be read; where only its events or
 * its end cannot be, `unread` takes that.
 */
export async function readRunStatus(dir: string, unread?: UnreadFiles): Promise<RunStatus> {
  const record = await readRunRecord(dir);
  const events: RunEvent[] = [];
  const file = path.join(dir, runFiles.events);
  const eventLines = await readLines(file, (line) => {
    const event = parseEvent(line);
    if (event) events.push(event);
    return event !== undefined;
  }).catch((error: unknown) => {
    if (!unread || !(error instanceof RunDirectoryError)) throw error;
    unread.set(file, error);
    return noLines;
  });
  const metrics = await statusOf(path.join(dir, runFiles.metrics));
  const started = events.findLast(({ type }) => type === 'started');
  const end = await readEnd(dir, { record, started, hasSteps: (metrics?.size ?? 0) > 0 }, unread);
  return { record, events, eventLines, ...end };
}

const noLines: LinesRead = { malformed: 0, torn: false };

/** How the run's process stands now. `unread`: as for `readExitRecord`. */
export async function readEnd(dir: string, known: Omit<RunProgress, 'exit' | 'lastWrite'>, unread?: UnreadFiles): Promise<RunEnd> {
  const exit = await readExitRecord(dir, unread);
  // Only of interest where the process cannot be asked.
  const progress = { ...known, lastWrite: exit || runsHere(known.record) ? 0 : await lastWrite(dir) };
  const state = await processState({ ...progress, exit });
  if (state !== 'lost') return { exit, state };
  // It may have ended in good order between the look for exit.json and the look for the process.
  const late = await readExitRecord(dir, unread);
  if (late) return { exit: late, state: await processState({ ...progress, exit: late }) };
  // Another process may be about to go on with the run, and not have said so yet.
  const holder = await ProcessLock.holder(dir, runFiles.lock);
  return { exit: null, state: holder !== undefined && holder.pid !== process.pid ? 'starting' : state };
}

/** When the run's process last wrote, in seconds since 1970; 0: it has not. */
async function lastWrite(dir: string): Promise<number> {
  const files = await Promise.all([runFiles.metrics, runFiles.events].map((name) => statusOf(path.join(dir, name))));
  return Math.max(...files.map((file) => (file?.mtimeMs ?? 0) / 1000));
}
