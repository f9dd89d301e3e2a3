import path from 'node:path';
import type { RunEvent } from '../../core/records/events.ts';
import { MetricTable } from '../../core/records/metricTable.ts';
import { parseMetrics } from '../../core/records/metrics.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessState, RunRecord } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { runsHere } from '../process/processState.ts';
import { readLines } from './readLines.ts';
import { readRunStatus } from './runStatus.ts';

/** Everything that a run directory says, but for its rollouts and checkpoints. */
export interface RunContents {
  readonly dir: string;
  readonly record: RunRecord;
  /** In order of step; where a resumed run wrote a step again, what it wrote last, and no step that it has not come to again. */
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
  // Before the metrics: those of a run that has ended are complete.
  const { record, events, eventLines, exit, state } = await readRunStatus(dir);
  const written = new MetricTable();
  let repeated = 0;
  const metricLines = await readLines(path.join(dir, runFiles.metrics), (line) => {
    const step = parseMetrics(line);
    if (step && !written.append(step)) repeated++;
    return step !== undefined;
  });
  const metrics = withoutUndone(written, events);
  const undone = written.length - metrics.length;
  const malformedLines = metricLines.malformed + eventLines.malformed;
  const warnings: string[] = [];
  if (malformedLines > 0)
    warnings.push(
      malformedLines === 1 ? '1 line is no record and was left out.' : `${malformedLines} lines are no records and were left out.`,
    );
  if (repeated > 0)
    warnings.push(
      `${repeated === 1 ? '1 step was' : `${repeated} steps were`} written again, as a resumed run does; the later values count.`,
    );
  if (undone > 0)
    warnings.push(
      `${undone === 1 ? '1 step was' : `${undone} steps were`} left out: the run was resumed from before, and has not come to ${undone === 1 ? 'it' : 'them'} again.`,
    );
  if (state === 'lost') warnings.push('The process is gone and did not say why.');
  if (isLive({ process: state })) {
    if (!runsHere(record)) warnings.push(`The process is on ${record.host}, so its state is judged only by when it last wrote.`);
  } else if (metricLines.torn || eventLines.torn) {
    warnings.push('The last line was cut short when the process ended, and was left out.');
  }
  return { dir, record, metrics, events, exit, state, malformedLines, warnings };
}

/** The steps without the last ones, where a process took them before another one went on from an earlier step. */
function withoutUndone(metrics: MetricTable, events: readonly RunEvent[]): MetricTable {
  const { steps, times } = metrics;
  const starts = events.filter(({ type }) => type === 'started');
  let rows = metrics.length;
  while (rows > 0 && starts.some(({ step, time }) => step < (steps[rows - 1] as number) && time > (times[rows - 1] as number))) rows--;
  if (rows === metrics.length) return metrics;
  const kept = new MetricTable();
  for (const record of metrics.records()) if (kept.length < rows) kept.append(record);
  return kept;
}
