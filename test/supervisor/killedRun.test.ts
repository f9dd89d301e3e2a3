import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readRun } from '../../src/runs/directory/readRun.ts';
import { RunWriter } from '../../src/runs/directory/runWriter.ts';
import { ProcessLock } from '../../src/runs/process/processLock.ts';
import { orphanedCommand } from '../../src/supervisor/guard.ts';
import { endOrphaned } from '../../src/supervisor/killedRun.ts';
import { examplePlans, exampleRecord, eventually, temporaryFolder } from '../runs/exampleRun.ts';
import { isAlive, listener, pidIn, signalsOf, startTree } from '../runs/process/commandTree.ts';

/** A run by command that has printed three steps, of which the first is logged. */
function killedRun(): string {
  const dir = path.join(temporaryFolder(), 'run');
  const stop = { interruptSeconds: 30, terminateSeconds: 30 };
  const [plan] = examplePlans(temporaryFolder(), { trainer: 'command', command: ['x'], estimators: ['grpo'], stop });
  const writer = RunWriter.create(dir, exampleRecord(plan));
  const lines = [1, 2, 3].map((step) => JSON.stringify({ step, data: { 'actor/grad_norm': step } }));
  writeFileSync(path.join(dir, 'console.log'), `${lines.join('\n')}\n`);
  writer.appendMetrics({ step: 1, time: 1, data: { 'actor/grad_norm': 1 } });
  writer.close();
  return dir;
}

describe('a run whose supervisor was killed', { skip: process.platform === 'win32' }, () => {
  it('is held until its command has ended, and then complete', async () => {
    const dir = killedRun();
    const tree = await startTree(`exec ${listener('a', 'SIGINT')}`);
    const pid = await pidIn(tree.folder, 'a');
    const ended = endOrphaned({ runDir: dir, tree });
    await eventually(() => signalsOf(tree.folder, 'a').length > 0, 'the command is asked to end');
    assert.equal((await ProcessLock.holder(dir, 'run.lock'))?.pid, process.pid);
    process.kill(pid, 'SIGTERM');
    await ended;
    assert.equal(await isAlive(pid), false);
    assert.equal(await ProcessLock.holder(dir, 'run.lock'), undefined);
    const { metrics, exit } = await readRun(dir);
    assert.deepEqual([metrics.lastStep, exit?.reason, exit?.lastStep], [3, 'failed', 3]);
    assert.match(exit?.message ?? '', /was killed.*after step 3\.$/);
  });

  it('has the steps that it took anew after a resume, and not those that it had taken before', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    const metrics = { from: 'files', path: '${runDir}/log.jsonl', format: 'verl-jsonl' };
    const [plan] = examplePlans(temporaryFolder(), { trainer: 'command', command: ['x'], estimators: ['grpo'], metrics });
    const writer = RunWriter.create(dir, exampleRecord(plan));
    const start = 1_767_268_800;
    // After four steps it was resumed from the second, and the supervisor was killed when it had logged step 3 again.
    const records = [1, 2, 3, 4, 3, 4, 5].map((step, index) => ({ step, time: start + index, data: { 'actor/grad_norm': index } }));
    writeFileSync(path.join(dir, 'log.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    for (const record of records.slice(0, 5)) writer.appendMetrics(record);
    writer.close();
    await endOrphaned({ runDir: dir, tree: { mark: 'nobody', leader: null } });
    const lines = readFileSync(path.join(dir, 'metrics.jsonl'), 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { step: number }).step),
      [1, 2, 3, 4, 3, 4, 5],
    );
  });

  it('has its command ended also where somebody goes on with it already', async () => {
    const dir = killedRun();
    const other = await ProcessLock.take(() => dir, 'run.lock');
    assert.equal(other.kind, 'taken');
    const tree = await startTree(`exec ${listener('a')}`);
    const pid = await pidIn(tree.folder, 'a');
    await assert.rejects(endOrphaned({ runDir: dir, tree }), /still running/);
    assert.equal(await isAlive(pid), false);
    assert.equal(readFileSync(path.join(dir, 'metrics.jsonl'), 'utf8').trim().split('\n').length, 1);
  });

  it('is told by the arguments that its guard gives, and by no others', () => {
    assert.deepEqual(orphanedCommand(['--after', '/run', 'm', '12', 'boot:1 x']), {
      runDir: '/run',
      tree: { mark: 'm', leader: { pid: 12, processStartTime: 'boot:1 x' } },
    });
    assert.deepEqual(orphanedCommand(['--after', '/run', 'm', '', ''])?.tree, { mark: 'm', leader: null });
    for (const args of [[], ['--after'], ['--after', '/run', ''], ['x', '/run', 'm']]) assert.equal(orphanedCommand(args), undefined);
  });
});
