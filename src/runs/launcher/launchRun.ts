import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, readdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isProgram, nounOf } from '../../core/config/programConfig.ts';
import { parseEvent } from '../../core/records/events.ts';
import type { RunEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import type { LaunchRequest, RunRecord } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { FileTail } from '../directory/fileTail.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { openForAppending } from '../directory/ownFile.ts';
import { isRunDirectory, readRunRecord } from '../directory/runFile.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { ProcessLock } from '../process/processLock.ts';
import { runIsTaken } from '../process/runLock.ts';
import { LaunchError } from './launchError.ts';
import { workingFolder } from './workingFolder.ts';

export interface LaunchOptions {
  readonly request: LaunchRequest;
  /** Program of the trainer process, `dist/trainer.mjs`; that of the supervisor, which runs commands, lies beside it. */
  readonly trainerEntry: string;
  /** The Node that runs it; default this one. */
  readonly nodePath?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a process that says nothing is given up; default a minute. */
  readonly startLimitMs?: number;
}

/** Bytes that a run needs to begin: with less, that is why it did not. */
const leastBytes = 64 << 10;

/** A run whose process has begun. It outlives this process. */
export interface LaunchedRun {
  readonly dir: string;
  readonly pid: number;
  /** Settles when the process ends, if this process is still there to see it. Does not keep this process alive. */
  readonly exited: Promise<ProcessEnd>;
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Starts, or resumes, a run in a process of its own, with its output appended to stdout.log and stderr.log. Resolves when the
 * process has taken over the run directory. Throws a LaunchError where it ends before, or a RunDirectoryError where the
 * directory is taken (start), is no run, or is one that another process works on (resume): the trainer itself holds the run's lock, so
 * of two that are started at once one gives up.
 */
export async function launchRun(options: LaunchOptions): Promise<LaunchedRun> {
  const { request } = options;
  const dir = request.runDir;
  if (request.kind === 'start') {
    const cwd = workingFolder(dir, request.run);
    await makeRunDirectory(dir);
    return begin(
      options,
      { config: request.run.config, cwd },
      async (pid) => (await isRunDirectory(dir)) && (await readRunRecord(dir)).pid === pid,
    );
  }
  const { cwd, record } = await resumableFrom(dir);
  const started = await startsSince(dir);
  return begin(options, { ...record, cwd }, async (pid) => (await started()).some((event) => processOf(event) === pid));
}

/** What the process of a run is started by. */
type Launched = Pick<RunRecord, 'cwd' | 'config'>;

async function begin(options: LaunchOptions, run: Launched, hasTakenOver: (pid: number) => Promise<boolean>): Promise<LaunchedRun> {
  const {
    request: { runDir: dir },
    startLimitMs = 60_000,
  } = options;
  const child = spawnProcess(options, run);
  const { config } = run;
  const who = isProgram(config) ? `The process that runs the ${nounOf(config.trainer)}` : 'The trainer';
  const exited = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw new LaunchError(`${child.spawnfile} cannot be started in ${run.cwd}: ${(await failed).message}`);
  const deadline = Date.now() + startLimitMs;
  while (!(await hasTakenOver(pid))) {
    const end = await Promise.race([exited, delay(20)]);
    // It may have finished the whole run since the last look.
    if (end && !(await hasTakenOver(pid))) {
      await requireUnlocked(dir);
      throw new LaunchError(`${who} ended before the run began (${describe(end)}).${fullDisk(dir)}`, stderrOf(dir));
    }
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new LaunchError(`${who} did not begin the run within ${startLimitMs / 1000} s and was killed.`, stderrOf(dir));
    }
  }
  child.unref();
  return { dir, pid, exited };
}

function spawnProcess({ request, trainerEntry, nodePath = process.execPath, env }: LaunchOptions, { cwd, config }: Launched): ChildProcess {
  // Source maps cost a process that lasts as long as the training more memory than a rare stack trace is worth.
  const entry = isProgram(config) ? [path.join(path.dirname(trainerEntry), 'supervisor.mjs')] : ['--enable-source-maps', trainerEntry];
  const logs = [runFiles.stdout, runFiles.stderr].map((name) => openLog(path.join(request.runDir, name)));
  try {
    const child = spawn(nodePath, entry, {
      cwd,
      env: { ...process.env, ...env },
      // Its own process group: a Ctrl-C or a closed terminal ends what shows the run, not the run.
      detached: true,
      stdio: ['pipe', ...logs],
      windowsHide: true,
    });
    // A process that dies early closes the pipe; that it died is reported by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(JSON.stringify(request));
    return child;
  } finally {
    logs.forEach((descriptor) => closeSync(descriptor));
  }
}

function openLog(file: string): number {
  try {
    return openForAppending(file);
  } catch (error) {
    throw new RunWriteError(file, error);
  }
}

/** Two launches never share a directory, but one in which a process was killed before there was a run is used again. */
async function makeRunDirectory(dir: string): Promise<void> {
  try {
    mkdirSync(path.dirname(dir), { recursive: true });
    mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new RunWriteError(dir, error);
    await requireUnlocked(dir);
    if (holdsNoRun(dir)) return;
    throw new RunDirectoryError(dir, 'the run directory is already there', 'Start again: the run gets another name.', { cause: error });
  }
}

/** Whether a directory is one that a launch has made, and no run has begun in it. */
function holdsNoRun(dir: string): boolean {
  const names = readdirSync(dir);
  return !names.includes(runFiles.run) && (names.length === 0 || names.includes(runFiles.stdout));
}

/** A run that may be resumed, and its working directory. */
async function resumableFrom(dir: string): Promise<{ readonly cwd: string; readonly record: RunRecord }> {
  const { state, record } = await readRunStatus(dir);
  if (isLive({ process: state })) throw new RunDirectoryError(dir, 'the run is still running', 'Stop it first.');
  await requireUnlocked(dir);
  return { cwd: workingFolder(dir, record), record };
}

/** A process that has just been started, and has not said so yet, is known by its lock. */
async function requireUnlocked(dir: string): Promise<void> {
  const holder = await ProcessLock.holder(dir, runFiles.lock);
  if (holder) throw runIsTaken(dir, holder);
}

/** Tells the `started` events of a run since now. */
async function startsSince(dir: string): Promise<() => Promise<readonly RunEvent[]>> {
  let starts: RunEvent[] = [];
  const tail = new FileTail(path.join(dir, runFiles.events), {
    lines: (lines) => {
      for (const event of lines.map(parseEvent)) if (event?.type === 'started') starts.push(event);
    },
    reset: () => (starts = []),
  });
  await tail.read();
  starts = [];
  return async () => {
    await tail.read();
    return starts;
  };
}

/** Tells whether a process has begun to work on a run since now. */
export async function nextStart(dir: string): Promise<() => Promise<boolean>> {
  const started = await startsSince(dir);
  return async () => (await started()).length > 0;
}

function processOf({ data }: RunEvent): unknown {
  return (data as Readonly<Record<string, unknown>>)['pid'];
}

/** A process that cannot write cannot say so in its log either. */
function fullDisk(dir: string): string {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < leastBytes ? ` No space is left on the device that holds ${dir}: the disk is full.` : '';
  } catch {
    return '';
  }
}

function describe({ code, signal }: ProcessEnd): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function stderrOf(dir: string): string {
  return path.join(dir, runFiles.stderr);
}
