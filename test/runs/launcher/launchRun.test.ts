import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { isLive } from '../../../src/core/records/runState.ts';
import type { LaunchRequest } from '../../../src/core/records/run.ts';
import { readRun } from '../../../src/runs/directory/readRun.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { LaunchError } from '../../../src/runs/launcher/launchError.ts';
import { launchRun } from '../../../src/runs/launcher/launchRun.ts';
import type { LaunchedRun, LaunchOptions } from '../../../src/runs/launcher/launchRun.ts';
import { deleteRun, stopRun } from '../../../src/runs/launcher/stopRun.ts';
import { processStartTime as processStartTimeOf } from '../../../src/runs/process/processStartTime.ts';
import { eventually, examplePlans, temporaryFolder } from '../exampleRun.ts';

const trainerEntry = path.resolve('test/data/runs/fakeTrainer.mjs');
/** What a process that does not look at requests is given, and then has to end after a signal: a busy machine takes its time for that. */
const deafMs = 2000;
const begun: LaunchedRun[] = [];
// A launched run does not keep this process alive while it is awaited.
const alive = setInterval(() => undefined, 1000);
after(() => {
  clearInterval(alive);
  for (const { pid } of begun) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
});

function startRequest(): LaunchRequest {
  const folder = temporaryFolder();
  const [run] = examplePlans(folder);
  assert.ok(run);
  return { kind: 'start', runDir: path.join(folder, 'runs', run.id), run, engine: 'auto', threads: 1, cacheDir: folder };
}

async function launch(behaviour: string, request = startRequest(), changes: Partial<LaunchOptions> = {}): Promise<LaunchedRun> {
  const launched = await launchRun({ request, trainerEntry, env: { FAKE_TRAINER: behaviour }, ...changes });
  begun.push(launched);
  return launched;
}

describe('launching a run', () => {
  it('gives a run directory that its own process has taken over', async () => {
    const { dir, pid, exited } = await launch('run');
    const { record, state } = await readRun(dir);
    assert.equal(record.pid, pid);
    assert.ok(state === 'starting' || state === 'running');
    assert.equal(await stopRun(dir, { graceMs: 60_000 }), 'stopped');
    assert.deepEqual(await exited, { code: 0, signal: null });
  });

  it('works in the folder of the plan, with the output in the logs', async () => {
    const request = startRequest();
    const { dir, exited } = await launch('finish', request);
    await exited;
    const cwd = request.kind === 'start' ? request.run.cwd : '';
    assert.equal(readFileSync(path.join(dir, 'stdout.log'), 'utf8'), `start finish in ${cwd}\n`);
    assert.equal((await readRun(dir)).state, 'finished');
  });

  it('fails with the last words of a process that dies before there is a run', async () => {
    await assert.rejects(
      launch('die'),
      (error: Error) =>
        error instanceof LaunchError && /exit code 3\)[^]*stderr\.log:\nfirst line\nno device for this engine$/.test(error.message),
    );
  });

  it('gives up a process that never begins', async () => {
    await assert.rejects(
      launch('silent', startRequest(), { startLimitMs: 300 }),
      (error: Error) => error instanceof LaunchError && /within 0\.3 s and was killed/.test(error.message),
    );
  });

  it('fails with the reason where there is no such program', async () => {
    await assert.rejects(
      launch('run', startRequest(), { nodePath: '/no/such/node' }),
      (error: Error) => error instanceof LaunchError && /\/no\/such\/node cannot be started/.test(error.message),
    );
  });

  it('never shares a directory with another run', async () => {
    const request = startRequest();
    await (
      await launch('finish', request)
    ).exited;
    await assert.rejects(
      launch('finish', request),
      (error: Error) => error instanceof RunDirectoryError && /already there/.test(error.message),
    );
  });

  it('uses a directory again in which a process was killed before there was a run, and no other', async () => {
    const request = startRequest();
    await assert.rejects(launch('die', request), LaunchError);
    await (
      await launch('finish', request)
    ).exited;
    assert.equal((await readRun(request.runDir)).state, 'finished');
    const another = startRequest();
    mkdirSync(another.runDir, { recursive: true });
    writeFileSync(path.join(another.runDir, 'notes.txt'), 'mine');
    await assert.rejects(launch('finish', another), /already there/);
  });

  it('resumes a run that has ended, appending to its logs, and refuses one that runs', async () => {
    const { dir } = await launch('run');
    const request: LaunchRequest = { kind: 'resume', runDir: dir, threads: 1, cacheDir: dir };
    await assert.rejects(
      launch('run', request),
      (error: Error) => error instanceof RunDirectoryError && /still running/.test(error.message),
    );
    await stopRun(dir, { graceMs: 60_000 });
    const { lastStep } = (await readRun(dir)).metrics;
    const again = await launch('deaf', request);
    await eventually(async () => ((await readRun(dir)).metrics.lastStep ?? 0) > (lastStep ?? 0), 'a further step');
    const { state, exit } = await readRun(dir);
    assert.deepEqual([state, exit], ['running', null]);
    assert.match(readFileSync(path.join(dir, 'stdout.log'), 'utf8'), /^start run .*\nresume deaf .*\n$/);
    process.kill(again.pid, 'SIGKILL');
    await again.exited;
    assert.equal((await readRun(dir)).state, 'lost');
  });
});

describe('a run whose working folder is gone', () => {
  /** A run that has been stopped, and whose workspace then got another name. */
  async function movedRun(...runsDir: readonly string[]): Promise<{ workspace: string; dir: string }> {
    const folder = temporaryFolder();
    const [before, workspace] = [path.join(folder, 'before'), path.join(folder, 'after')];
    mkdirSync(before);
    const [run] = examplePlans(before);
    assert.ok(run);
    const { dir } = await launch('run', {
      kind: 'start',
      runDir: path.join(before, ...runsDir, run.id),
      run,
      engine: 'auto',
      threads: 1,
      cacheDir: folder,
    });
    await stopRun(dir, { graceMs: 60_000 });
    renameSync(before, workspace);
    return { workspace, dir: path.join(workspace, ...runsDir, run.id) };
  }

  it('goes on in the workspace that was moved with it', async () => {
    const { workspace, dir } = await movedRun('.otb', 'runs');
    await launch('run', { kind: 'resume', runDir: dir, threads: 1, cacheDir: workspace });
    assert.match(readFileSync(path.join(dir, 'stdout.log'), 'utf8'), new RegExp(`\\nresume run in ${workspace}\\n$`));
    await stopRun(dir, { graceMs: 60_000 });
  });

  it('is not resumed where it lies elsewhere, and says what to do', async () => {
    const { workspace, dir } = await movedRun('results');
    const request: LaunchRequest = { kind: 'resume', runDir: dir, threads: 1, cacheDir: workspace };
    await assert.rejects(
      launch('run', request),
      (error: Error) =>
        error instanceof RunDirectoryError && /its working folder .*before is gone\. Make a folder of that name/.test(error.message),
    );
  });
});

describe('resuming a run twice at once', () => {
  it('starts one process', async () => {
    const { dir } = await launch('run');
    await stopRun(dir, { graceMs: 60_000 });
    const request: LaunchRequest = { kind: 'resume', runDir: dir, threads: 1, cacheDir: dir };
    const attempts = await Promise.allSettled([launch('deaf', request), launch('deaf', request), launch('deaf', request)]);
    const reasons = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [String(attempt.reason)] : []));
    assert.equal(reasons.length, 2);
    for (const reason of reasons) assert.match(reason, /the run is still running|just beginning to work/);
    assert.equal((await readRun(dir)).events.filter(({ type }) => type === 'started').length, 2);
    await assert.rejects(launch('deaf', request), /still running/);
    assert.equal(await stopRun(dir, { graceMs: deafMs }), 'terminated');
  });

  it('says of a directory that is none that it is none', async () => {
    const dir = path.join(temporaryFolder(), 'nowhere');
    await assert.rejects(launch('run', { kind: 'resume', runDir: dir, threads: 1, cacheDir: dir }), /there is no such directory/);
  });
});

describe('stopping a run', () => {
  it('terminates a process that does not look at requests', async () => {
    const { dir, exited } = await launch('deaf');
    assert.equal(await stopRun(dir, { graceMs: deafMs }), 'terminated');
    assert.equal((await exited).signal, 'SIGTERM');
  });

  it('kills one that does not hear signals either, and writes down that it did', async () => {
    const { dir, exited } = await launch('stubborn');
    assert.equal(await stopRun(dir, { graceMs: 150 }), 'killed');
    assert.equal((await exited).signal, 'SIGKILL');
    const { state, exit, metrics } = await readRun(dir);
    assert.equal(state, 'stopped');
    assert.deepEqual([exit?.signal, exit?.lastStep], ['SIGKILL', metrics.lastStep]);
  });

  it('does nothing to a run that has ended', async () => {
    const { dir, exited } = await launch('finish');
    await exited;
    assert.equal(await stopRun(dir, { graceMs: 100 }), 'ended');
  });
});

describe('a run whose next process has not yet said that it has started', () => {
  it('is live: its lock tells, and it is neither resumed nor deleted', { skip: process.platform !== 'linux' }, async () => {
    const { dir, pid, exited } = await launch('deaf');
    process.kill(pid, 'SIGKILL');
    await exited;
    assert.equal((await readRun(dir)).state, 'lost');
    const next = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const ended = once(next, 'exit');
    begun.push({ dir, pid: next.pid ?? 0, exited });
    const processStartTime = await processStartTimeOf(next.pid ?? 0);
    for (const name of readdirSync(dir).filter((file) => file.startsWith('run.lock'))) rmSync(path.join(dir, name));
    writeFileSync(path.join(dir, 'run.lock.7'), JSON.stringify({ pid: next.pid, processStartTime, host: os.hostname() }));
    assert.ok(isLive({ process: (await readRun(dir)).state }));
    const resume = launch('run', { kind: 'resume', runDir: dir, threads: 1, cacheDir: dir });
    await assert.rejects(resume, /still running/);
    await assert.rejects(deleteRun(dir), /still running/);
    assert.equal(await stopRun(dir, { graceMs: 150 }), 'terminated');
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    await deleteRun(dir);
  });
});

describe('deleting a run', () => {
  it('is refused while it runs, and for what is no run', async () => {
    const { dir } = await launch('run');
    await assert.rejects(deleteRun(dir), /still running/);
    await stopRun(dir, { graceMs: 60_000 });
    await deleteRun(dir);
    await assert.rejects(readRun(dir), /no such directory/);
    await assert.rejects(deleteRun(temporaryFolder()), /not the directory of a run/);
  });
});
