import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { RunRecord } from '../../../src/core/records/run.ts';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { exampleRecord, temporaryFolder } from '../exampleRun.ts';

/** A run directory whose process has these properties. */
function runOf(changes: Partial<RunRecord> = {}): { dir: string; writer: RunWriter } {
  const dir = path.join(temporaryFolder(), 'run');
  return { dir, writer: RunWriter.create(dir, exampleRecord(changes)) };
}

describe('reading a run', () => {
  it('leaves out and counts broken lines, and holds back a last line without newline', async () => {
    const { dir } = runOf();
    appendFileSync(
      path.join(dir, 'metrics.jsonl'),
      '{"step":1,"time":1,"data":{"a":1}}\nnoise\n\n{"step":2,"time":2,"data":{"a":2}}\n{"step":3,"time":3,"data":{"a":3}}',
    );
    appendFileSync(path.join(dir, 'events.jsonl'), '{"type":"mystery","step":1,"time":1}\n');
    const run = await readRun(dir);
    assert.deepEqual(run.metrics.series('a')?.steps, Float64Array.of(1, 2));
    assert.equal(run.malformedLines, 2);
    assert.match(run.warnings.join(' '), /2 lines are not records.*cut short/);
  });

  it('takes the later value where a resumed run wrote a step again', async () => {
    const { dir, writer } = runOf();
    for (const [step, a] of [
      [1, 1],
      [2, 2],
      [3, 3],
      [2, 20],
      [3, 30],
      [4, 40],
    ] as const)
      writer.appendMetrics({ step, time: 1, data: { a } });
    const run = await readRun(dir);
    assert.deepEqual(run.metrics.series('a'), { steps: Float64Array.of(1, 2, 3, 4), values: Float64Array.of(1, 20, 30, 40) });
    assert.match(run.warnings.join(' '), /2 steps were written again/);
  });

  it('leaves out the steps that a resumed run has not come to again', async () => {
    const { dir, writer } = runOf();
    const step = (number: number, time: number): void => writer.appendMetrics({ step: number, time, data: { a: time } });
    writer.appendEvent({ type: 'started', step: 0, time: 0, data: {} });
    [1, 2, 3, 4, 5].forEach((number) => step(number, number));
    writer.appendEvent({ type: 'started', step: 2, time: 10, data: {} });
    const before = await readRun(dir);
    assert.deepEqual(before.metrics.series('a')?.values, Float64Array.of(1, 2));
    assert.match(before.warnings.join(' '), /3 steps were left out/);
    step(3, 13);
    assert.deepEqual((await readRun(dir)).metrics.series('a')?.values, Float64Array.of(1, 2, 13));
    [4, 5].forEach((number) => step(number, 10 + number));
    const whole = await readRun(dir);
    assert.deepEqual(whole.metrics.series('a')?.values, Float64Array.of(1, 2, 13, 14, 15));
    assert.doesNotMatch(whole.warnings.join(' '), /left out/);
  });

  it('fails with what is wrong and what to do', async () => {
    const folder = temporaryFolder();
    const rejected = async (dir: string, expected: RegExp): Promise<void> => {
      await assert.rejects(readRun(dir), (error: Error) => error instanceof RunDirectoryError && expected.test(error.message));
    };
    await rejected(path.join(folder, 'none'), /there is no such directory\. Give/);
    await rejected(folder, /not the directory of a run: it has no run\.json\. Give/);
    writeFileSync(path.join(folder, 'file'), '');
    await rejected(path.join(folder, 'file'), /a file, not the directory/);
    const half = path.join(folder, 'half');
    mkdirSync(half);
    writeFileSync(path.join(half, 'run.json'), '{"schemaVersion": 1, "id": "x", "na');
    await rejected(
      half,
      /half\/run\.json: cannot be used: it is not a complete JSON object\. If the run wrote metrics, inspect .*metrics\.jsonl/,
    );
    const unborn = path.join(folder, 'unborn');
    mkdirSync(unborn);
    writeFileSync(path.join(unborn, 'stderr.log'), 'out of memory');
    await rejected(unborn, /failed to start\. Look at .*stderr\.log/);
  });
});

const alive = await ownIdentity();

describe('the state of a process', () => {
  it('is starting until the first step, then running', async () => {
    const { dir, writer } = runOf(alive);
    assert.equal((await readRun(dir)).state, 'starting');
    writer.appendMetrics({ step: 1, time: 1, data: {} });
    assert.equal((await readRun(dir)).state, 'running');
  });

  it('is lost when the process is gone without a word, also when its pid is used again', async () => {
    const { dir } = runOf({ pid: process.pid, processStartTime: 'another boot:1' });
    const run = await readRun(dir);
    assert.equal(run.state, 'lost');
    assert.match(run.warnings.join(' '), /did not say why/);
  });

  it('is that of the process which resumed the run', async () => {
    const { dir, writer } = runOf({ pid: process.pid, processStartTime: 'another boot:1' });
    writer.appendEvent({ type: 'started', step: 0, time: 1, data: { ...alive } });
    assert.equal((await readRun(dir)).state, 'starting');
    writer.appendEvent({ type: 'started', step: 0, time: 2, data: { pid: alive.pid, processStartTime: 'another boot:2' } });
    assert.equal((await readRun(dir)).state, 'lost');
  });

  it('is what exit.json says, once it is there', async () => {
    for (const [reason, state] of [
      ['completed', 'finished'],
      ['collapsed', 'finished'],
      ['dead', 'finished'],
      ['stopped', 'stopped'],
      ['failed', 'failed'],
    ] as const) {
      const { dir, writer } = runOf();
      writer.writeExit({ code: 0, signal: null, lastStep: 0, reason, message: '', time: 1 });
      assert.equal((await readRun(dir)).state, state);
    }
  });

  it('on another machine is judged by when it last wrote', async () => {
    const { dir, writer } = runOf({ host: 'another-machine' });
    writer.appendMetrics({ step: 1, time: 1, data: {} });
    const run = await readRun(dir);
    assert.equal(run.state, 'running');
    assert.match(run.warnings.join(' '), /on another-machine/);
  });
});
