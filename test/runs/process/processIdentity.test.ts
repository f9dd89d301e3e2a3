import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkProcess, isSameProcess, ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { processStartTime } from '../../../src/runs/process/processStartTime.ts';
import { eventually } from '../exampleRun.ts';

describe('the identity of a process', () => {
  it('is the same as long as it runs, and no other process has it', async () => {
    const own = await ownIdentity();
    assert.ok(own.processStartTime);
    assert.deepEqual(await ownIdentity(), own);
    assert.equal(await checkProcess(own), 'same');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const identity = { pid, processStartTime: await processStartTime(pid) };
    assert.notEqual(identity.processStartTime, own.processStartTime);
    assert.equal(await isSameProcess(identity), true);
    assert.equal(await isSameProcess({ ...identity, processStartTime: own.processStartTime }), false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await isSameProcess(identity), false);
    assert.equal(await processStartTime(pid), null);
  });

  it('is in doubt where the start time was never known', async () => {
    assert.equal(await checkProcess({ pid: process.pid, processStartTime: null }), 'unknown');
    assert.equal(await isSameProcess({ pid: process.pid, processStartTime: null }), true);
  });

  it('is nobody’s for a pid that cannot be', async () => {
    for (const pid of [0, -1, 1.5, Number.NaN]) assert.equal(await checkProcess({ pid, processStartTime: 'x' }), 'gone');
  });

  it('is gone when the process is a zombie', { skip: process.platform !== 'linux' }, async () => {
    // The shell's child ends, and the program that the shell becomes never takes note of it.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 300'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const identity = { pid, processStartTime: await processStartTime(pid) };
    await eventually(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), 'a zombie');
    assert.equal(await isSameProcess(identity), false);
    parent.kill('SIGKILL');
  });
});
