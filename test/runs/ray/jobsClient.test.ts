import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { JobsClient } from '../../../src/runs/ray/jobsClient.ts';
import { parseJobInfo } from '../../../src/runs/ray/jobInfo.ts';
import { RayError } from '../../../src/runs/ray/rayError.ts';
import type { RayProblem } from '../../../src/runs/ray/rayError.ts';
import { FakeHead, exchanges } from './fakeHead.ts';

const cleanUp: (() => void)[] = [];
after(() => cleanUp.forEach((undo) => undo()));

function clientOf(url: string, token: string | null = null, more: Record<string, string> = {}): JobsClient {
  const headers = { ...more, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
  const credentials = () => Promise.resolve({ headers, tokenFrom: token === null ? null : 'RAY_AUTH_TOKEN' });
  return new JobsClient({ url, namedBy: 'The "address" in the config' }, credentials);
}

async function failureOf(action: Promise<unknown>): Promise<RayError> {
  const error: unknown = await action.then(
    () => new Error('it went well'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RayError, String(error));
  return error;
}

async function fails(action: Promise<unknown>, problem: RayProblem, message: RegExp): Promise<void> {
  const error = await failureOf(action);
  assert.match(error.message, message);
  assert.equal(error.problem, problem);
}

const request = (id: string) => ({ entrypoint: 'true', submission_id: id, metadata: {} });

async function logOf(client: JobsClient, id: string): Promise<string> {
  let log = '';
  await client.readLog(id, (text) => (log += text));
  return log;
}

describe('a client of the Ray Jobs API', () => {
  it('submits, looks, lists, reads, stops and deletes', async () => {
    const head = await FakeHead.start();
    const client = clientOf(head.url);
    assert.equal(await client.version(), '2.60.0');
    await client.submit(request('one'));
    assert.equal((await client.job('one'))?.status, 'PENDING');
    assert.equal(await logOf(client, 'one'), '');
    head.print('one', 'first – "漢字"\n');
    assert.equal(await logOf(client, 'one'), 'first – "漢字"\n');
    assert.deepEqual(
      (await client.list()).map(({ submissionId, status }) => [submissionId, status]),
      [['one', 'RUNNING']],
    );
    assert.equal(await client.stop('one'), true);
    assert.equal((await client.job('one'))?.status, 'STOPPED');
    assert.equal(await client.stop('one'), false);
    await client.delete('one');
    assert.equal(await client.job('one'), null);
    await fails(client.stop('one'), 'missing', /says: Job one does not exist\.$/);
  });

  it('takes in every job that a real head told of', () => {
    const told = exchanges.flatMap(({ request: { path }, response: { status, body } }) =>
      status === 200 && /^\/api\/jobs\/([\w-]+)?$/.test(path) ? (Array.isArray(body) ? (body as unknown[]) : [body]) : [],
    );
    const statuses = told.map((job) => parseJobInfo(job)?.status).filter((status) => status !== undefined);
    assert.deepEqual(new Set(statuses), new Set(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED']));
  });

  it('says of a refusal what the head said of it, without the traceback', async () => {
    const head = await FakeHead.start();
    const client = clientOf(head.url);
    await client.submit(request('one'));
    await fails(client.submit(request('one')), 'exists', /^Job with submission_id one already exists\. Please use/);
    head.busy = 1;
    await fails(client.submit(request('two')), 'busy', /takes no jobs yet/);
    await fails(
      client.submit({ submission_id: 'two' } as never),
      'refused',
      /answers 400: TypeError: JobSubmitRequest.__init__\(\) missing 1 required/,
    );
  });

  it('names RAY_AUTH_TOKEN and RAY_AUTH_TOKEN_PATH where the cluster wants a token, or another one', async () => {
    const head = await FakeHead.start('right');
    const both = /RAY_AUTH_TOKEN to the token of the cluster, or RAY_AUTH_TOKEN_PATH/;
    await fails(clientOf(head.url).version(), 'unauthorized', /wants a token/);
    await fails(clientOf(head.url).version(), 'unauthorized', both);
    await fails(clientOf(head.url, 'wrong').version(), 'unauthorized', /does not accept the token from RAY_AUTH_TOKEN\./);
    assert.equal(await clientOf(head.url, 'right').version(), '2.60.0');
  });

  it('keeps what is secret out of messages, also where the cluster repeats it', async () => {
    const head = await FakeHead.start();
    head.instead = ({ headers }, response) => {
      response.writeHead(500);
      response.end(`ValueError: bad header ${headers.authorization} ${String(headers['x-key'])}\n`);
      return true;
    };
    const { message } = await failureOf(clientOf(head.url, 'hunter2-token', { 'X-Key': 'hunter2-key' }).version());
    assert.match(message, /answers 500: bad header …/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it('sends its headers, and none of them on to where it is sent', async () => {
    const head = await FakeHead.start();
    await clientOf(head.url, 'token', { 'X-Cluster-Key': 'key' }).version();
    assert.deepEqual([head.headers['x-cluster-key'], head.headers.authorization], ['key', 'Bearer token']);
    const other = await FakeHead.start();
    head.instead = (_request, response) => {
      response.writeHead(302, { Location: `${other.url}/login` });
      response.end();
      return true;
    };
    await fails(clientOf(head.url, 'token').version(), 'stranger', /sends us elsewhere, as a page to log in does/);
    assert.deepEqual(other.requests, []);
  });

  it('tells a head that is away from something that is none', async () => {
    const gone = await FakeHead.start();
    const { url } = gone;
    await gone.leave();
    await fails(clientOf(url).version(), 'away', /cannot be reached: nothing listens there\. The "address" in the config says so/);
    await fails(clientOf('http://no-such-host.invalid:8265').version(), 'away', /cannot be reached/);
    const page = await FakeHead.start();
    for (const [status, body, problem, message] of [
      [200, '<!doctype html><title>Welcome</title>', 'stranger', /is no Ray head/],
      [200, '{"version": 1}', 'stranger', /is no Ray head/],
      [404, 'Not found', 'stranger', /has no Ray Jobs API \(404\)/],
      [502, '<html>Bad Gateway</html>', 'away', /what stands before it answers 502/],
    ] as const) {
      page.instead = (_request, response) => {
        response.writeHead(status);
        response.end(body);
        return true;
      };
      await fails(clientOf(page.url).version(), problem, message);
      if (status === 200) await fails(clientOf(page.url).job('one'), problem, message);
      if (status === 200) await fails(logOf(clientOf(page.url), 'one'), problem, /is no Ray head/);
    }
    const raw = createServer((socket) => socket.end('+OK ready\r\n')).listen(0, '127.0.0.1');
    cleanUp.push(() => raw.close());
    await once(raw, 'listening');
    const { port } = raw.address() as AddressInfo;
    await fails(clientOf(`http://127.0.0.1:${port}`).version(), 'stranger', /does not speak HTTP/);
    await fails(clientOf(`https://127.0.0.1:${new URL(page.url).port}`).version(), 'stranger', /does not speak https/);
  });

  it('gives what came of a log that breaks off, and says that it did', async () => {
    const head = await FakeHead.start();
    head.instead = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"logs": "step:1\\nste', () => response.destroy());
      return true;
    };
    let log = '';
    await fails(
      clientOf(head.url).readLog('one', (text) => (log += text)),
      'away',
      /cannot be reached/,
    );
    assert.equal(log, 'step:1\nste');
  });

  it('speaks to a cluster behind a path', async () => {
    const head = await FakeHead.start();
    head.instead = ({ url }, response) => {
      response.end(url === '/clusters/a/api/version' ? '{"ray_version": "2.60.0"}' : '');
      return true;
    };
    assert.equal(await clientOf(`${head.url}/clusters/a`).version(), '2.60.0');
  });
});
