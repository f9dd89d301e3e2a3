import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { after } from 'node:test';
import { isObject } from '../../../src/core/records/json.ts';

/** A request to a real head, and what it answered. */
interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly authorization: string | null; readonly body: unknown };
  readonly response: { readonly status: number; readonly content_type: string; readonly body: unknown };
}

/** Every request and answer of a head of Ray 2.60. */
export const exchanges: readonly Exchange[] = readFileSync('test/data/ray/exchange.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange);

/** What a head answered to the first request of that kind. */
export function recorded(status: number, method: string, path: RegExp, said: RegExp = /^/): Exchange['response'] {
  const found = exchanges.find(
    ({ request, response }) =>
      response.status === status && request.method === method && path.test(request.path) && said.test(JSON.stringify(response.body)),
  );
  assert.ok(found);
  return found.response;
}

interface FakeJob {
  info: Record<string, unknown>;
  log: string;
  readonly tails: Set<(text: string | null) => void>;
}

const opened: FakeHead[] = [];
after(async () => {
  for (const head of opened) await head.leave();
});

/** A head of a Ray cluster as a real one behaves, without a cluster: what jobs do is up to the test. */
export class FakeHead {
  readonly jobs = new Map<string, FakeJob>();
  /** `METHOD path` of each request. */
  readonly requests: string[] = [];
  /** Headers of the last request. */
  headers: IncomingMessage['headers'] = {};
  /** Requests to submit that are still to be answered by "No available agent". */
  busy = 0;
  /** What a job does once it is submitted. */
  onSubmit: (id: string) => void = () => undefined;
  /** Ends the process of a job; without one the job is over at once. */
  onStop: ((id: string) => void) | undefined;
  /** Jobs that were asked to stop. */
  readonly stopped = new Set<string>();
  /** Whether logs come over WebSockets. */
  tails: 'told' | 'refused' = 'told';
  /** Answers in place of the head, where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  private server: Server | undefined;
  private port = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly token: string | null) {}

  static async start(token: string | null = null): Promise<FakeHead> {
    const head = new FakeHead(token);
    opened.push(head);
    await head.come();
    return head;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, on the same port as before. */
  async come(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    server.on('connection', (socket) => this.sockets.add(socket));
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => this.tail(request, socket));
    server.listen(this.port, '127.0.0.1');
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Does not listen any more, and cuts every connection. */
  async leave(): Promise<void> {
    for (const { tails } of this.jobs.values()) tails.clear();
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    const { server } = this;
    this.server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  job(id: string): FakeJob {
    const job = this.jobs.get(id);
    assert.ok(job, `no job ${id}`);
    return job;
  }

  /** The job runs, and prints. */
  print(id: string, text: string): void {
    const job = this.job(id);
    job.info = { ...job.info, status: 'RUNNING', message: 'Job is currently running.' };
    job.log += text;
    for (const tell of job.tails) tell(text);
  }

  end(id: string, changes: Readonly<Record<string, unknown>>): void {
    const job = this.job(id);
    job.info = { ...job.info, ...changes };
    for (const tell of job.tails) tell(null);
    job.tails.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    this.requests.push(`${method} ${path}`);
    this.headers = request.headers;
    if (this.instead(request, response)) return;
    const reply = ({ status, content_type: type, body }: Exchange['response']) => {
      response.writeHead(status, { 'Content-Type': type });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const ok = (body: unknown) => reply({ status: 200, content_type: 'application/json; charset=utf-8', body });
    // As a browser, or Node's fetch, does: Ray lets neither change anything.
    if (method !== 'GET' && 'sec-fetch-mode' in request.headers) {
      return reply({ status: 405, content_type: 'text/plain', body: `'${method}' method not allowed for browser traffic.` });
    }
    if (!this.isAllowed(request)) return reply(recorded(401, 'GET', /jobs/));
    const [, id = '', part = ''] = /^\/api\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (path === '/api/version') return reply(recorded(200, 'GET', /version/));
    if (method === 'POST' && path === '/api/jobs/') return this.submit(JSON.parse(await bodyOf(request)), reply);
    if (path === '/api/jobs/') return ok([...this.jobs.values()].map(({ info }) => info));
    const job = this.jobs.get(decodeURIComponent(id));
    if (!job) return reply(about(recorded(404, 'GET', /never-was$/), 'never-was', id));
    if (method === 'DELETE') {
      this.jobs.delete(id);
      return ok({ deleted: true });
    }
    if (part === 'logs') return ok({ logs: job.log });
    if (part !== 'stop') return ok(job.info);
    return ok({ stopped: this.stop(id) });
  }

  /** Whether there was something to stop. */
  private stop(id: string): boolean {
    const { status } = this.job(id).info;
    this.stopped.add(id);
    if (status === 'RUNNING') {
      if (this.onStop) this.onStop(id);
      else this.end(id, { status: 'STOPPED', message: 'Job was intentionally stopped.' });
    }
    return status === 'RUNNING' || status === 'PENDING';
  }

  private submit(body: unknown, reply: (response: Exchange['response']) => void): void {
    assert.ok(isObject(body));
    const id = String(body['submission_id']);
    const text = 'No available agent to submit job, please try again later.';
    if (this.busy > 0) {
      this.busy--;
      return reply({ status: 500, content_type: 'text/plain; charset=utf-8', body: text });
    }
    if (typeof body['entrypoint'] !== 'string') return reply(recorded(400, 'POST', /jobs/));
    if (this.jobs.has(id)) return reply(about(recorded(500, 'POST', /jobs/, /already exists/), 'otb-grpo-s71', id));
    const { body: pending } = recorded(200, 'GET', /otb-grpo-s71$/, /PENDING/);
    assert.ok(isObject(pending));
    const { entrypoint, metadata = null, runtime_env = null } = body;
    const info = { ...pending, submission_id: id, entrypoint, metadata, runtime_env };
    this.jobs.set(id, { info, log: '', tails: new Set() });
    reply({ status: 200, content_type: 'application/json; charset=utf-8', body: { job_id: id, submission_id: id } });
    this.onSubmit(id);
  }

  private isAllowed({ headers }: IncomingMessage): boolean {
    return this.token === null || headers.authorization === `Bearer ${this.token}`;
  }

  /** `GET /api/jobs/ID/logs/tail`: the whole log, then what is new, then a close frame. */
  private tail(request: IncomingMessage, socket: Duplex): void {
    this.requests.push(`TAIL ${request.url}`);
    const [, id = ''] = /^\/api\/jobs\/([^/]+)\/logs\/tail$/.exec(request.url ?? '') ?? [];
    const job = this.jobs.get(id);
    socket.on('error', () => undefined);
    if (!this.isAllowed(request) || !job || this.tails === 'refused') {
      socket.end(`HTTP/1.1 ${job ? '401 Unauthorized' : '404 Not Found'}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const tell = (text: string | null) => {
      if (text === null) socket.end(frame(0x8, Buffer.from([0x03, 0xe8])));
      else if (text !== '') socket.write(frame(0x1, Buffer.from(text)));
    };
    tell(job.log);
    if (/PENDING|RUNNING/.test(String(job.info['status']))) job.tails.add(tell);
    else tell(null);
  }
}

/** A recorded answer, of another job. */
function about(response: Exchange['response'], one: string, other: string): Exchange['response'] {
  return { ...response, body: String(response.body).replaceAll(one, other) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}

/** A WebSocket frame of a server. */
function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const head = payload.length < 126 ? Buffer.alloc(2, payload.length) : Buffer.alloc(10, 127);
  head[0] = 0x80 | opcode;
  if (payload.length >= 126) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}
