import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { listCheckpoints, listRollouts } from '../../../src/runs/directory/checkpoints.ts';
import { request } from '../../../src/runs/directory/control.ts';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { RunDirectoryError, RunWriteError } from '../../../src/runs/directory/runDirectoryError.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

const exit = { code: 0, signal: null, lastStep: 2, reason: 'completed', message: 'done', time: 5 } as const;

function newRun(): { dir: string; writer: RunWriter } {
  const dir = path.join(temporaryFolder(), 'run');
  return { dir, writer: RunWriter.create(dir, exampleRecord()) };
}

describe('the writer of a run', () => {
  it('has had its place when it is closed, whatever becomes of the directory', () => {
    const { dir, writer } = newRun();
    writer.close();
    renameSync(dir, `${dir}-elsewhere`);
    assert.equal(writer.dir, dir);
  });

  it('writes what a reader reads', async () => {
    const { dir, writer } = newRun();
    const metrics = { step: 1, time: 2, data: { a: Number.NaN, b: 1 } };
    const event = { type: 'started', step: 0, time: 1, data: { pid: 1, processStartTime: 'x' } } as const;
    writer.appendEvent(event);
    writer.appendMetrics(metrics);
    writer.writeExit(exit);
    writer.close();
    const run = await readRun(dir);
    assert.deepEqual(run.record, exampleRecord());
    assert.deepEqual([...run.metrics.records()], [metrics]);
    assert.deepEqual(run.events, [event]);
    assert.deepEqual(run.exit, exit);
    assert.deepEqual([run.state, run.warnings], ['finished', []]);
  });

  it('does not write into the directory of another run', () => {
    const { dir, writer } = newRun();
    assert.throws(() => RunWriter.create(dir, exampleRecord()), RunDirectoryError);
    writer.close();
  });

  it('leaves no temporary file behind', () => {
    const { dir, writer } = newRun();
    writer.writeRollouts(5, [{ reward: 1 }]);
    writer.writeCheckpoint(5, { 'state.json': '{}' });
    writer.writeExit(exit);
    writer.close();
    const names = readdirSync(dir, { recursive: true }).map(String).sort();
    assert.deepEqual(
      names.filter((name) => /tmp|old/.test(name)),
      [],
    );
  });

  it('resumes: forgets the end and old requests, closes a torn line, and appends', async () => {
    const { dir, writer } = newRun();
    writer.appendMetrics({ step: 1, time: 1, data: { a: 1 } });
    writer.writeExit(exit);
    writer.close();
    request(dir, 'stop');
    writeFileSync(path.join(dir, 'metrics.jsonl'), '{"step":2,"da', { flag: 'a' });
    const again = RunWriter.resume(dir);
    assert.equal(again.stopRequested(), false);
    again.appendMetrics({ step: 2, time: 2, data: { a: 2 } });
    again.close();
    const run = await readRun(dir);
    assert.equal(run.exit, null);
    assert.deepEqual(run.metrics.series('a')?.values, Float64Array.of(1, 2));
    assert.equal(run.malformedLines, 1);
  });

  it('resumes only what is there', () => {
    assert.throws(() => RunWriter.resume(temporaryFolder()), /there is no run to resume/);
  });

  it('hears requests; one for a checkpoint is met once', () => {
    const { dir, writer } = newRun();
    assert.deepEqual([writer.stopRequested(), writer.takeCheckpointRequest()], [false, false]);
    request(dir, 'checkpoint');
    assert.deepEqual([writer.takeCheckpointRequest(), writer.takeCheckpointRequest()], [true, false]);
    request(dir, 'stop');
    assert.deepEqual([writer.stopRequested(), writer.stopRequested()], [true, true]);
    writer.close();
  });

  it('removes what a process that was killed has left half written', () => {
    const { dir, writer } = newRun();
    writer.close();
    const left = ['run.json.12.tmp', 'exit.json.12.tmp', 'exit.json.reserve', 'rollouts/step-000005.jsonl.12.tmp'];
    for (const name of left) writeFileSync(path.join(dir, name), 'half');
    mkdirSync(path.join(dir, 'checkpoints/step-000005.12.tmp'));
    RunWriter.resume(dir).close();
    assert.deepEqual(
      readdirSync(dir, { recursive: true })
        .map(String)
        .filter((name) => /tmp|reserve/.test(name)),
      [],
    );
  });

  it('goes on in a directory that was moved or renamed, and loses nothing', { skip: process.platform !== 'linux' }, async () => {
    const { dir, writer } = newRun();
    writer.appendMetrics({ step: 1, time: 1, data: { a: 1 } });
    const moved = path.join(path.dirname(dir), 'elsewhere');
    renameSync(dir, moved);
    request(moved, 'stop');
    assert.ok(writer.stopRequested());
    assert.deepEqual([writer.dir, writer.wasMoved], [moved, true]);
    writer.appendMetrics({ step: 2, time: 2, data: { a: 2 } });
    writer.writeCheckpoint(2, { 'a.json': '2' });
    writer.writeRollouts(2, []);
    writer.writeExit(exit);
    writer.close();
    const run = await readRun(moved);
    assert.deepEqual([run.metrics.length, run.exit], [2, exit]);
    assert.equal(listCheckpoints(moved).length, 1);
    assert.ok(!existsSync(dir));
  });

  it('writes rollouts as one line each', () => {
    const { dir, writer } = newRun();
    const file = writer.writeRollouts(120, [{ reward: 1 }, { reward: Number.NaN }]);
    writer.close();
    assert.equal(file, path.join(dir, 'rollouts', 'step-000120.jsonl'));
    assert.equal(readFileSync(file, 'utf8'), '{"reward":1}\n{"reward":"NaN"}\n');
    assert.deepEqual(listRollouts(dir), [{ step: 120, file }]);
  });
});

describe('a checkpoint', () => {
  it('is listed in order of step, when it is complete', () => {
    const { dir, writer } = newRun();
    for (const step of [200, 1_000_000, 100])
      writer.writeCheckpoint(step, { 'state.json': String(step), 'policy.safetensors': Uint8Array.of(1, 2) });
    mkdirSync(path.join(dir, 'checkpoints', 'step-000300.123.tmp'));
    writer.close();
    assert.deepEqual(
      listCheckpoints(dir).map(({ step }) => step),
      [100, 200, 1_000_000],
    );
    assert.deepEqual(listCheckpoints('/no/such/run'), []);
  });

  it('replaces the one of the same step as a whole', () => {
    const { writer } = newRun();
    writer.writeCheckpoint(100, { 'a.json': '1', 'b.json': '1' });
    const { dir } = writer.writeCheckpoint(100, { 'a.json': '2' });
    writer.close();
    assert.deepEqual(readdirSync(dir), ['a.json']);
    assert.equal(readFileSync(path.join(dir, 'a.json'), 'utf8'), '2');
  });

  it('is found, and gets its name back, where a process was killed while it replaced it', () => {
    const { dir, writer } = newRun();
    writer.writeCheckpoint(100, { 'a.json': '1' });
    writer.writeCheckpoint(200, { 'a.json': '2' });
    writer.close();
    const folder = path.join(dir, 'checkpoints');
    renameSync(path.join(folder, 'step-000200'), path.join(folder, 'step-000200.123.old'));
    mkdirSync(path.join(folder, 'step-000200.123.tmp'));
    assert.deepEqual(
      listCheckpoints(dir).map(({ step, dir: place }) => [step, readFileSync(path.join(place, 'a.json'), 'utf8')]),
      [
        [100, '1'],
        [200, '2'],
      ],
    );
    RunWriter.resume(dir).close();
    assert.deepEqual(readdirSync(folder).sort(), ['step-000100', 'step-000200']);
  });

  it('that was replaced before the process was killed is the new one', () => {
    const { dir, writer } = newRun();
    writer.writeCheckpoint(100, { 'a.json': 'new' });
    writer.close();
    const folder = path.join(dir, 'checkpoints');
    mkdirSync(path.join(folder, 'step-000100.123.old'));
    assert.deepEqual(listCheckpoints(dir), [{ step: 100, dir: path.join(folder, 'step-000100') }]);
    RunWriter.resume(dir).close();
    assert.deepEqual(readdirSync(folder), ['step-000100']);
  });

  it('that cannot be written leaves the earlier ones, and nothing half done', () => {
    const { dir, writer } = newRun();
    writer.writeCheckpoint(100, { 'a.json': '1' });
    assert.throws(() => writer.writeCheckpoint(200, { 'a.json': '1', 'no/such/folder.json': '1' }), RunWriteError);
    writer.close();
    assert.deepEqual(readdirSync(path.join(dir, 'checkpoints')), ['step-000100']);
  });

  it('does not bring a deleted run back to life', () => {
    const { dir, writer } = newRun();
    rmSync(dir, { recursive: true });
    assert.throws(() => writer.writeCheckpoint(100, { 'a.json': '1' }), RunWriteError);
    writer.close();
    assert.ok(!existsSync(dir));
  });
});
