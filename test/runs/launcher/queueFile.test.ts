import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { PlannedRun } from '../../../src/core/records/run.ts';
import { cancelQueue } from '../../../src/runs/launcher/cancelQueue.ts';
import { LaunchError } from '../../../src/runs/launcher/launchError.ts';
import { QueueFile, cancelRequest, queuedGroups, queueFile, queueLog, readQueue } from '../../../src/runs/launcher/queueFile.ts';
import { resumeRuns } from '../../../src/runs/launcher/resumeRuns.ts';
import { RunQueue } from '../../../src/runs/launcher/runQueue.ts';
import type { QueueChange } from '../../../src/runs/launcher/runQueue.ts';
import { startQueue } from '../../../src/runs/launcher/startQueue.ts';
import { stopGroup } from '../../../src/runs/launcher/stopGroup.ts';
import { stopRun } from '../../../src/runs/launcher/stopRun.ts';
import type { TrainingPlan } from '../../../src/runs/launcher/trainingPlan.ts';
import { eventually, examplePlans, temporaryFolder } from '../exampleRun.ts';

const started: number[] = [];
after(() => {
  for (const pid of started) process.kill(pid, 'SIGKILL');
});

function examplePlan(): TrainingPlan & { group: string } {
  const folder = temporaryFolder();
  const runs = examplePlans(folder, { estimators: ['opo', 'grpo'], seeds: [1, 2] });
  const runsDir = path.join(folder, 'runs');
  mkdirSync(runsDir);
  return { runs, runsDir, engine: 'auto', parallel: 1, threads: 1, cacheDir: folder, group: runs[0]?.group ?? '' };
}

function ids(runs: readonly PlannedRun[] | undefined): readonly string[] | undefined {
  return runs?.map(({ id }) => id);
}

async function waiting({ runsDir, group }: TrainingPlan & { group: string }): Promise<readonly string[] | undefined> {
  return ids((await readQueue(runsDir, group))?.plan.runs);
}

/** Makes the file say that another process, now gone, was to start what waits. */
function lose({ runsDir, group }: TrainingPlan & { group: string }): void {
  const file = queueFile(runsDir, group);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), processStartTime: 'another boot:1' }));
}

function runningQueue(plan: TrainingPlan): { done: Promise<void>; told: QueueChange[] } {
  const told: QueueChange[] = [];
  const queue = new RunQueue({
    ...plan,
    trainerEntry: path.resolve('test/data/runs/fakeTrainer.mjs'),
    env: { FAKE_TRAINER: 'run' },
    graceMs: 60_000,
    onChange: (change) => told.push(change),
  });
  return { done: queue.run(), told };
}

describe('what waits in a queue', () => {
  it('is said beside the run directories also where a foreign run.json names a group that leads elsewhere', () => {
    for (const file of [queueFile, cancelRequest, queueLog])
      assert.equal(path.dirname(file('/runs', '../../home/a\\b')), path.resolve('/runs'));
  });

  it('is said beside the run directories while the queue works, until nothing waits', async () => {
    const plan = examplePlan();
    const { done, told } = runningQueue(plan);
    const all = ids(plan.runs) ?? [];
    for (let begun = 1; begun <= 4; begun++) {
      await eventually(() => told.filter(({ type }) => type === 'started').length === begun, `${begun} runs`);
      const queue = await readQueue(plan.runsDir, plan.group);
      assert.deepEqual(ids(queue?.plan.runs), begun === 4 ? undefined : all.slice(begun));
      assert.deepEqual([queue?.state, queue?.process.pid], begun === 4 ? [undefined, undefined] : ['live', process.pid]);
      assert.deepEqual(await queuedGroups(plan.runsDir), begun === 4 ? [] : [plan.group]);
      await stopRun(told.findLast(({ type }) => type === 'started')?.dir ?? '', { graceMs: 60_000 });
    }
    await done;
    assert.deepEqual(readdirSync(plan.runsDir).sort(), all.toSorted());
  });

  it('is never started when it is cancelled from outside, and what runs is stopped', async () => {
    const plan = examplePlan();
    const { done, told } = runningQueue(plan);
    await eventually(() => told.length > 0, 'a run');
    assert.equal(await cancelQueue(plan.runsDir, plan.group, { graceMs: 60_000 }), 'cancelled');
    assert.equal(await readQueue(plan.runsDir, plan.group), undefined);
    await done;
    assert.deepEqual(told.map(({ type }) => type).sort(), ['cancelled', 'cancelled', 'cancelled', 'ended', 'started']);
    assert.deepEqual(readdirSync(plan.runsDir), ids(plan.runs.slice(0, 1)));
  });

  it('does not begin when its run is stopped right after the request', async () => {
    const plan = examplePlan();
    const { done, told } = runningQueue(plan);
    await eventually(() => told.length > 0, 'a run');
    const cancelled = cancelQueue(plan.runsDir, plan.group, { graceMs: 60_000 });
    // The queue may have answered already, and takes the request away.
    await eventually(
      () => existsSync(cancelRequest(plan.runsDir, plan.group)) || !existsSync(queueFile(plan.runsDir, plan.group)),
      'a request',
    );
    await stopRun(told[0]?.dir ?? '', { graceMs: 60_000 });
    await Promise.all([cancelled, done]);
    assert.equal(told.filter(({ type }) => type === 'started').length, 1);
  });

  it('goes on in another run after one was stopped alone', async () => {
    const plan = examplePlan();
    const { done, told } = runningQueue(plan);
    await eventually(() => told.length > 0, 'a run');
    await stopRun(told[0]?.dir ?? '', { graceMs: 60_000 });
    await eventually(() => told.filter(({ type }) => type === 'started').length === 2, 'the next run');
    await cancelQueue(plan.runsDir, plan.group, { graceMs: 60_000 });
    await done;
  });
});

describe('stopping a group', () => {
  it('stops what runs, cancels what waits, and leaves other groups alone', async () => {
    const plan = examplePlan();
    const others = plan.runs.map((run) => ({ ...run, group: `${run.group}-2`, id: run.id.replace(run.group, `${run.group}-2`) }));
    const other = runningQueue({ ...plan, runs: others.slice(0, 1) });
    await eventually(() => other.told.length === 1, 'the run of the other group');
    const { done, told } = runningQueue({ ...plan, parallel: 3 });
    await eventually(() => told.length === 2, 'three runs');
    const stopped = await stopGroup(plan.runsDir, plan.group, { graceMs: 60_000 });
    assert.deepEqual(
      stopped.map((run) => 'outcome' in run && run.outcome),
      ['stopped', 'stopped'],
    );
    assert.deepEqual(await stopGroup(plan.runsDir, plan.group, { graceMs: 60_000 }), [], 'nothing goes on any more');
    await done;
    assert.deepEqual(told.map(({ type }) => type).sort(), ['cancelled', 'cancelled', 'ended', 'ended', 'started', 'started']);
    assert.deepEqual(
      other.told.map(({ type }) => type),
      ['started'],
    );
    await stopGroup(plan.runsDir, `${plan.group}-2`, { graceMs: 60_000 });
    await other.done;
  });
});

describe('a queue whose process is gone', () => {
  it('is lost, with what it left', async () => {
    const plan = examplePlan();
    (await QueueFile.of(plan)).write(plan.runs.slice(1));
    assert.equal((await readQueue(plan.runsDir, plan.group))?.state, 'live');
    lose(plan);
    const queue = await readQueue(plan.runsDir, plan.group);
    assert.deepEqual([queue?.state, ids(queue?.plan.runs)], ['lost', ids(plan.runs.slice(1))]);
  });

  it('does not count a run that has begun', async () => {
    const plan = examplePlan();
    (await QueueFile.of(plan)).write(plan.runs);
    lose(plan);
    const begun = path.join(plan.runsDir, plan.runs[0]?.id ?? '');
    mkdirSync(begun);
    writeFileSync(path.join(begun, 'run.json'), '{}');
    assert.deepEqual(await waiting(plan), ids(plan.runs.slice(1)));
  });

  it('can be put away', async () => {
    const plan = examplePlan();
    (await QueueFile.of(plan)).write(plan.runs);
    lose(plan);
    assert.equal(await cancelQueue(plan.runsDir, plan.group, { graceMs: 60_000 }), 'cleared');
    assert.deepEqual(readdirSync(plan.runsDir), []);
    assert.equal(await cancelQueue(plan.runsDir, plan.group, { graceMs: 60_000 }), 'none');
  });

  it('can be continued by one process, not by two, and not while it lives', async () => {
    const plan = examplePlan();
    const program = { otbEntry: path.resolve('test/data/runs/fakeQueue.mjs'), env: { FAKE_QUEUE: 'begin' } };
    (await QueueFile.of(plan)).write(plan.runs.slice(2));
    const resume = () => resumeRuns({ runsDir: plan.runsDir, group: plan.group, runs: [], limits: {} }, program);
    await assert.rejects(resume(), /the process that starts the waiting runs is there/);
    lose(plan);
    const [first, second] = await Promise.allSettled([resume(), resume()]);
    const [won, lost] = first.status === 'fulfilled' ? [first, second] : [second, first];
    assert.ok(won.status === 'fulfilled' && lost.status === 'rejected');
    started.push(won.value.pid);
    assert.match(String(lost.reason), /being started by another window or command/);
    assert.ok(existsSync(path.join(plan.runsDir, plan.runs[2]?.id ?? '', 'run.json')));
  });
});

describe('a file that is no queue', () => {
  it('is nothing that waits', async () => {
    const plan = examplePlan();
    for (const text of ['', '{', '[]', '{"schemaVersion":1}', '{"schemaVersion":2,"pid":1,"host":"x","plan":{}}']) {
      writeFileSync(queueFile(plan.runsDir, plan.group), text);
      assert.equal(await readQueue(plan.runsDir, plan.group), undefined, text);
    }
    assert.deepEqual(await queuedGroups(path.join(plan.runsDir, 'nowhere')), []);
  });

  it('of an earlier queue, a request to cancel means nothing to the next', async () => {
    const plan = examplePlan();
    writeFileSync(cancelRequest(plan.runsDir, plan.group), '');
    assert.equal((await QueueFile.of(plan)).cancelRequested, false);
  });
});

describe('leaving a plan to a process of its own', () => {
  const otbEntry = path.resolve('test/data/runs/fakeQueue.mjs');

  it('returns when the first run has begun, with a process in no group of ours', { skip: process.platform === 'win32' }, async () => {
    const plan = examplePlan();
    const { pid, log } = await startQueue(plan, { otbEntry, env: { FAKE_QUEUE: 'begin' } });
    started.push(pid);
    assert.deepEqual(JSON.parse(readFileSync(path.join(plan.runsDir, plan.runs[0]?.id ?? '', 'run.json'), 'utf8')), {
      pid,
      ppid: process.pid,
      argv: ['queue', 'serve'],
    });
    assert.equal(log, path.join(plan.runsDir, `${plan.group}.log`));
    // Its own process group: signalling the group reaches it alone.
    process.kill(-pid, 0);
  });

  it('fails with its last words where it dies', async () => {
    const plan = examplePlan();
    await assert.rejects(startQueue(plan, { otbEntry, env: { FAKE_QUEUE: 'die' } }), (error: Error) => {
      assert.ok(error instanceof LaunchError);
      assert.equal(error.log, path.join(plan.runsDir, `${plan.group}.log`));
      assert.match(error.message, /^No run began\. Its last words, from .*\.log:\nno device for this engine$/);
      return true;
    });
  });

  it('fails where it says nothing, and where there is no such program', async () => {
    await assert.rejects(
      startQueue(examplePlan(), { otbEntry, env: { FAKE_QUEUE: 'silent' }, startLimitMs: 300 }),
      /No run began within 0\.3 s, so they were cancelled\. It left no word in /,
    );
    await assert.rejects(startQueue(examplePlan(), { otbEntry, nodePath: '/no/such/node' }), /\/no\/such\/node cannot be started/);
  });
});
