import os from 'node:os';
import type { RunEvent } from '../../core/records/events.ts';
import type { ExitRecord, ProcessIdentity, ProcessState, RunRecord } from '../../core/records/run.ts';
import { stateAfter } from '../../core/records/runState.ts';
import { isSameProcess } from './processIdentity.ts';

/** Silence, in seconds, after which a run on another machine is given up. */
const silence = 600;

export interface RunProgress {
  readonly record: RunRecord;
  readonly exit: ExitRecord | null;
  /** The latest `started` event: a resumed run has another process than the one that wrote run.json. */
  readonly started: RunEvent | undefined;
  /** Whether the run has logged a step. */
  readonly hasSteps: boolean;
  /** When it last wrote anything, in seconds since 1970. */
  readonly lastWrite: number;
}

/**
 * What has become of a run's process. It is `starting` until the first step is logged, and `lost` when it is gone without having
 * written exit.json. A process on another machine cannot be asked; it counts as running while it writes.
 */
export async function processState(progress: RunProgress): Promise<ProcessState> {
  if (progress.exit) return stateAfter(progress.exit);
  const alive = runsHere(progress.record) ? await isSameProcess(processOf(progress)) : Date.now() / 1000 - progress.lastWrite < silence;
  if (!alive) return 'lost';
  return progress.hasSteps ? 'running' : 'starting';
}

/** The process that works, or last worked, on a run. */
export function processOf({ record, started }: Pick<RunProgress, 'record' | 'started'>): ProcessIdentity {
  const { pid, processStartTime } = (started?.data ?? {}) as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0) return { pid: record.pid, processStartTime: record.processStartTime };
  return { pid: pid as number, processStartTime: typeof processStartTime === 'string' ? processStartTime : null };
}

/** Whether the run's process is, or was, on this machine, where its pid means something. */
export function runsHere(record: RunRecord): boolean {
  return record.host === os.hostname();
}
