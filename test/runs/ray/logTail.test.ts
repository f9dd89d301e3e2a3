import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { JobsClient } from '../../../src/runs/ray/jobsClient.ts';
import { FakeHead } from './fakeHead.ts';

function clientOf({ url }: FakeHead, headers: Record<string, string>): JobsClient {
  return new JobsClient({ url, namedBy: 'The test' }, () => Promise.resolve({ headers, tokenFrom: null }));
}

const never = new AbortController().signal;

describe('a log over a WebSocket', () => {
  it('comes whole from its start, then as it is printed, and ends with the job', async () => {
    const head = await FakeHead.start('secret-token');
    head.jobs.set('one', { info: { status: 'RUNNING' }, log: 'before\n', tails: new Set() });
    const pieces: string[] = readFileSync('test/data/ray/logs-tail-websocket.jsonl', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; data?: string })
      .flatMap(({ data }) => data ?? []);
    const waiting = [...pieces, `${'x'.repeat(100_000)} 漢字 🙂\n`];
    const expected = `before\n${waiting.join('')}`;
    let log = '';
    const client = clientOf(head, { Authorization: 'Bearer secret-token' });
    const isWhole = await client.tailLog(
      'one',
      (text) => {
        log += text;
        const next = waiting.shift();
        if (next === undefined) head.end('one', { status: 'SUCCEEDED' });
        else head.print('one', next);
      },
      never,
    );
    assert.equal(log, expected);
    assert.equal(isWhole, true);
  });

  it('is not to be had without the token, nor of a job that is not there', async () => {
    const head = await FakeHead.start('secret-token');
    assert.equal(await clientOf(head, {}).tailLog('one', assert.fail, never), false);
    assert.equal(await clientOf(head, { Authorization: 'Bearer secret-token' }).tailLog('one', assert.fail, never), false);
  });

  it('ends when it is cut, and when nobody wants it any more', async () => {
    const head = await FakeHead.start();
    head.jobs.set('one', { info: { status: 'RUNNING' }, log: 'before\n', tails: new Set() });
    assert.equal(await clientOf(head, {}).tailLog('one', () => void head.leave(), never), false);
    await head.come();
    const over = new AbortController();
    assert.equal(await clientOf(head, {}).tailLog('one', () => over.abort(), over.signal), false);
  });

  it('ends with what is thrown by whoever takes it', async () => {
    const head = await FakeHead.start();
    head.jobs.set('one', { info: { status: 'RUNNING' }, log: 'before\n', tails: new Set() });
    const full = () => {
      throw new Error('the disk is full');
    };
    await assert.rejects(clientOf(head, {}).tailLog('one', full, never), /the disk is full/);
  });
});
