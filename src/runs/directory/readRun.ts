import path from 'node:path';
import type { RunEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { RunHistory } from '../../core/records/runHistory.ts';
import type { Life } from '../../core/records/runHistory.ts';
import { historyNotes, strayNote } from '../../core/records/historyNotes.ts';
import { stepsBeforeStrays } from '../../core/records/strays.ts';
import { runsHere } from '../process/processState.ts';
import type { BulkReader } from '../columns/bulkReader.ts';
import type { RangeRead } from '../columns/readRange.ts';
import { worthBulk } from '../columns/worthBulk.ts';
import { readLines } from './readLines.ts';
import type { LinesRead } from './readLines.ts';
import { RunDirectoryError } from './runDirectoryError.ts';
import type { UnreadFiles } from './runFile.ts';
import { readRunStatus } from './runStatus.ts';

export interface ReadOptions {
  /** Which of the runs that were written into one file, from 1, the earliest; default: the newest. */
  readonly life?: number | undefined;
  /** Reads a long metrics.jsonl in other threads; without it each line is an object once. */
  readonly bulk?: BulkReader | undefined;
  /** Ends such a reading: the rest is read here. */
  readonly signal?: AbortSignal | undefined;
}

/** What a metrics.jsonl says. */
export interface MetricsContents {
  /** In order of step; see `RunHistory` for what a resumed run wrote again, and what it has not come to again. */
  readonly metrics: MetricTable;
  /** All runs that were written into the file, earliest first. */
  readonly lives: readonly Life[];
  /** Number of records, of all lives. */
  readonly records: number;
  /** Lines that are no records, and were left out. */
  readonly malformedLines: number;
  /** What a reader should know, in sentences. */
  readonly warnings: readonly string[];
}

/** Everything that a run directory says, but for its rollouts and checkpoints. */
export interface RunContents extends MetricsContents {
  readonly dir: string;
  readonly record: RunRecord;
  /** In the order in which they were written. */
  readonly events: readonly RunEvent[];
  readonly exit: ExitRecord | null;
  readonly state: ProcessState;
}

/**
 * Reads a run directory as it is now. Throws a RunDirectoryError where it is none, or its metrics cannot be read; that its events or its
 * end cannot be is a warning.
 */
export async function readRun(dir: string, options: ReadOptions = {}): Promise<RunContents> {
  const unread: UnreadFiles = new Map();
  // Before the metrics: those of a run that has ended are complete.
  const { record, events, eventLines, exit, state } = await readRunStatus(dir, unread);
  const { history, lines, notes } = await readHistory(path.join(dir, runFiles.metrics), events, options);
  const malformedLines = lines.malformed + eventLines.malformed;
  const warnings = [...Array.from(unread.values(), ({ message }) => message), ...malformedNotes(malformedLines), ...notes];
  if (state === 'lost' && unread.size === 0) warnings.push('The process is gone and did not say why.');
  if (isLive({ process: state })) {
    if (record.host === '') warnings.push('It is not known where the process is, so its state is judged only by when it last wrote.');
    else if (!runsHere(record)) warnings.push(`The process is on ${record.host}, so its state is judged only by when it last wrote.`);
  } else if (lines.torn || eventLines.torn) {
    warnings.push('The last line was cut short when the process ended, and was left out.');
  }
  return {
    dir,
    record,
    metrics: history.table,
    lives: history.lives,
    records: history.records,
    events,
    exit,
    state,
    malformedLines,
    warnings,
  };
}

/** Reads a metrics.jsonl alone, without a word about the run that wrote it. Throws a RunDirectoryError where it cannot be read. */
export async function readMetricsFile(file: string, options: ReadOptions = {}): Promise<MetricsContents> {
  const { history, lines, notes } = await readHistory(file, [], options);
  const warnings = [...malformedNotes(lines.malformed), ...notes];
  if (lines.torn) warnings.push('The last line has no end, and was left out.');
  return { metrics: history.table, lives: history.lives, records: history.records, malformedLines: lines.malformed, warnings };
}

const never = new AbortController().signal;

interface HistoryRead {
  readonly history: RunHistory;
  readonly lines: LinesRead;
  readonly notes: readonly string[];
}

async function readHistory(file: string, events: readonly RunEvent[], { life, bulk, signal }: ReadOptions): Promise<HistoryRead> {
  const history = new RunHistory(life);
  history.takeEvents(events);
  const take = (line: string): boolean => {
    const record = parseMetrics(line);
    if (record) history.take(record);
    return record !== undefined;
  };
  let malformed = 0;
  const takeBulk = async (descriptor: number, size: number): Promise<RangeRead | undefined> => {
    const read = size < worthBulk ? undefined : await bulk?.read(descriptor, size, signal ?? never);
    if (!read || read.end === 0) return undefined;
    malformed += read.malformed;
    for (const stretch of read.stretches.all) history.takeStretch(stretch);
    return read;
  };
  const rest = await readLines(file, take, takeBulk);
  const lines = { ...rest, malformed: rest.malformed + malformed };
  history.settle();
  requireLife(file, history.lives, life);
  return { history, lines, notes: [...historyNotes(history, life), ...(await strayNotes(file, history.table))] };
}

/** Throws a RunDirectoryError where a file does not have the run that is asked for. */
export function requireLife(file: string, { length: count }: readonly Life[], life: number | undefined): void {
  if (life === undefined || life <= count) return;
  const problem = count === 1 ? 'there is one run in this file' : `there are ${count} runs in this file`;
  throw new RunDirectoryError(file, `${problem}, and no run ${life}`, count < 2 ? 'Leave --life out.' : `Give --life 1 to ${count}.`);
}

/** About the steps that lie far beyond the others: with the lines, for which the file is read once more. */
async function strayNotes(file: string, { steps }: MetricTable): Promise<string[]> {
  const count = stepsBeforeStrays(steps);
  const strays = new Map(Array.from(steps.subarray(count), (step) => [step, 0]));
  if (strays.size === 0) return [];
  let number = 0;
  await readLines(file, (line) => {
    number++;
    const step = parseMetrics(line)?.step;
    if (step !== undefined && strays.has(step)) strays.set(step, number);
    return true;
  });
  return Array.from(strays, ([step, line]) => strayNote(step, line, steps.subarray(0, count)));
}

function malformedNotes(lines: number): string[] {
  if (lines === 0) return [];
  return [lines === 1 ? '1 line is not a record and was left out.' : `${lines} lines are not records and were left out.`];
}
