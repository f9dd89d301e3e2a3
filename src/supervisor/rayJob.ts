import { failureSentence, forgottenSentence, unstoppedSentence } from '../runs/ray/jobEnd.ts';
import { readJobFile, writeJobFile } from '../runs/ray/jobFile.ts';
import type { JobFile } from '../runs/ray/jobFile.ts';
import { hasEnded } from '../runs/ray/jobInfo.ts';
import type { JobInfo } from '../runs/ray/jobInfo.ts';
import { JobLog } from '../runs/ray/jobLog.ts';
import { isOfRun, jobRequest, submissionId } from '../runs/ray/jobRequest.ts';
import type { JobPlan } from '../runs/ray/jobRequest.ts';
import { JobsClient } from '../runs/ray/jobsClient.ts';
import type { RayAddress } from '../runs/ray/rayAddress.ts';
import type { RayCredentials } from '../runs/ray/rayCredentials.ts';
import { RayError, orRayError } from '../runs/ray/rayError.ts';
import { realPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { RayJobLog } from './rayJobLog.ts';

export interface RayJobOptions extends JobPlan {
  readonly address: RayAddress;
  readonly credentials: () => Promise<RayCredentials>;
  /** Of this machine. */
  readonly host: string;
  /** The run goes on: a job of it that the cluster has not yet told the end of is followed; else it is submitted again. */
  readonly isResumed: boolean;
  /** Bytes of output that the run has, of all its jobs. */
  readonly outputBytes: number;
  /** Seconds that a job has to end once it is asked to. */
  readonly stopSeconds: number;
}

/** Where a job is. Each with a sentence for people. */
export interface RayJobState {
  readonly kind: 'submitting' | 'pending' | 'running' | 'stopping' | 'away';
  readonly sentence: string;
}

export interface RayJobEnd {
  /** `lost`: it may go on without us, or the cluster has forgotten it. */
  readonly outcome: 'succeeded' | 'failed' | 'stopped' | 'lost';
  /** Of the program; null where it has none. A negative one is a signal's number. */
  readonly code: number | null;
  /** Why, with the remedy; empty where there is nothing to explain. */
  readonly message: string;
  /** All that Ray says of it. */
  readonly detail: string;
}

export interface RayJobListener {
  /** What is new in the job's log, both of its streams: UTF-8, not always whole lines. What this throws ends the following. */
  onOutput(bytes: Uint8Array): void;
  onState(state: RayJobState): void;
}

/** Milliseconds between two looks at the state, and at most where nobody answers. */
const stateMs = 2000;
const awayMs = 30_000;
/** How long a cluster that is not ready, or does not answer, is asked to take a job on. */
const busyLimitMs = 60_000;
const contactLimitMs = 10_000;
/** How long a cluster that has a job of ours may be away before a resumed run gives up. */
const returnLimitMs = 60_000;
/** A request to stop is made again that often. */
const stopAgainMs = 10_000;
/** Seconds that a job has to end where nobody wants to wait for it; Ray kills it after three. */
const hastySeconds = 10;
/** Looks in a row at which a job is not there, until it is taken to be gone; a head that begins may not know it yet. */
const missingLooks = 5;

/**
 * A run as a job of a Ray cluster: submits it, or finds the one that it has there, and follows it to its end, whatever happens to the
 * connection. The job belongs to the cluster: it goes on when this process ends.
 */
export class RayJob {
  /** Rejects where `onOutput` throws, or ray.json cannot be written; every failure of the cluster or the job is an end. */
  readonly ended: Promise<RayJobEnd>;
  private settle!: (end: Promise<RayJobEnd>) => void;
  private file: JobFile | null = null;
  private stopping: { readonly since: number; readonly isPatient: boolean } | null = null;
  private waking = new AbortController();
  private told = '';

  constructor(
    private readonly options: RayJobOptions,
    private readonly listener: RayJobListener,
    private readonly pace: Pace = realPace,
  ) {
    this.ended = new Promise((resolve) => (this.settle = resolve));
  }

  /** Begins. What comes of it is in `ended`. */
  start(): void {
    this.settle(this.run());
  }

  /** Asks the cluster to end the job: SIGTERM, and SIGKILL after three seconds, both by Ray. With `isPatient` the job has `stopSeconds`. */
  stop(isPatient: boolean): void {
    this.stopping = { since: this.stopping?.since ?? this.pace.now(), isPatient };
    this.waking.abort();
  }

  /** The end of the job is in the run directory: resumed, the run is submitted anew. Throws a RunWriteError. */
  close(): void {
    if (this.file) this.note({ ...this.file, state: 'ended' });
  }

  private async run(): Promise<RayJobEnd> {
    try {
      const client = (await this.find()) ?? (await this.submit());
      return client === null ? { outcome: 'stopped', code: null, message: '', detail: '' } : await this.follow(client);
    } catch (error) {
      if (!(error instanceof RayError)) throw error;
      if (this.file?.state !== 'sent') return { outcome: 'failed', code: null, message: error.message, detail: '' };
      const remedy = 'The job may go on: resume the run later, or delete ray.json in its directory to submit it anew.';
      return { outcome: 'lost', code: null, message: `${error.message} ${remedy}`, detail: '' };
    }
  }

  /** The cluster that has a job of this run whose end is not known; null: none has. */
  private async find(): Promise<JobsClient | null> {
    const { runDir, isResumed, credentials } = this.options;
    this.file = isResumed ? readJobFile(runDir) : null;
    const { file } = this;
    if (file === null || file.state === 'ended') return null;
    const client = new JobsClient({ url: file.address, namedBy: 'The file ray.json in the run directory' }, credentials);
    this.tell('submitting', `Looking for job ${file.submissionId} on ${file.address}.`);
    const info = await this.insist(() => client.job(file.submissionId), returnLimitMs);
    if (info === null) return null;
    if (info !== 'stopped') this.note({ ...file, state: 'sent' });
    return client;
  }

  /** Resolves to the cluster that has the job; null: the run was stopped before. */
  private async submit(): Promise<JobsClient | null> {
    const { runDir, host, address, credentials, outputBytes } = this.options;
    const client = new JobsClient(address, credentials);
    const before = this.file;
    // What was not taken on may have been taken on all the same, under this id.
    for (let submission = before === null ? 1 : before.submission + (before.state === 'sending' ? 0 : 1); ; submission++) {
      const id = submissionId(runDir, host, submission);
      const request = jobRequest(this.options, host, id);
      this.note({ address: address.url, submissionId: id, submission, outputBefore: outputBytes, state: 'sending' });
      this.tell('submitting', `Submitting job ${id} to ${address.url}.`);
      let attempts = 0;
      try {
        const sent = await this.insist(() => {
          attempts++;
          return client.submit(request);
        }, contactLimitMs);
        if (sent === 'stopped') return attempts > 0 && isJob(await orRayError(() => client.job(id))) ? client : null;
      } catch (error) {
        if (!(error instanceof RayError) || error.problem !== 'exists') throw error;
        const info = await client.job(id);
        if (info !== null && !isOfRun(info.metadata, this.options, host))
          throw new RayError('exists', `${error.message} It is not of this run.`);
        // An older one of this run, of which the run directory does not tell.
        if (info !== null && hasEnded(info) && attempts === 1) continue;
      }
      if (this.file) this.note({ ...this.file, state: 'sent' });
      return client;
    }
  }

  private async follow(client: JobsClient): Promise<RayJobEnd> {
    const { submissionId: id, outputBefore } = this.file ?? { submissionId: '', outputBefore: 0 };
    const taken = new JobLog(Math.max(0, this.options.outputBytes - outputBefore));
    const log = new RayJobLog(client, id, taken, (bytes) => this.listener.onOutput(bytes), this.pace);
    const over = new AbortController();
    const broken = new AbortController();
    const reading = log.follow(over.signal);
    // Nobody takes the output any more: what is thrown there is thrown here.
    reading.catch(() => {
      broken.abort();
      this.waking.abort();
    });
    const end = await this.watch(client, id, broken.signal).finally(() => over.abort());
    await reading;
    const unread = end.outcome === 'lost' ? null : await log.readRest();
    return unread === null ? end : { ...end, message: `${end.message} The end of its log cannot be read: ${unread.message}`.trimStart() };
  }

  /** Looks at the state of the job, and asks it to end where that is wanted, until it has ended or is given up. */
  private async watch(client: JobsClient, id: string, broken: AbortSignal): Promise<RayJobEnd> {
    let stopAskedAt = -Infinity;
    let failures = 0;
    let missing = 0;
    while (!broken.aborted) {
      if (this.stopping && this.pace.now() - stopAskedAt >= stopAgainMs) {
        const asked = await orRayError(() => client.stop(id));
        if (asked === true) stopAskedAt = this.pace.now();
      }
      const info = await orRayError(() => client.job(id));
      if (isJob(info)) {
        if (hasEnded(info)) return this.endOf(info);
        failures = missing = 0;
        this.tellState(info);
      } else if (info !== null) {
        // A single answer that does not come is nothing to speak of.
        if (++failures > 1) this.tell('away', `${info.message} The job may go on meanwhile; trying again.`);
      } else if (++missing >= missingLooks) break;
      const late = this.lateStop(client, id, isJob(info) ? info : null);
      if (late) return late;
      await this.pause(failures > 1 && !this.stopping ? Math.min(awayMs, stateMs * 2 ** (failures - 1)) : stateMs);
    }
    return { outcome: 'lost', code: null, message: forgottenSentence(client.address.url, id), detail: '' };
  }

  private endOf(info: JobInfo): RayJobEnd {
    const { status, exitCode, message } = info;
    if (status === 'SUCCEEDED') return { outcome: 'succeeded', code: exitCode ?? 0, message: '', detail: message };
    if (status === 'FAILED') return { outcome: 'failed', code: exitCode, message: failureSentence(info), detail: message };
    const byOthers = 'The job was stopped on the cluster, by its dashboard or `ray job stop`.';
    return { outcome: 'stopped', code: exitCode, message: this.stopping ? '' : byOthers, detail: message };
  }

  /** The end of a run that is stopped, and whose job does not end in time; null: it still has time. */
  private lateStop({ address }: JobsClient, id: string, info: JobInfo | null): RayJobEnd | null {
    const { stopping } = this;
    if (!stopping) return null;
    const seconds = stopping.isPatient ? this.options.stopSeconds : Math.min(hastySeconds, this.options.stopSeconds);
    if (this.pace.now() - stopping.since < 1000 * seconds) return null;
    const message = unstoppedSentence(address.url, id, info?.status ?? null, seconds);
    return { outcome: 'lost', code: null, message, detail: info?.message ?? '' };
  }

  private tellState({ status, message }: JobInfo): void {
    if (this.stopping) this.tell('stopping', 'The Ray cluster was asked to end the job.');
    else if (status === 'RUNNING') this.tell('running', 'The job runs on the Ray cluster.');
    else this.tell('pending', `The job waits on the Ray cluster. ${message}`.trimEnd());
  }

  private tell(kind: RayJobState['kind'], sentence: string): void {
    if (this.told === kind + sentence) return;
    this.told = kind + sentence;
    this.listener.onState({ kind, sentence });
  }

  /** Tries again for a while where a cluster is not ready or does not answer. */
  private async insist<T>(action: () => Promise<T>, awayLimitMs: number): Promise<T | 'stopped'> {
    const began = this.pace.now();
    for (let wait = 500; ; wait = Math.min(5000, wait * 2)) {
      if (this.stopping) return 'stopped';
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof RayError) || (error.problem !== 'busy' && error.problem !== 'away')) throw error;
        if (this.pace.now() - began >= (error.problem === 'busy' ? busyLimitMs : awayLimitMs)) throw error;
        this.tell(error.problem === 'busy' ? 'submitting' : 'away', `${error.message} Trying again.`);
      }
      await this.pause(wait);
    }
  }

  /** A request to stop ends it. */
  private async pause(milliseconds: number): Promise<void> {
    await this.pace.pause(milliseconds, this.waking.signal);
    if (this.waking.signal.aborted) this.waking = new AbortController();
  }

  private note(file: JobFile): void {
    this.file = file;
    writeJobFile(this.options.runDir, file);
  }
}

function isJob(info: JobInfo | RayError | null): info is JobInfo {
  return info !== null && !(info instanceof RayError);
}
