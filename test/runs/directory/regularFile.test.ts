import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../../src/runs/config/loadConfig.ts';
import { sampleMetrics } from '../../../src/runs/catalog/sampledMetrics.ts';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { UnusableFileError, openRegularSync, readBytesSync, readEndSync, readText } from '../../../src/runs/directory/regularFile.ts';
import { RunFollower } from '../../../src/runs/directory/runFollower.ts';
import type { RunChange } from '../../../src/runs/directory/runFollower.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { readQueue } from '../../../src/runs/launcher/queueFile.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

const posix = { skip: process.platform === 'win32' };

/** Puts something that is no regular file in the place of one. */
const impostors: Readonly<Record<string, (file: string) => void>> = {
  'a named pipe': (file) => execFileSync('mkfifo', [file]),
  'a device': (file) => symlinkSync('/dev/zero', file),
  'a directory': (file) => mkdirSync(file),
};

function newRun(): string {
  const dir = path.join(temporaryFolder(), 'run');
  const writer = RunWriter.create(dir, exampleRecord());
  writer.appendMetrics({ step: 1, time: 1, data: { a: 1 } });
  writer.close();
  return dir;
}

describe('a file that is read', posix, () => {
  for (const [what, put] of Object.entries(impostors)) {
    it(`is refused at once where it is ${what}`, async () => {
      const file = path.join(temporaryFolder(), 'file');
      put(file);
      const refusal = (error: Error): boolean => error instanceof UnusableFileError && error.message.includes(what);
      await assert.rejects(readText(file, 100), refusal);
      assert.throws(() => openRegularSync(file), refusal);
      assert.throws(() => readBytesSync(file, 100), refusal);
      assert.equal(readEndSync(file, 100), '');
      assert.deepEqual(await sampleMetrics(file, 3), []);
    });

    for (const name of ['exit.json', 'events.jsonl']) {
      it(`hides nothing of a run that has ${what} as ${name}: its metrics are read, with a warning`, async () => {
        const dir = newRun();
        const steps = (await readRun(dir)).metrics.length;
        assert.ok(steps > 0);
        rmSync(path.join(dir, name), { force: true });
        put(path.join(dir, name));
        const { metrics, warnings } = await readRun(dir);
        assert.equal(metrics.length, steps);
        const refusal = `${path.join(dir, name)}: cannot be read: this is ${what}, not a regular file. Delete it`;
        assert.ok(warnings.some((warning) => warning.startsWith(refusal)));
        const changes: RunChange[] = [];
        const follower = new RunFollower(dir, (change) => changes.push(change));
        await follower.caughtUp;
        follower.close();
        assert.equal(changes.flatMap((change) => (change.type === 'metrics' ? change.records : [])).length, steps);
        assert.ok(changes.some((change) => change.type === 'unread' && change.files[0]?.message.startsWith(refusal)));
      });
    }

    for (const name of ['run.json', 'metrics.jsonl']) {
      it(`makes a run that has ${what} as ${name} unreadable, not its reader wait`, async () => {
        const dir = newRun();
        rmSync(path.join(dir, name), { force: true });
        put(path.join(dir, name));
        const file = path.join(dir, name).replaceAll('.', '\\.');
        await assert.rejects(readRun(dir), new RegExp(`${file}: cannot be read: this is ${what}, not a regular file\\. Delete it`));
        const changes: RunChange[] = [];
        const follower = new RunFollower(dir, (change) => changes.push(change));
        await follower.caughtUp;
        follower.close();
        assert.ok(changes.some((change) => change.type === 'problem' && change.problem.message.includes(what)));
      });
    }
  }

  it('is refused where it is a socket', async () => {
    const file = path.join(temporaryFolder(), 'file');
    const server = net.createServer().listen(file);
    await new Promise((resolve) => server.once('listening', resolve));
    await assert.rejects(readText(file, 100), /this is a socket/);
    server.close();
  });

  it('is refused where it is too big for what it is, without being read', async () => {
    const dir = newRun();
    const exit = path.join(dir, 'exit.json');
    writeFileSync(exit, '{}');
    truncateSync(exit, 600e6);
    const { warnings } = await readRun(dir);
    assert.match(warnings.join('\n'), /exit\.json: cannot be read: it has 572 MiB, and such a file has at most 1 MiB/);
  });

  it('may be as long as its limit and is read through links', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'file'), 'x'.repeat(100));
    symlinkSync('file', path.join(folder, 'link'));
    assert.equal((await readText(path.join(folder, 'link'), 100)).length, 100);
    await assert.rejects(readText(path.join(folder, 'link'), 99), UnusableFileError);
  });

  it('is refused as a config and as a queue as well', async () => {
    const folder = temporaryFolder();
    for (const name of ['a.otb.json', 'group.queue.json']) execFileSync('mkfifo', [path.join(folder, name)]);
    await assert.rejects(loadConfig(path.join(folder, 'a.otb.json')), /this is a named pipe/);
    assert.equal(await readQueue(folder, 'group'), undefined);
    const big = path.join(folder, 'big.otb.json');
    writeFileSync(big, '{}');
    truncateSync(big, 2 ** 20 + 1);
    await assert.rejects(loadConfig(big), /the file is too long/);
  });
});
