import { request as requestHttp } from 'node:http';
import type { IncomingMessage, RequestOptions as HttpOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isObject, parse } from '../../core/records/json.ts';
import { refusedAnswer, withoutAnswer } from './clusterFault.ts';
import { parseJobInfo } from './jobInfo.ts';
import type { JobInfo } from './jobInfo.ts';
import { LogAnswer } from './jobLog.ts';
import { tailLog } from './logTail.ts';
import type { RayAddress } from './rayAddress.ts';
import { secretsOf } from './rayCredentials.ts';
import type { RayCredentials } from './rayCredentials.ts';
import { RayError } from './rayError.ts';
import type { JobRequest } from './jobRequest.ts';

/** Milliseconds for an answer; a head may wait ten seconds for its agent before it takes a job on. */
const answerMs = 20_000;
const submitMs = 60_000;
/** Milliseconds within a log, from one piece to the next. */
const silenceMs = 30_000;
/** Bytes of any answer but a log. */
const mostBytes = 32 << 20;

/**
 * The Ray Jobs REST API of a cluster (Ray 2.60, API version 4; https://docs.ray.io/en/latest/cluster/running-applications/job-submission/).
 * Every method throws a RayError.
 */
export class JobsClient {
  /** `credentials` are asked for at each request: a token file may be written anew while a job runs. */
  constructor(
    readonly address: RayAddress,
    private readonly credentials: () => Promise<RayCredentials>,
  ) {}

  /** Ray's version; an error of kind `stranger` where this is no Ray head. */
  async version(): Promise<string> {
    const answer = await this.json('GET', '/api/version');
    if (isObject(answer) && typeof answer['ray_version'] === 'string') return answer['ray_version'];
    throw this.stranger();
  }

  /** Resolves when the cluster has taken the job on, under the id of the request. */
  async submit(request: JobRequest): Promise<void> {
    const answer = await this.json('POST', '/api/jobs/', { body: request, limitMs: submitMs });
    if (!isObject(answer) || answer['submission_id'] !== request.submission_id) throw this.stranger();
  }

  /** What the cluster knows of a job; null: nothing. */
  async job(id: string): Promise<JobInfo | null> {
    try {
      const info = parseJobInfo(await this.json('GET', pathOf(id)));
      if (info) return info;
    } catch (error) {
      if (error instanceof RayError && error.problem === 'missing') return null;
      throw error;
    }
    throw this.stranger();
  }

  /** Jobs that were submitted through this API; the cluster lists those of drivers too. */
  async list(): Promise<readonly JobInfo[]> {
    const answer = await this.json('GET', '/api/jobs/');
    if (!Array.isArray(answer)) throw this.stranger();
    return answer.map(parseJobInfo).filter((info) => info !== undefined);
  }

  /** Asks a job to end. Resolves to whether there was a process to end. */
  async stop(id: string): Promise<boolean> {
    const answer = await this.json('POST', `${pathOf(id)}/stop`);
    return isObject(answer) && answer['stopped'] === true;
  }

  /** Makes the cluster forget a job, which must have ended. */
  async delete(id: string): Promise<void> {
    await this.json('DELETE', pathOf(id));
  }

  /** Reads the whole log of a job, and hands it over as it comes. */
  async readLog(id: string, onText: (text: string) => void, signal?: AbortSignal): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), silenceMs);
    try {
      const response = await this.request('GET', `${pathOf(id)}/logs`, { signal: anyOf(silence.signal, signal) });
      const answer = new LogAnswer();
      for await (const bytes of response as AsyncIterable<Uint8Array>) {
        timer.refresh();
        const text = answer.take(bytes);
        if (text !== '') onText(text);
      }
      answer.end();
    } catch (error) {
      throw error instanceof RayError ? error : withoutAnswer(this.address, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The same, and then what is new, as long as it goes on: see `tailLog`. */
  async tailLog(id: string, onText: (text: string) => void, signal: AbortSignal): Promise<boolean> {
    const { headers } = await this.credentials();
    return tailLog(`${this.address.url}${pathOf(id)}/logs/tail`, headers, onText, signal);
  }

  private async json(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
    const response = await this.request(method, path, { limitMs: answerMs, ...options });
    return parse(await this.textOf(response));
  }

  /** A response of status 200. */
  private async request(method: string, path: string, { body, limitMs, signal }: RequestOptions): Promise<IncomingMessage> {
    const credentials = await this.credentials();
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = { ...credentials.headers, ...(content && { 'Content-Type': 'application/json', 'Content-Length': content.length }) };
    const until = signal ?? AbortSignal.timeout(limitMs ?? answerMs);
    let response: IncomingMessage;
    try {
      response = await send(`${this.address.url}${path}`, { method, headers, signal: until }, content);
    } catch (error) {
      throw withoutAnswer(this.address, error);
    }
    const { statusCode = 0 } = response;
    if (statusCode === 200) return response;
    const text = secretsOf(credentials).reduce((shown, secret) => shown.replaceAll(secret, '…'), await this.textOf(response));
    throw refusedAnswer(this.address, statusCode, text, credentials.tokenFrom);
  }

  private async textOf(response: IncomingMessage): Promise<string> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const bytes of response as AsyncIterable<Uint8Array>) {
        pieces.push(bytes);
        length += bytes.length;
        if (length > mostBytes) break;
      }
    } catch (error) {
      throw withoutAnswer(this.address, error);
    }
    if (length > mostBytes) throw this.stranger();
    return Buffer.concat(pieces).toString('utf8');
  }

  private stranger(): RayError {
    const { url, namedBy } = this.address;
    return new RayError(
      'stranger',
      `What answers at ${url} is no Ray head. ${namedBy} is to be the dashboard of one, usually on port 8265.`,
    );
  }
}

interface RequestOptions {
  readonly body?: unknown;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

function pathOf(id: string): string {
  return `/api/jobs/${encodeURIComponent(id)}`;
}

/**
 * Sends a request, and follows no redirect: a header must not be sent on to another host. Not by Node's `fetch`, which says
 * `Sec-Fetch-Mode`, as browsers do, and Ray lets no browser submit a job.
 */
function send(url: string, options: HttpOptions, content: Uint8Array | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? requestHttps : requestHttp)(url, options, resolve);
    request.on('error', reject);
    request.end(content);
  });
}

function anyOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}
