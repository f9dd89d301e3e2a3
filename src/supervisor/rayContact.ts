import os from 'node:os';
import { readJobFile, writeJobFile } from '../runs/ray/jobFile.ts';
import type { JobFile } from '../runs/ray/jobFile.ts';
import { hasEnded, isJob } from '../runs/ray/jobInfo.ts';
import { isOfRun, jobRequest, submissionId } from '../runs/ray/jobRequest.ts';
import type { JobPlan } from '../runs/ray/jobRequest.ts';
import { JobsClient } from '../runs/ray/jobsClient.ts';
import { rayAddress } from '../runs/ray/rayAddress.ts';
import type { RayAddress } from '../runs/ray/rayAddress.ts';
import { rayCredentials } from '../runs/ray/rayCredentials.ts';
import { RayError, orRayError } from '../runs/ray/rayError.ts';
import type { Environment } from './programEnvironment.ts';

export interface RayContactOptions extends JobPlan {
  /** As the config has them. */
  readonly address: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Where address, headers and token are looked for. */
  readonly environment: Environment;
  /** Of this machine. */
  readonly host: string;
  /** The run goes on: a job of it whose end is not in the run directory is found again; else it is submitted. */
  readonly isResumed: boolean;
  /** Whether a run that has no such job may be submitted again: whether its config says how it goes on. */
  readonly canSubmitAgain: boolean;
  /** Where the run directory is now. */
  readonly folder: () => string;
}

/** How a contact waits, and what it says meanwhile. */
export interface Waiting {
  now(): number;
  /** A request to stop ends it. */
  pause(milliseconds: number): Promise<void>;
  isStopped(): boolean;
  tell(sentence: string): void;
}

/** How long a cluster that is not ready, or does not answer, is asked to take a job on. */
const busyLimitMs = 60_000;
const contactLimitMs = 10_000;
/** How long a cluster that has a job of ours may be away before a resumed run gives up. */
const returnLimitMs = 60_000;
const notAgain =
  'The cluster has no job of this run that goes on, and the config does not say how the program goes on with a run. Add "resume" with ' +
  'the arguments for that, for example ["--resume_from_checkpoint", "True"], and start the run anew.';

/** Which cluster has the job of a run: finds it there again, or submits it. */
export class RayContact {
  /** What the run directory says of the job. */
  file: JobFile | null = null;

  constructor(
    private readonly options: RayContactOptions,
    private readonly waiting: Waiting,
  ) {}

  /** The cluster that has a job of this run whose end is not known; null: none has. */
  async find(): Promise<JobsClient | null> {
    this.file = this.options.isResumed ? readJobFile(this.options.folder()) : null;
    const { file } = this;
    if (file === null || file.state === 'ended') return null;
    const client = this.clientOf({ url: file.address, namedBy: 'The file ray.json in the run directory' });
    this.waiting.tell(`Looking for job ${file.submissionId} on ${file.address}.`);
    const info = await this.insist(() => client.job(file.submissionId), returnLimitMs);
    if (info === null) {
      // It is not sent again under this id.
      if (file.state === 'sent') this.note({ ...file, state: 'ended' });
      return null;
    }
    if (info !== 'stopped') this.note({ ...file, state: 'sent' });
    return client;
  }

  /** Resolves to the cluster that has the job; null: the run was stopped before. */
  async submit(): Promise<JobsClient | null> {
    const { runDir, host, folder, isResumed, canSubmitAgain } = this.options;
    const address = rayAddress(this.options.address, this.options.environment);
    const client = this.clientOf(address);
    const before = this.file;
    if (isResumed && !canSubmitAgain && before?.state !== 'sending') throw new RayError('missing', notAgain);
    // What was not taken on may have been taken on all the same, under this id.
    for (let submission = before === null ? 1 : before.submission + (before.state === 'sending' ? 0 : 1); ; submission++) {
      const id = submissionId(runDir, host, submission);
      const request = jobRequest(this.options, host, id);
      this.file = { address: address.url, submissionId: id, submission, state: 'sending' };
      writeJobFile(folder(), this.file);
      this.waiting.tell(`Submitting job ${id} to ${address.url}.`);
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
        if (info && !isOfRun(info.metadata, this.options, host)) throw new RayError('exists', `${error.message} It is not of this run.`);
        // An older one of this run, of which the run directory does not tell.
        if (info && hasEnded(info) && attempts === 1) continue;
      }
      this.note({ ...this.file, state: 'sent' });
      return client;
    }
  }

  /** The end of the job is in the run directory. */
  settled(): void {
    if (this.file) this.note({ ...this.file, state: 'ended' });
  }

  private clientOf(address: RayAddress): JobsClient {
    const { headers, environment } = this.options;
    return new JobsClient(address, () => rayCredentials(headers, environment, environment['HOME'] ?? os.homedir()));
  }

  /** Tries again for a while where a cluster is not ready or does not answer. */
  private async insist<T>(action: () => Promise<T>, awayLimitMs: number): Promise<T | 'stopped'> {
    const began = this.waiting.now();
    for (let wait = 500; ; wait = Math.min(5000, wait * 2)) {
      if (this.waiting.isStopped()) return 'stopped';
      try {
        return await action();
      } catch (error) {
        if (!(error instanceof RayError) || (error.problem !== 'busy' && error.problem !== 'away')) throw error;
        if (this.waiting.now() - began >= (error.problem === 'busy' ? busyLimitMs : awayLimitMs)) throw error;
        this.waiting.tell(`${error.message} Trying again.`);
      }
      await this.waiting.pause(wait);
    }
  }

  /** A disk that is full ends no run that goes on elsewhere. */
  private note(file: JobFile): void {
    this.file = file;
    try {
      writeJobFile(this.options.folder(), file);
    } catch {
      // Resumed, the run looks for the job all the same.
    }
  }
}
