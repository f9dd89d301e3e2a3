import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { ThreadedBulkReader } from '../../../src/runs/columns/bulkReader.ts';
import type { BulkReader } from '../../../src/runs/columns/bulkReader.ts';
import { RunFollower } from '../../../src/runs/directory/runFollower.ts';
import type { RunChange } from '../../../src/runs/directory/runFollower.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { workerFile } from '../columns/builtReader.ts';
import { eventually, exampleRecord, temporaryFolder } from '../exampleRun.ts';

const alive = await ownIdentity();
const followers: RunFollower[] = [];
after(() => followers.forEach((follower) => follower.close()));

function follow(dir: string): { follower: RunFollower; changes: RunChange[] } {
  const changes: RunChange[] = [];
  const follower = new RunFollower(dir, (change) => changes.push(change), { pollMs: 50, gatherMs: 10 });
  followers.push(follower);
  return { follower, changes };
}

function newRun(): { dir: string; writer: RunWriter } {
  const dir = path.join(temporaryFolder(), 'run');
  return { dir, writer: RunWriter.create(dir, exampleRecord(alive)) };
}

/** At no moment is the link not there. */
function pointAt(link: string, target: string): void {
  symlinkSync(target, `${link}.next`);
  renameSync(`${link}.next`, link);
}

function metrics(step: number): { step: number; time: number; data: Record<string, number> } {
  return { step, time: step, data: { a: step } };
}

function stepsOf(changes: readonly RunChange[]): number[] {
  return changes.flatMap((change) => (change.type === 'metrics' ? change.records.map(({ step }) => step) : []));
}

function statesOf(changes: readonly RunChange[]): string[] {
  return changes.flatMap((change) => (change.type === 'state' ? [change.state] : []));
}

describe('following a run', () => {
  it('first tells everything that is there', async () => {
    const { dir, writer } = newRun();
    writer.appendEvent({ type: 'started', step: 0, time: 1, data: { ...alive } });
    [1, 2].forEach((step) => writer.appendMetrics(metrics(step)));
    const { follower, changes } = follow(dir);
    await follower.caughtUp;
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['identity', 'events', 'metrics', 'state'],
    );
    assert.deepEqual([stepsOf(changes), statesOf(changes)], [[1, 2], ['running']]);
  });

  it('tells each new line once, and a half line not before it is whole', async () => {
    const { dir, writer } = newRun();
    const { follower, changes } = follow(dir);
    await follower.caughtUp;
    writer.appendMetrics(metrics(1));
    await eventually(() => stepsOf(changes).length === 1, 'step 1');
    appendFileSync(path.join(dir, 'metrics.jsonl'), '{"step":2,"time":2,');
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.deepEqual(stepsOf(changes), [1]);
    appendFileSync(path.join(dir, 'metrics.jsonl'), '"data":{}}\nnoise\n');
    await eventually(() => stepsOf(changes).length === 2, 'step 2');
    await eventually(() => changes.some((change) => change.type === 'malformed' && change.lines === 1), 'the broken line is counted');
    assert.deepEqual(statesOf(changes), ['starting', 'running']);
  });

  it('tells the end after everything that was written before it', async () => {
    const { dir, writer } = newRun();
    const { changes } = follow(dir);
    for (let step = 1; step <= 50; step++) {
      writer.appendMetrics(metrics(step));
      if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    writer.writeExit({ code: 0, signal: null, lastStep: 50, reason: 'completed', message: 'done', time: 1 });
    await eventually(() => statesOf(changes).includes('finished'), 'the end');
    assert.deepEqual(
      stepsOf(
        changes.slice(
          0,
          changes.findIndex((change) => change.type === 'state' && change.state === 'finished'),
        ),
      ),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
  });

  it('goes on when the run is resumed by another process', async () => {
    const { dir, writer } = newRun();
    writer.appendMetrics(metrics(1));
    writer.writeExit({ code: 0, signal: null, lastStep: 1, reason: 'stopped', message: '', time: 1 });
    const { changes } = follow(dir);
    await eventually(() => statesOf(changes).includes('stopped'), 'stopped');
    const again = RunWriter.resume(dir);
    again.appendEvent({ type: 'started', step: 0, time: 2, data: { ...alive } });
    again.appendMetrics(metrics(1));
    await eventually(() => statesOf(changes).at(-1) === 'running' && stepsOf(changes).length === 2, 'running again');
  });

  it('waits for a directory that is not there yet', async () => {
    const dir = path.join(temporaryFolder(), 'run');
    const { changes } = follow(dir);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(changes, []);
    RunWriter.create(dir, exampleRecord(alive)).appendMetrics(metrics(1));
    await eventually(() => stepsOf(changes).length === 1, 'step 1');
  });

  it('says when the metrics began anew', async () => {
    const { dir, writer } = newRun();
    writer.appendMetrics(metrics(1));
    const { changes } = follow(dir);
    await eventually(() => stepsOf(changes).length === 1, 'step 1');
    truncateSync(path.join(dir, 'metrics.jsonl'), 0);
    await eventually(() => changes.some((change) => change.type === 'reset' && change.of === 'metrics'), 'reset');
    writer.appendMetrics(metrics(7));
    await eventually(() => stepsOf(changes).includes(7), 'step 7');
  });

  it('says when the directory was deleted, and follows it when it comes back', async () => {
    const { dir } = newRun();
    const { changes } = follow(dir);
    await eventually(() => statesOf(changes).length === 1, 'a state');
    rmSync(dir, { recursive: true });
    await eventually(() => changes.at(-1)?.type === 'deleted', 'deleted');
    RunWriter.create(dir, exampleRecord(alive)).appendMetrics(metrics(3));
    await eventually(() => stepsOf(changes).includes(3), 'step 3');
  });

  it('does not take a directory for deleted that cannot be looked at, and goes on when it can be again', async () => {
    const { dir, writer } = newRun();
    const link = path.join(temporaryFolder(), 'link');
    symlinkSync(dir, link);
    const { changes } = follow(link);
    await eventually(() => statesOf(changes).length === 1, 'a state');
    pointAt(link, 'link');
    await eventually(() => changes.at(-1)?.type === 'problem', 'a problem');
    writer.appendMetrics(metrics(1));
    pointAt(link, dir);
    await eventually(() => statesOf(changes).at(-1) === 'running', 'running');
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['identity', 'state', 'problem', 'metrics', 'state'],
    );
  });

  it('follows a run that begins anew in the same place as a new one', async () => {
    const { dir, writer } = newRun();
    writer.appendEvent({ type: 'started', step: 0, time: 1, data: { ...alive, processStartTime: 'another boot:1' } });
    writer.appendMetrics(metrics(1));
    const { changes } = follow(dir);
    await eventually(() => statesOf(changes).at(-1) === 'lost', 'lost');
    rmSync(dir, { recursive: true });
    await eventually(() => changes.at(-1)?.type === 'deleted', 'deleted');
    RunWriter.create(dir, exampleRecord(alive));
    await eventually(() => changes.at(-1)?.type === 'state', 'a state');
    assert.equal(statesOf(changes).at(-1), 'starting');
  });

  it('tells a problem once, and goes on when it is solved', async () => {
    const dir = temporaryFolder();
    writeFileSync(path.join(dir, 'run.json'), '{"half');
    const { changes } = follow(dir);
    await eventually(() => changes.length > 0, 'a problem');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['problem'],
    );
    writeFileSync(path.join(dir, 'run.json'), JSON.stringify(exampleRecord(alive)));
    await eventually(() => statesOf(changes).length === 1, 'a state');
  });

  it('tells nothing more after it was closed', async () => {
    const { dir, writer } = newRun();
    const { follower, changes } = follow(dir);
    await follower.caughtUp;
    follower.close();
    const before = changes.length;
    writer.appendMetrics(metrics(1));
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(changes.length, before);
  });
});

describe('following a long run', () => {
  const lines = 20_000;
  const line = (step: number): string =>
    `{"step":${step},"time":${step},"data":{"actor/grad_norm":${Math.abs(Math.sin(step))},"critic/score/mean":${step / lines}}}\n`;
  const long = Array.from({ length: lines }, (_, index) => line(index + 1)).join('');

  function followLong(content: string, bulk: BulkReader): { file: string; changes: RunChange[] } {
    const { dir } = newRun();
    const file = path.join(dir, 'metrics.jsonl');
    writeFileSync(file, content);
    const changes: RunChange[] = [];
    followers.push(new RunFollower(dir, (change) => changes.push(change), { pollMs: 50, gatherMs: 10, bulk }));
    return { file, changes };
  }

  function tablesOf(changes: readonly RunChange[]): (number | undefined)[][] {
    return changes.flatMap((change) =>
      change.type === 'stretches' ? change.stretches.map(({ table }) => [table.firstStep, table.lastStep, table.length]) : [],
    );
  }

  const unexpected = (error: Error): never => {
    throw error;
  };

  it('tells all steps as one table, and then each new line', async () => {
    const half = '{"step":20001,"time":1,';
    const { file, changes } = followLong(`noise\n${long}${half}`, new ThreadedBulkReader(workerFile, unexpected));
    await eventually(() => statesOf(changes).length === 1, 'a state');
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['identity', 'stretches', 'malformed', 'state'],
    );
    assert.deepEqual(tablesOf(changes), [[1, lines, lines]]);
    appendFileSync(file, '"data":{}}\nmore noise\n');
    await eventually(
      () => changes.some((change) => change.type === 'malformed' && change.lines === 2),
      'the second broken line is counted',
    );
    assert.deepEqual(stepsOf(changes), [lines + 1]);
  });

  it('tells a table again when the file began anew', async () => {
    const { file, changes } = followLong(long, new ThreadedBulkReader(workerFile, unexpected));
    await eventually(() => tablesOf(changes).length === 1, 'a table');
    writeFileSync(file, `${line(0)}${long}`);
    await eventually(() => tablesOf(changes).length === 2, 'another table');
    assert.deepEqual(tablesOf(changes)[1], [0, lines, lines + 1]);
    assert.ok(changes.findIndex(({ type }) => type === 'reset') < changes.findLastIndex(({ type }) => type === 'stretches'));
  });

  it('tells each line where the reader could not read', async () => {
    const errors: Error[] = [];
    const { changes } = followLong(long, new ThreadedBulkReader(`${workerFile}.missing`, (error) => errors.push(error)));
    await eventually(() => statesOf(changes).length === 1, 'a state');
    assert.deepEqual([stepsOf(changes).length, tablesOf(changes).length, errors.length], [lines, 0, 1]);
  });

  it('reads on only as long as it is not closed', async () => {
    const { changes } = followLong(long, {
      read: (_file, _size, signal) => {
        setImmediate(() => followers.at(-1)?.close());
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
      },
    });
    await followers.at(-1)?.caughtUp;
    assert.deepEqual(
      changes.map(({ type }) => type),
      ['identity'],
    );
  });
});
