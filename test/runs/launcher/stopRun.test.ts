import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { stopRun } from '../../../src/runs/launcher/stopRun.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

describe('stopping a run whose process is not certain', () => {
  it('signals nobody where the start time does not tell who has the pid', { skip: process.platform === 'win32' }, async () => {
    const dir = path.join(temporaryFolder(), 'run');
    RunWriter.create(dir, exampleRecord({ pid: process.pid, processStartTime: null })).close();
    let signalled = false;
    const onSignal = (): void => void (signalled = true);
    process.on('SIGTERM', onSignal);
    await assert.rejects(stopRun(dir, { graceMs: 20 }), /cannot be verified that process \d+ is this run's/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('SIGTERM', onSignal);
    assert.equal(signalled, false);
  });

  it('signals nobody where the pid was given to another process', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    RunWriter.create(dir, exampleRecord({ pid: process.pid, processStartTime: 'another boot:1' })).close();
    assert.equal(await stopRun(dir, { graceMs: 20 }), 'ended');
  });

  it('only asks a process on another machine', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    RunWriter.create(dir, exampleRecord({ host: 'another-machine' })).appendMetrics({ step: 1, time: 1, data: {} });
    assert.equal(await stopRun(dir, { graceMs: 20 }), 'requested');
    assert.ok(existsSync(path.join(dir, 'control', 'stop')));
  });
});
