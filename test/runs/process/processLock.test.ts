import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { HeldDirectory } from '../../../src/runs/directory/heldDirectory.ts';
import { ProcessLock } from '../../../src/runs/process/processLock.ts';
import type { LockAttempt } from '../../../src/runs/process/processLock.ts';
import { temporaryFolder } from '../exampleRun.ts';

const dead = { pid: process.pid, processStartTime: 'another boot:1', host: os.hostname() };

/** A folder with these files of the lock `lock`, the first of them `lock.1`. */
function folderWith(...contents: readonly string[]): string {
  const folder = temporaryFolder();
  contents.forEach((content, index) => writeFileSync(path.join(folder, `lock.${index + 1}`), content));
  return folder;
}

const take = (folder: string): Promise<LockAttempt> => ProcessLock.take(() => folder, 'lock');

/** As if it had last been written so many hours ago. */
function age(file: string, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  utimesSync(file, then, then);
}

describe('a lock', () => {
  it('is had by one at a time, who can be asked for, and by the next when it was given back', async () => {
    const folder = folderWith();
    const attempt = await take(folder);
    assert.ok(attempt.kind === 'taken');
    const again = await take(folder);
    assert.ok(again.kind === 'held');
    assert.equal(again.by?.pid, process.pid);
    assert.equal((await ProcessLock.holder(folder, 'lock'))?.pid, process.pid);
    attempt.lock.release();
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(await ProcessLock.holder(folder, 'lock'), undefined);
    assert.equal((await take(folder)).kind, 'taken');
  });

  for (const left of [[], [dead], [dead, dead, dead]]) {
    it(`is given to exactly one of many who ask at once, after ${left.length} dead holders`, async () => {
      const folder = folderWith(...left.map((holder) => JSON.stringify(holder)));
      const attempts = await Promise.all(Array.from({ length: 20 }, () => take(folder)));
      assert.equal(attempts.filter(({ kind }) => kind === 'taken').length, 1);
      assert.deepEqual(readdirSync(folder), [`lock.${left.length + 1}`]);
    });
  }

  it('of a machine that cannot be asked is respected for as long as it shows life', async () => {
    const folder = folderWith(JSON.stringify({ ...dead, host: 'another-machine' }));
    const attempt = await take(folder);
    assert.ok(attempt.kind === 'held' && attempt.by?.host === 'another-machine');
    age(path.join(folder, 'lock.1'), 1);
    assert.equal((await take(folder)).kind, 'taken');
  });

  it('that is just being written is respected, and one that never was written is not', async () => {
    const folder = folderWith('');
    assert.deepEqual(await take(folder), { kind: 'held', by: undefined });
    age(path.join(folder, 'lock.1'), 1);
    assert.equal((await take(folder)).kind, 'taken');
  });

  it('ends with its process, also with one that does not give it back', async () => {
    const folder = folderWith();
    const file = path.join(folder, 'lock.1');
    writeFileSync(file, '');
    const script = `const fs = require('node:fs');
      const stat = fs.readFileSync('/proc/self/stat', 'utf8');
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      console.log(JSON.stringify({ pid: process.pid, processStartTime: boot + ':' + ticks, host: ${JSON.stringify(os.hostname())} }));`;
    if (process.platform !== 'linux') return;
    writeFileSync(file, execFileSync(process.execPath, ['-e', script]));
    assert.equal((await take(folder)).kind, 'taken');
  });

  it('is found again, and given back, in a folder that got another name', async () => {
    const folder = path.join(temporaryFolder(), 'before');
    mkdirSync(folder);
    const held = new HeldDirectory(folder);
    const attempt = await ProcessLock.take(() => held.path, 'lock');
    assert.ok(attempt.kind === 'taken');
    if (process.platform !== 'linux') return;
    renameSync(folder, `${folder}-renamed`);
    attempt.lock.release();
    assert.deepEqual(readdirSync(`${folder}-renamed`), []);
  });

  it('does not give back what another process has taken since somebody removed it', async () => {
    const folder = folderWith();
    const attempt = await take(folder);
    assert.ok(attempt.kind === 'taken');
    rmSync(path.join(folder, 'lock.1'));
    writeFileSync(path.join(folder, 'lock.1'), 'of another');
    attempt.lock.release();
    assert.equal(readFileSync(path.join(folder, 'lock.1'), 'utf8'), 'of another');
  });

  it('writes through no link', async () => {
    const folder = folderWith();
    const target = path.join(temporaryFolder(), 'target');
    writeFileSync(target, 'precious');
    age(target, 1);
    symlinkSync(target, path.join(folder, 'lock.1'));
    const attempt = await take(folder);
    assert.ok(attempt.kind === 'taken');
    assert.equal(readFileSync(target, 'utf8'), 'precious');
  });

  it('is held by nobody in a folder that is gone', async () => {
    assert.equal(await ProcessLock.holder(path.join(temporaryFolder(), 'nowhere'), 'lock'), undefined);
  });

  it('says where it cannot be made', async () => {
    await assert.rejects(take(path.join(temporaryFolder(), 'nowhere')), /nowhere.*lock/);
  });
});
