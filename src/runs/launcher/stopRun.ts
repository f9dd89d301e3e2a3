import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isProgram } from '../../core/config/programConfig.ts';
import { runFiles } from '../../core/records/run.ts';
import type { ExitRecord, ProcessIdentity, RunRecord } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { request } from '../directory/control.ts';
import { writeExit } from '../directory/exitFile.ts';
import { readRun } from '../directory/readRun.ts';
import { RunDirectoryError } from '../directory/runDirectoryError.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { checkProcess } from '../process/processIdentity.ts';
import { ProcessLock } from '../process/processLock.ts';
import { processOf, runsHere } from '../process/processState.ts';
import { runIsTaken } from '../process/runLock.ts';

export interface StopOptions {
  /** Milliseconds that the process has to answer each request before the next, harder one. */
  readonly graceMs: number;
}

/** `ended`: it was not running. `stopped`: by request. `terminated`, `killed`: by signal. `requested`: it runs on another machine. */
export type StopOutcome = 'ended' | 'stopped' | 'terminated' | 'killed' | 'requested';

/**
 * Ends a run: asks it through its directory, then by SIGTERM, then by SIGKILL. Signals go only to a process that is verified to be
 * the run's own. A killed run gets the exit.json that it can no longer write. Throws a RunDirectoryError where the run does not end.
 */
export async function stopRun(dir: string, options: StopOptions): Promise<StopOutcome> {
  const { state, record, events } = await readRunStatus(dir);
  const graceMs = graceOf(record, options);
  if (!isLive({ process: state })) return 'ended';
  request(dir, 'stop');
  if (!runsHere(record)) return 'requested';
  // A process that is about to go on with the run is known by its lock alone.
  const holder = await ProcessLock.holder(dir, runFiles.lock);
  const trainer = holder ?? processOf({ record, started: events.findLast(({ type }) => type === 'started') });
  if (await ends(trainer, graceMs)) return 'stopped';
  await signal(dir, trainer, 'SIGTERM');
  if (await ends(trainer, graceMs)) return 'terminated';
  await signal(dir, trainer, 'SIGKILL');
  if (!(await ends(trainer, Math.max(graceMs, 5000)))) {
    const problem = `process ${trainer.pid} does not end, not even when killed`;
    throw new RunDirectoryError(dir, problem, 'It probably waits for a device or a network file system; see to that.');
  }
  await recordKill(dir);
  return 'killed';
}

/** Deletes a run directory. Throws a RunDirectoryError where it is none, or where the run still runs. */
export async function deleteRun(dir: string): Promise<void> {
  const { state } = await readRunStatus(dir);
  if (isLive({ process: state })) throw new RunDirectoryError(dir, 'the run is still running', 'Stop it first.');
  const holder = await ProcessLock.holder(dir, runFiles.lock);
  if (holder !== undefined) throw runIsTaken(dir, holder);
  await rm(dir, { recursive: true, maxRetries: 3 });
}

/** A supervisor takes as long as its config gives the program, which it ends itself. */
function graceOf({ config }: RunRecord, { graceMs }: StopOptions): number {
  if (!isProgram(config)) return graceMs;
  const { interruptSeconds, terminateSeconds } = config.stop;
  return graceMs + 1000 * (interruptSeconds + terminateSeconds);
}

async function ends(trainer: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while ((await checkProcess(trainer)) !== 'gone') {
    if (Date.now() >= deadline) return false;
    await delay(Math.min(50, withinMs));
  }
  return true;
}

async function signal(dir: string, trainer: ProcessIdentity, name: NodeJS.Signals): Promise<void> {
  const check = await checkProcess(trainer);
  if (check === 'gone') return;
  if (check === 'unknown') {
    const problem = `it cannot be verified that process ${trainer.pid} is this run's, so it was not signalled`;
    throw new RunDirectoryError(dir, problem, 'It was asked to stop; end it yourself if it does not.');
  }
  try {
    process.kill(trainer.pid, name);
  } catch (error) {
    // Gone in this very moment, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function recordKill(dir: string): Promise<void> {
  const { exit, metrics } = await readRun(dir);
  if (exit) return;
  const message = 'Killed, because it did not respond to the request to stop.';
  const killed: ExitRecord = {
    code: null,
    signal: 'SIGKILL',
    lastStep: metrics.lastStep ?? 0,
    reason: 'stopped',
    message,
    time: Date.now() / 1000,
  };
  writeExit(dir, killed);
}
