import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import os from 'node:os';
import { describe, it } from 'node:test';
import { takeLock } from '../../../src/runs/launcher/processLock.ts';
import { temporaryFolder } from '../exampleRun.ts';

const dead = { pid: process.pid, processStartTime: 'another boot:1', host: os.hostname() };

function lockFile(content?: string): string {
  const file = path.join(temporaryFolder(), 'the.lock');
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

/** As if it had last been written so many hours ago. */
function age(file: string, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  utimesSync(file, then, then);
}

describe('a lock', () => {
  it('is had by one at a time, and by the next when it was given back', async () => {
    const file = lockFile();
    const release = await takeLock(file);
    assert.ok(release);
    assert.equal(await takeLock(file), undefined);
    release();
    assert.ok(await takeLock(file));
  });

  it('is given to exactly one of many who ask at once, also when its last holder is dead', async () => {
    for (const content of [undefined, JSON.stringify(dead)]) {
      const file = lockFile(content);
      const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(file)));
      assert.equal(taken.filter((release) => release !== undefined).length, 1);
      assert.deepEqual(readdirSync(path.dirname(file)), ['the.lock']);
    }
  });

  it('of a machine that cannot be asked is respected, for a while', async () => {
    const file = lockFile(JSON.stringify({ ...dead, host: 'another-machine' }));
    assert.equal(await takeLock(file), undefined);
    age(file, 1);
    assert.ok(await takeLock(file));
  });

  it('that is just being written is respected, and one that never was written is not', async () => {
    const file = lockFile('');
    assert.equal(await takeLock(file), undefined);
    age(file, 1);
    assert.ok(await takeLock(file));
  });

  it('is not removed by two at once', async () => {
    const file = lockFile(JSON.stringify(dead));
    writeFileSync(`${file}.removing`, '');
    assert.equal(await takeLock(file), undefined);
    assert.ok(existsSync(file));
    age(`${file}.removing`, 1);
    assert.equal(await takeLock(file), undefined);
    assert.ok(await takeLock(file), 'whoever was killed while removing does not keep it for ever');
  });

  it('says where it cannot be made', async () => {
    await assert.rejects(takeLock(path.join(temporaryFolder(), 'nowhere', 'the.lock')), /the\.lock/);
  });
});
