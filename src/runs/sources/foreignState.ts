import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { ExitRecord, ProcessState } from '../../core/records/run.ts';
import { stateAfter } from '../../core/records/runState.ts';
import type { RunPlace, SourceEnd } from './format.ts';

/** Seconds without a new step after which nobody is taken to write any more: at least, at most, and in usual steps. */
const patience = { least: 120, most: 3600, steps: 10 } as const;
/** Files of a folder whose times are looked at. */
const mostFiles = 1000;

/** How a run of another program stands, as far as its files tell. */
export interface ForeignStanding {
  readonly state: ProcessState;
  readonly exit: ExitRecord | null;
  /** When its files begin. ISO 8601; empty: not known. */
  readonly begun: string;
}

const reasons = { finished: 'completed', failed: 'failed', stopped: 'stopped' } as const;

/**
 * What its files say counts; where they say nothing of an end, a run goes on for as long as they are written. `files`: those that are
 * read, where they are known.
 */
export async function foreignState(
  place: RunPlace,
  ended: SourceEnd | undefined,
  table: MetricTable,
  files?: readonly string[],
): Promise<ForeignStanding> {
  const { first, last } = await writingTimes(place.source, files);
  const begun = Number.isFinite(first) ? new Date(1000 * first).toISOString() : '';
  if (ended) {
    const exit: ExitRecord = {
      code: null,
      signal: null,
      lastStep: table.lastStep ?? 0,
      reason: reasons[ended.state],
      message: ended.message,
      time: last,
    };
    return { state: stateAfter(exit), exit, begun };
  }
  const quiet = Date.now() / 1000 - last;
  return { state: quiet <= patienceFor(table, last - first) ? 'running' : 'idle', exit: null, begun };
}

function patienceFor({ length }: MetricTable, seconds: number): number {
  const usual = length > 1 && seconds > 0 ? seconds / length : 0;
  return Math.min(patience.most, Math.max(patience.least, patience.steps * usual));
}

/** When the files of a run were first and last written, in seconds since 1970; NaN where there are none. */
async function writingTimes(
  source: string,
  files: readonly string[] | undefined,
): Promise<{ readonly first: number; readonly last: number }> {
  const all = files ?? (await filesOf(source));
  const found = await Promise.all(all.slice(0, mostFiles).map((file) => stat(file).catch(() => undefined)));
  const known = found.filter((status) => status !== undefined);
  if (known.length === 0) return { first: Number.NaN, last: Number.NaN };
  const last = Math.max(...known.map(({ mtimeMs }) => mtimeMs)) / 1000;
  // A copied file is younger than its last change.
  const first = Math.min(...known.map(({ birthtimeMs, mtimeMs }) => (birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs))) / 1000;
  return { first, last };
}

/** The files of a run that is a folder, as far as they lie in it; else the file itself. */
export async function filesOf(source: string): Promise<readonly string[]> {
  const entries = await readdir(source, { withFileTypes: true }).catch(() => undefined);
  return entries?.filter((entry) => entry.isFile()).map(({ name }) => path.join(source, name)) ?? [source];
}
