import path from 'node:path';
import { parseEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { MetricTable } from '../../core/records/metricTable.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import { processState, runsHere } from '../process/processState.ts';
import { FileTail } from './fileTail.ts';
import { RunDirectoryError } from './runDirectoryError.ts';
import { readExitRecord, readRunRecord } from './runFile.ts';

/** Everything that a run directory says, but for its rollouts and checkpoints. */
export interface RunContents {
  readonly dir: string;
  readonly record: RunRecord;
  /** In order of step; where a resumed run wrote a step again, what it wrote last. */
  readonly metrics: MetricTable;
  /** In the order in which they were written. */
  readonly events: readonly RunEvent[];
  readonly exit: ExitRecord | null;
  readonly state: ProcessState;
  /** Lines of metrics.jsonl and events.jsonl that are no records, and were left out. */
  readonly malformedLines: number;
  /** What a reader should know, in sentences. */
  readonly warnings: readonly string[];
}

/** Reads a run directory as it is now. Throws a RunDirectoryError where it is none or cannot be read. */
export async function readRun(dir: string): Promise<RunContents> {
  const record = await readRunRecord(dir);
  // Before the metrics: once it is there, they are complete.
  const exit = await readExitRecord(dir);
  const metrics = new MetricTable();
  let repeated = 0;
  const metricLines = await readLines(path.join(dir, runFiles.metrics), (line) => {
    const parsed = parseMetrics(line);
    if (parsed && !metrics.append(parsed)) repeated++;
    return parsed !== undefined;
  });
  const events: RunEvent[] = [];
  const eventLines = await readLines(path.join(dir, runFiles.events), (line) => {
    const parsed = parseEvent(line);
    if (parsed) events.push(parsed);
    return parsed !== undefined;
  });
  const started = events.findLast(({ type }) => type === 'started');
  const lastWrite = Math.max(metricLines.lastWrite, eventLines.lastWrite);
  const state = await processState({ record, exit, started, hasSteps: metrics.length > 0, lastWrite });
  const malformedLines = metricLines.malformed + eventLines.malformed;
  const ended = state !== 'running' && state !== 'starting';
  const warnings = [
    ...(malformedLines > 0 ? [`${malformedLines} ${malformedLines === 1 ? 'line is no record and was' : 'lines are no records and were'} left out.`] : []),
    ...(repeated > 0 ? [`${repeated} ${repeated === 1 ? 'step was' : 'steps were'} written again after the run was resumed; the later values count.`] : []),
    ...(ended && (metricLines.torn || eventLines.torn) ? ['The last line was cut short when the process ended, and was left out.'] : []),
    ...(state === 'lost' ? ['The process is gone and did not say why.'] : []),
    ...(!ended && !runsHere(record) ? [`The process is on ${record.host}, so its state is only judged by when it last wrote.`] : []),
  ];
  return { dir, record, metrics, events, exit, state, malformedLines, warnings };
}

async function readLines(file: string, take: (line: string) => boolean): Promise<{ malformed: number; torn: boolean; lastWrite: number }> {
  let malformed = 0;
  const lines = (batch: readonly string[]): void => {
    for (const line of batch) if (!take(line) && line.trim() !== '') malformed++;
  };
  const tail = new FileTail(file, { lines, reset: () => undefined });
  try {
    await tail.read();
  } catch (error) {
    throw new RunDirectoryError(file, `cannot be read: ${(error as Error).message}`, 'See to its permissions and to the file system.', { cause: error });
  }
  return { malformed: malformed + tail.overlongLines, torn: tail.withinLine, lastWrite: tail.lastWrite };
}
