import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { otb, startOtb, temporaryFolder, until } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

interface Alert {
  readonly type: string;
  readonly source: string;
  readonly estimator: string;
  readonly seed: number;
  readonly step: number;
  readonly onsetStep: number;
  readonly text: string;
}

/** A program that keeps what it is told, a document a line. */
function listener(folder: string, body = `cat >> '${path.join(folder, 'heard')}'`): string {
  const file = path.join(folder, 'listen.sh');
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const heardIn = (folder: string): readonly Alert[] => {
  const file = path.join(folder, 'heard');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // The last one may be about to be written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Alert);
};

/** Answers with these statuses, one after the other, and keeps what was posted. */
async function server(t: TestContext, ...statuses: readonly number[]): Promise<{ readonly url: string; readonly posted: string[] }> {
  const posted: string[] = [];
  const listening = createServer((request, response) => {
    void text(request).then((body) => {
      const status = statuses[Math.min(posted.length, statuses.length - 1)] ?? 200;
      posted.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  t.after(() => listening.close());
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/hook?key=secret`, posted };
}

test('a collapse is told to a program and to an address, each once; a healthy run to nobody', async (t) => {
  const folder = temporaryFolder(t);
  const collapsed = writeRunDirectory(folder, { estimator: 'grpo', seed: 3, steps: 200, collapseAt: 120 });
  const healthy = writeRunDirectory(folder, { estimator: 'opo', seed: 1, steps: 200, collapseAt: null });
  const { url, posted } = await server(t, 200);
  for (const json of [[], ['--json']]) {
    const { code, stderr } = await otb(['watch', collapsed, healthy, '--exec', listener(folder), '--webhook', url, ...json]);
    assert.equal(code, 0, stderr);
  }
  const heard = heardIn(folder);
  assert.equal(heard.length, 2, 'one for each watch');
  for (const alert of heard) {
    assert.deepEqual([alert.type, alert.source, alert.estimator, alert.seed], ['collapse', collapsed, 'grpo', 3]);
    assert.ok(alert.onsetStep <= alert.step && alert.onsetStep >= 100, `${alert.onsetStep} ${alert.step}`);
    assert.match(alert.text, /\(grpo, seed 3\) collapsed at step \d+, began at step \d+\. .+/);
  }
  assert.equal(posted.length, 2);
  assert.match(posted[0] ?? '', /^POST \/hook\?key=secret application\/json \{"type":"collapse"/);
});

test('a run that goes on calls home as soon as it collapses', async (t) => {
  const folder = temporaryFolder(t);
  const whole = writeRunDirectory(folder, { estimator: 'grpo', seed: 3, steps: 200, collapseAt: 120 });
  const lines = readFileSync(path.join(whole, 'metrics.jsonl'), 'utf8').split('\n');
  const log = path.join(folder, 'growing.jsonl');
  writeFileSync(log, `${lines.slice(0, 100).join('\n')}\n`);
  const watching = startOtb(['watch', log, '--exec', listener(folder), '--json']);
  t.after(() => watching.child.kill());
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assert.equal(heardIn(folder).length, 0);
  writeFileSync(log, lines.slice(100).join('\n'), { flag: 'a' });
  await until(() => heardIn(folder).length > 0);
  assert.equal(watching.child.exitCode, null, 'it goes on watching');
});

test('that nobody can be told is noted, and the watch goes on; a password in an address is not', async (t) => {
  const folder = temporaryFolder(t);
  const run = writeRunDirectory(folder, { estimator: 'grpo', seed: 3, steps: 200, collapseAt: 120 });
  const { url, posted } = await server(t, 404);
  const failing = listener(folder, 'echo said >&2; exit 7');
  const { code, stderr } = await otb(['watch', run, '--exec', failing, '--webhook', url]);
  assert.equal(code, 0);
  assert.match(stderr, /said\n/);
  assert.match(stderr, /listen\.sh was told of the collapse and ended with exit code 7\./);
  assert.match(stderr, /http:\/\/127\.0\.0\.1:\d+ could not be told of the collapse: it answered 404 Not Found\./);
  assert.ok(!stderr.includes('secret'));
  assert.equal(posted.length, 1, 'an address that wants none is not asked again');
});

test('an address that is down for a moment is told when it is up again', async (t) => {
  const run = writeRunDirectory(temporaryFolder(t), { estimator: 'grpo', seed: 3, steps: 200, collapseAt: 120 });
  const { url, posted } = await server(t, 503, 200);
  const { stderr } = await otb(['watch', run, '--webhook', url]);
  assert.equal(posted.length, 2);
  assert.ok(!stderr.includes('could not be told'));
});

test('a program that is not there and an address that is none are bad input before anything is watched', async (t) => {
  const folder = temporaryFolder(t);
  const run = writeRunDirectory(folder, { estimator: 'grpo', seed: 3, steps: 20, collapseAt: null });
  writeFileSync(path.join(folder, 'plain.txt'), '');
  for (const [args, expected] of [
    [['--exec', 'no-such-program'], /--exec no-such-program: there is no such program in the folders of PATH\./],
    [['--exec', './gone.sh'], /--exec \.\/gone\.sh: there is no such program\. It is run without a shell and without arguments/],
    [['--exec', './plain.txt'], /--exec \.\/plain\.txt: this is no program that may be run\. Make it one, e\.g\. with chmod \+x\./],
    [['--webhook', 'example.org/hook'], /--webhook example\.org\/hook: this is no address\./],
    [['--webhook', 'file:///etc/passwd'], /this is no address/],
  ] as const) {
    const { code, stderr, stdout } = await otb(['watch', run, ...args], { cwd: folder });
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, expected);
  }
});
