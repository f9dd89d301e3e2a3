import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseEvent } from '../../core/records/events.ts';
import { runFiles } from '../../core/records/run.ts';
import type { LaunchRequest } from '../../core/records/run.ts';
import { FileTail } from '../directory/fileTail.ts';
import { RunDirectoryError, RunWriteError } from '../directory/runDirectoryError.ts';
import { isRunDirectory, readRunRecord } from '../directory/runFile.ts';
import { readRunStatus } from '../directory/runStatus.ts';
import { lastLines } from './lastLines.ts';
import { takeLock } from './processLock.ts';
import { workingFolder } from './workingFolder.ts';

export interface LaunchOptions {
  readonly request: LaunchRequest;
  /** Program of the trainer process, `dist/trainer.mjs`. */
  readonly trainerEntry: string;
  /** The Node that runs it; default this one. */
  readonly nodePath?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a process that says nothing is given up; default a minute. */
  readonly startLimitMs?: number;
}

/** A run whose process has begun. It outlives this process. */
export interface LaunchedRun {
  readonly dir: string;
  readonly pid: number;
  /** Settles when the process ends, if this process is still there to see it. Does not keep this process alive. */
  readonly exited: Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that did not do what it was started for. The message ends with what it had to say. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  /** The last lines of the log; empty where there are none. */
  readonly words: string;

  /** `log` is the file to which the process wrote, from the byte `from`; null: there was none. */
  constructor(
    readonly problem: string,
    readonly log: string | null = null,
    from = 0,
  ) {
    const words = log === null ? '' : lastLines(log, 12, from);
    super(
      log === null ? problem : words === '' ? `${problem} It left no word in ${log}.` : `${problem} Its last words, from ${log}:\n${words}`,
    );
    this.words = words;
  }
}

/**
 * Starts, or resumes, a run in a process of its own, with its output appended to stdout.log and stderr.log. Resolves when the
 * process has taken over the run directory. Throws a LaunchError where it ends before, or a RunDirectoryError where the
 * directory is taken (start), is no run, or is one that still runs or is being resumed by somebody else (resume).
 */
export async function launchRun(options: LaunchOptions): Promise<LaunchedRun> {
  const { request } = options;
  const dir = request.runDir;
  if (request.kind === 'start') {
    const cwd = workingFolder(dir, request.run);
    makeRunDirectory(dir);
    return begin(options, cwd, () => isRunDirectory(dir));
  }
  // The state is looked at under the lock: two windows must not both see a run that has ended and start a process each.
  await readRunRecord(dir);
  const release = await takeLock(path.join(dir, runFiles.resuming));
  if (release === undefined) throw new RunDirectoryError(dir, 'the run is being resumed by another window or command', 'Wait for it.');
  try {
    return await begin(options, await resumableFrom(dir), await nextStart(dir));
  } finally {
    release();
  }
}

async function begin(options: LaunchOptions, cwd: string, hasTakenOver: () => Promise<boolean>): Promise<LaunchedRun> {
  const {
    request: { runDir: dir },
    startLimitMs = 60_000,
  } = options;
  const child = spawnTrainer(options, cwd);
  const exited = new Promise<ProcessEnd>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const { pid } = child;
  if (pid === undefined) throw new LaunchError(`${child.spawnfile} cannot be started in ${cwd}: ${(await failed).message}`);
  const deadline = Date.now() + startLimitMs;
  while (!(await hasTakenOver())) {
    const end = await Promise.race([exited, delay(20)]);
    // It may have finished the whole run since the last look.
    if (end && !(await hasTakenOver())) throw new LaunchError(`The trainer ended before the run began (${describe(end)}).`, stderrOf(dir));
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new LaunchError(`The trainer did not begin the run within ${startLimitMs / 1000} s and was killed.`, stderrOf(dir));
    }
  }
  child.unref();
  return { dir, pid, exited };
}

function spawnTrainer({ request, trainerEntry, nodePath = process.execPath, env }: LaunchOptions, cwd: string): ChildProcess {
  const logs = [runFiles.stdout, runFiles.stderr].map((name) => openSync(path.join(request.runDir, name), 'a'));
  try {
    const child = spawn(nodePath, ['--enable-source-maps', trainerEntry], {
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

function makeRunDirectory(dir: string): void {
  try {
    mkdirSync(path.dirname(dir), { recursive: true });
    // Not recursive: two launches at once must not share a directory.
    mkdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new RunWriteError(dir, error);
    throw new RunDirectoryError(dir, 'the run directory is already there', 'Start again: the run gets another name.', { cause: error });
  }
}

/** The working directory of a run that may be resumed. */
async function resumableFrom(dir: string): Promise<string> {
  const { state, record } = await readRunStatus(dir);
  if (state === 'running' || state === 'starting') throw new RunDirectoryError(dir, 'the run is still running', 'Stop it first.');
  return workingFolder(dir, record);
}

/** Tells whether a process has begun to work on a run since now. */
export async function nextStart(dir: string): Promise<() => Promise<boolean>> {
  let starts = 0;
  const tail = new FileTail(path.join(dir, runFiles.events), {
    lines: (lines) => (starts += lines.filter((line) => parseEvent(line)?.type === 'started').length),
    reset: () => (starts = 0),
  });
  await tail.read();
  const before = starts;
  return async () => {
    await tail.read();
    return starts > before;
  };
}

function describe({ code, signal }: ProcessEnd): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function stderrOf(dir: string): string {
  return path.join(dir, runFiles.stderr);
}
