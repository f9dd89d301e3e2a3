import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { request } from '../../../src/runs/directory/control.ts';
import { writeExit } from '../../../src/runs/directory/exitFile.ts';
import { RunWriter } from '../../../src/runs/directory/runWriter.ts';
import { cancelQueue } from '../../../src/runs/launcher/cancelQueue.ts';
import { launchRun } from '../../../src/runs/launcher/launchRun.ts';
import { queueLog } from '../../../src/runs/launcher/queueFile.ts';
import { startQueue } from '../../../src/runs/launcher/startQueue.ts';
import { deleteRun } from '../../../src/runs/launcher/stopRun.ts';
import { ownIdentity } from '../../../src/runs/process/processIdentity.ts';
import { examplePlans, exampleRecord, temporaryFolder } from '../exampleRun.ts';
import os from 'node:os';

const posix = { skip: process.platform === 'win32' };
const exit = { code: 0, signal: null, lastStep: 2, reason: 'completed', message: 'done', time: 5 } as const;

/** A run that has ended, and a folder with a file that is none of its business. */
function endedRun(): { dir: string; outside: string; precious: string } {
  const folder = temporaryFolder();
  const [dir, outside] = [path.join(folder, 'run'), path.join(folder, 'outside')];
  const writer = RunWriter.create(dir, exampleRecord());
  writer.appendMetrics({ step: 1, time: 1, data: { a: 1 } });
  writer.writeExit(exit);
  writer.close();
  for (const name of ['stdout.log', 'stderr.log']) writeFileSync(path.join(dir, name), '');
  mkdirSync(outside);
  const precious = path.join(outside, 'stop');
  writeFileSync(precious, 'precious');
  return { dir, outside, precious };
}

/** Puts a link in the place of a file or folder of a run. */
function link(dir: string, name: string, target: string): void {
  rmSync(path.join(dir, name), { recursive: true, force: true });
  symlinkSync(target, path.join(dir, name));
}

describe('what is written for a run', posix, () => {
  it('never goes through a link in the place of a request to stop', () => {
    const { dir, precious } = endedRun();
    link(dir, 'control/stop', precious);
    assert.throws(() => request(dir, 'stop'), /control\/stop: this is a symbolic link to .*outside\/stop instead of a file.* Delete it/);
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
    rmSync(precious);
    assert.throws(() => request(dir, 'stop'), /symbolic link/);
    assert.ok(!existsSync(precious), 'nor does it make the file that a link leads to');
  });

  it('never goes into a folder that a link leads to', () => {
    const { dir, outside } = endedRun();
    link(dir, 'control', outside);
    assert.throws(() => request(dir, 'checkpoint'), /control: this is a symbolic link to .*outside instead of a folder/);
    assert.throws(() => RunWriter.resume(dir), /instead of a folder/);
    assert.deepEqual(readdirSync(outside), ['stop']);
  });

  it('counts a request twice as one, and is not kept waiting by a pipe', () => {
    const { dir } = endedRun();
    request(dir, 'stop');
    request(dir, 'stop');
    execFileSync('mkfifo', [path.join(dir, 'control', 'checkpoint')]);
    assert.throws(() => request(dir, 'checkpoint'), /this is a named pipe instead of a file/);
  });

  for (const name of ['metrics.jsonl', 'events.jsonl']) {
    it(`is not appended by a resumed run through a link at ${name}; the run keeps its end`, () => {
      const { dir, precious } = endedRun();
      link(dir, name, precious);
      assert.throws(() => RunWriter.resume(dir), new RegExp(`${name}: this is a symbolic link to`));
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
      assert.ok(existsSync(path.join(dir, 'exit.json')));
    });
  }

  for (const name of ['stdout.log', 'stderr.log']) {
    it(`is not appended by the process of a resumed run through a link at ${name}`, async () => {
      const { dir, precious } = endedRun();
      link(dir, name, precious);
      const resume = launchRun({ request: { kind: 'resume', runDir: dir, threads: 1, cacheDir: dir }, trainerEntry: 'none.mjs' });
      await assert.rejects(resume, new RegExp(`${name}: this is a symbolic link to`));
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
    });
  }

  for (const name of ['checkpoints', 'rollouts']) {
    it(`is not put into a folder to which a link at ${name} leads`, () => {
      const { dir, outside } = endedRun();
      link(dir, name, outside);
      assert.throws(() => RunWriter.resume(dir), new RegExp(`${name}: this is a symbolic link to`));
      assert.deepEqual(readdirSync(outside), ['stop']);
    });
  }

  it('replaces links in the places of files that are written as a whole, and of their unfinished versions', () => {
    for (const name of ['exit.json', `exit.json.${process.pid}.tmp`, 'exit.json.reserve']) {
      const { dir, precious } = endedRun();
      link(dir, name, precious);
      writeExit(dir, exit);
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
      assert.ok(lstatSync(path.join(dir, 'exit.json')).isFile());
    }
  });

  it('is not written through a link beside the runs either', async () => {
    const { precious } = endedRun();
    const runsDir = temporaryFolder();
    const [run] = examplePlans(runsDir);
    assert.ok(run);
    const plan = { runs: [run], runsDir, engine: 'auto', parallel: 1, threads: 1, cacheDir: runsDir };
    const queue = { schemaVersion: 1, ...(await ownIdentity()), host: os.hostname(), plan };
    writeFileSync(path.join(runsDir, `${run.group}.queue.json`), JSON.stringify(queue));
    symlinkSync(precious, path.join(runsDir, `${run.group}.queue.cancel`));
    await assert.rejects(cancelQueue(runsDir, run.group, { graceMs: 0 }), /queue\.cancel: this is a symbolic link/);
    symlinkSync(precious, queueLog(runsDir, run.group));
    await assert.rejects(startQueue(plan, { otbEntry: 'none.mjs' }), /\.log: this is a symbolic link/);
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
  });
});

describe('deleting a run', posix, () => {
  it('removes links, and nothing that they lead to', async () => {
    const { dir, outside, precious } = endedRun();
    link(dir, 'rollouts', outside);
    link(dir, 'checkpoints/step-000001', outside);
    link(dir, 'metrics.jsonl', precious);
    await deleteRun(dir);
    assert.ok(!existsSync(dir));
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
  });
});
