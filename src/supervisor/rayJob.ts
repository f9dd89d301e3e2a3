import os from 'node:os';
import { failureSentence, forgottenSentence, unreadableSentence, unstoppedSentence } from '../runs/ray/jobEnd.ts';
import { takenOf, writePosition } from '../runs/ray/jobFile.ts';
import { hasEnded, isJob } from '../runs/ray/jobInfo.ts';
import type { JobInfo } from '../runs/ray/jobInfo.ts';
import { JobLog } from '../runs/ray/jobLog.ts';
import type { JobsClient } from '../runs/ray/jobsClient.ts';
import { orRayError } from '../runs/ray/rayError.ts';
import type { RayError } from '../runs/ray/rayError.ts';
import { LastOutput } from './lastOutput.ts';
import { realPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { endingOf } from './ending.ts';
import type { Program, ProgramEnd, ProgramEnding, ProgramListener } from './program.ts';
import { RayContact } from './rayContact.ts';
import type { RayContactOptions } from './rayContact.ts';
import { RayJobLog } from './rayJobLog.ts';

export interface RayJobOptions extends RayContactOptions {
  /** Seconds that a job has to end once it is asked to. */
  readonly stopSeconds: number;
  /** Bytes of the file with the output. */
  readonly outputSize: () => number;
  /** What was chosen for `${python}`. */
  readonly python: string;
  /** The last step that was logged; null: none. */
  readonly lastStep: () => number | null;
  /** The last step that was logged before the run was resumed; null: none, or it was not. */
  readonly earlierStep: number | null;
}

/** How a job ended. `lost`: it may go on without us, or the cluster has forgotten it. */
interface JobEnd {
  readonly outcome: 'succeeded' | 'failed' | 'stopped' | 'lost';
  /** Of the program; null where it has none. A negative one is a signal's number. */
  readonly code: number | null;
  /** Why, with the remedy; empty where the program has said so itself. */
  readonly message: string;
  /** Why the end of its log is missing; left out: it is there. */
  readonly unread?: string;
}

/** Milliseconds between two looks at the state, and at most where nobody answers. */
const stateMs = 2000;
const awayMs = 30_000;
/** Milliseconds from one note of how far the log has been taken to the next. */
const positionMs = 1000;
/** A request to stop is made again that often. */
const stopAgainMs = 10_000;
/** Looks in a row at which a job is not there, until it is taken to be gone; a head that begins may not know it yet. */
const missingLooks = 5;

const newLine = 0x0a;

/**
 * A run as a job of a Ray cluster: submits it, or finds the one that it has there, and follows it to its end, whatever happens to the
 * connection. The job belongs to the cluster, and goes on when this process ends.
 */
export class RayJob implements Program {
  readonly ended: Promise<ProgramEnd>;
  private settle: (end: ProgramEnd) => void = () => undefined;
  private listener: ProgramListener = { onOutput: () => undefined, onNotice: () => undefined };
  private readonly contact: RayContact;
  private isOver = false;
  private notedAt = -Infinity;
  private stoppedAt: number | undefined;
  private waking = new AbortController();
  private readonly last = new LastOutput();
  private readonly began: number;

  constructor(
    private readonly options: RayJobOptions,
    private readonly pace: Pace = realPace,
  ) {
    this.began = pace.now();
    this.contact = new RayContact(options, {
      now: () => pace.now(),
      pause: (milliseconds) => this.pause(milliseconds),
      isStopped: () => this.stoppedAt !== undefined,
      tell: (sentence) => this.tell(sentence),
    });
    this.ended = new Promise((resolve) => (this.settle = resolve));
  }

  /** Does not wait for the cluster: what comes of it is in `ended`. */
  start(listener: ProgramListener): Promise<void> {
    this.listener = listener;
    void this.run().then((end) => {
      const seconds = (this.pace.now() - this.began) / 1000;
      this.settle({ ...exitOf(end.code), describe: () => this.describe(end, seconds) });
    });
    return Promise.resolve();
  }

  /** Ray sends SIGTERM to all processes of the program, and SIGKILL after three seconds, whatever the config says. */
  stop(): void {
    this.stoppedAt ??= this.pace.now();
    this.waking.abort();
  }

  settled(): void {
    // A job that may go on is looked for again.
    if (this.isOver) this.contact.settled();
  }

  private async run(): Promise<JobEnd> {
    try {
      const client = (await this.contact.find()) ?? (await this.contact.submit());
      const end: JobEnd = client === null ? { outcome: 'stopped', code: null, message: '' } : await this.follow(client);
      this.isOver = end.outcome !== 'lost';
      return end;
    } catch (error) {
      const { message } = error as Error;
      if (this.contact.file?.state !== 'sent') return { outcome: 'failed', code: null, message };
      const remedy = 'The job may go on: resume the run later, or delete ray.json in its directory to submit it anew.';
      return { outcome: 'lost', code: null, message: `${message} ${remedy}` };
    }
  }

  private async follow(client: JobsClient): Promise<JobEnd> {
    const id = this.contact.file?.submissionId ?? '';
    const taken = this.options.isResumed ? takenOf(this.options.folder(), id, this.options.outputSize()) : 0;
    const log = new RayJobLog(client, id, new JobLog(taken), (bytes, position) => this.take(id, bytes, position), this.pace);
    const over = new AbortController();
    const reading = log.follow(over.signal);
    const end = await this.watch(client, id, log).finally(() => over.abort());
    await reading;
    const unread = end.outcome === 'lost' ? null : await log.readRest();
    return unread === null ? end : { ...end, unread: unreadableSentence(unread.message) };
  }

  /** Looks at the state of the job, and asks it to end where that is wanted, until it has ended or is given up. */
  private async watch(client: JobsClient, id: string, log: RayJobLog): Promise<JobEnd> {
    const { url } = client.address;
    let stopAskedAt = -Infinity;
    let failures = 0;
    let missing = 0;
    for (;;) {
      if (this.stoppedAt !== undefined && this.pace.now() - stopAskedAt >= stopAgainMs) {
        const asked = await orRayError(() => client.stop(id));
        if (asked === true) stopAskedAt = this.pace.now();
      }
      const info = await orRayError(() => client.job(id));
      if (isJob(info)) {
        if (hasEnded(info)) return this.endOf(info);
        // The connection over which the log came may hang since then.
        if (failures > 1) log.connectAgain();
        failures = missing = 0;
        this.tellState(info, log.trouble);
      } else if (info !== null) {
        // A single answer that does not come is nothing to speak of.
        if (++failures > 1) this.tell(`${info.message} The job may go on meanwhile; trying again.`);
      } else if (++missing >= missingLooks) return { outcome: 'lost', code: null, message: forgottenSentence(url, id) };
      const { stopSeconds } = this.options;
      if (this.stoppedAt !== undefined && this.pace.now() - this.stoppedAt >= 1000 * stopSeconds) {
        return { outcome: 'lost', code: null, message: unstoppedSentence(url, id, isJob(info) ? info.status : null, stopSeconds) };
      }
      await this.pause(failures > 1 && this.stoppedAt === undefined ? Math.min(awayMs, stateMs * 2 ** (failures - 1)) : stateMs);
    }
  }

  private endOf(info: JobInfo): JobEnd {
    const { status, exitCode, errorType } = info;
    if (status === 'SUCCEEDED') return { outcome: 'succeeded', code: exitCode ?? 0, message: '' };
    if (status === 'STOPPED') {
      const byOthers = 'The job was stopped on the cluster, in its dashboard or by "ray job stop".';
      return { outcome: 'stopped', code: exitCode, message: this.stoppedAt === undefined ? byOthers : '' };
    }
    const hasSpoken = errorType === 'JOB_ENTRYPOINT_COMMAND_ERROR' && exitCode !== null;
    return { outcome: 'failed', code: exitCode, message: hasSpoken ? '' : failureSentence(info) };
  }

  private describe(end: JobEnd, seconds: number): ProgramEnding {
    const { reason, message } = this.reasonOf(end, seconds);
    return { reason, message: end.unread === undefined ? message : `${message} ${end.unread}` };
  }

  private reasonOf({ outcome, code, message }: JobEnd, seconds: number): ProgramEnding {
    if (message !== '') return { reason: outcome === 'stopped' ? 'stopped' : 'failed', message };
    const { command, python, lastStep, earlierStep } = this.options;
    const { reason, sentence, remedy } = endingOf({
      of: 'command',
      ...exitOf(code),
      seconds,
      oomKill: 'unknown',
      // All that it prints is in one log.
      stdout: '',
      stderr: this.last.text,
      lastStep: lastStep(),
      earlierStep,
      steps: null,
      wasAsked: outcome === 'stopped',
      command,
      python,
    });
    return { reason, message: remedy === null ? sentence : `${sentence} ${remedy}` };
  }

  /** New bytes of the log, which is then taken up to `position`. */
  private take(id: string, bytes: Buffer, position: number): void {
    this.listener.onOutput('stdout', bytes);
    this.last.feed(bytes);
    // Within a line the output may hold something back; what comes after a note is known by the size of the output.
    if (bytes.at(-1) !== newLine || this.pace.now() - this.notedAt < positionMs) return;
    this.notedAt = this.pace.now();
    try {
      writePosition(this.options.folder(), { submissionId: id, taken: position, outputSize: this.options.outputSize() });
    } catch {
      // A run that is resumed then prints some lines twice.
    }
  }

  private tellState({ status, message }: JobInfo, trouble: RayError | null): void {
    if (this.stoppedAt !== undefined) this.tell('The Ray cluster was asked to end the job.');
    else if (status === 'PENDING') this.tell(`The job waits on the Ray cluster. ${message}`.trimEnd());
    else this.tell(trouble === null ? '' : unreadableSentence(trouble.message));
  }

  private tell(sentence: string): void {
    this.listener.onNotice(sentence);
  }

  /** A request to stop ends it. */
  private async pause(milliseconds: number): Promise<void> {
    await this.pace.pause(milliseconds, this.waking.signal);
    if (this.waking.signal.aborted) this.waking = new AbortController();
  }
}

/** Python's exit codes: a negative one is a signal's number. */
function exitOf(code: number | null): { readonly code: number | null; readonly signal: NodeJS.Signals | null } {
  if (code === null || code >= 0) return { code, signal: null };
  const [name] = Object.entries(os.constants.signals).find(([, number]) => number === -code) ?? [];
  return { code: null, signal: (name as NodeJS.Signals | undefined) ?? null };
}
