import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { readRunRecord } from '../../../src/runs/directory/runFile.ts';
import { launchRun } from '../../../src/runs/launcher/launchRun.ts';
import type { LaunchedRun } from '../../../src/runs/launcher/launchRun.ts';
import { QueueFile, addRequest, queueFile, queueLog, readQueue } from '../../../src/runs/launcher/queueFile.ts';
import { resumeRuns } from '../../../src/runs/launcher/resumeRuns.ts';
import { RunQueue } from '../../../src/runs/launcher/runQueue.ts';
import type { QueueChange } from '../../../src/runs/launcher/runQueue.ts';
import { stopRun } from '../../../src/runs/launcher/stopRun.ts';
import { runDirectory } from '../../../src/runs/launcher/trainingPlan.ts';
import type { QueuedRun, TrainingPlan } from '../../../src/runs/launcher/trainingPlan.ts';
import { eventually, examplePlans, temporaryFolder } from '../exampleRun.ts';

const graceMs = 5000;
const trainer = { trainerEntry: path.resolve('test/data/runs/fakeTrainer.mjs'), env: { FAKE_TRAINER: 'run' } };
const program = { otbEntry: path.resolve('test/data/runs/fakeQueue.mjs'), env: { FAKE_QUEUE: 'begin' } };
const queues: number[] = [];
after(() => {
  for (const pid of queues) process.kill(pid, 'SIGKILL');
});

interface Group extends TrainingPlan {
  readonly group: string;
}

function exampleGroup(): Group {
  const folder = temporaryFolder();
  const runs = examplePlans(folder, { estimators: ['opo', 'grpo', 'rloo'], seeds: [1] });
  const runsDir = path.join(folder, 'runs');
  mkdirSync(runsDir);
  return { runs, runsDir, engine: 'auto', parallel: 1, threads: 1, cacheDir: folder, group: runs[0]?.group ?? '' };
}

function queueOf(plan: TrainingPlan, told: QueueChange[] = []): RunQueue {
  return new RunQueue({ ...plan, ...trainer, graceMs, onChange: (change) => told.push(change) });
}

function dirsOf({ runsDir, runs }: TrainingPlan): readonly string[] {
  return runs.map((run) => runDirectory(runsDir, run));
}

function begin({ runsDir, engine, threads, cacheDir }: TrainingPlan, run: QueuedRun): Promise<LaunchedRun> {
  return launchRun({ ...trainer, request: { kind: 'start', runDir: runDirectory(runsDir, run), run, engine, threads, cacheDir } });
}

/** Lets runs begin, and stops them. */
async function stopped(plan: TrainingPlan): Promise<void> {
  for (const run of plan.runs) await stopRun((await begin(plan, run)).dir, { graceMs });
}

async function resume(
  { runsDir, group }: Group,
  dirs: readonly string[],
  parallel = 1,
): Promise<{ readonly count: number; readonly pid: number }> {
  const runs = await Promise.all(dirs.map(async (dir) => ({ dir, record: await readRunRecord(dir) })));
  return resumeRuns({ runsDir, group, runs, limits: { parallel, threads: 1 } }, program);
}

/** The plan that the process of a queue was given last. */
function planGiven({ runsDir, group }: Group): TrainingPlan {
  return JSON.parse(readFileSync(queueLog(runsDir, group), 'utf8').trimEnd().split('\n').at(-1) ?? '') as TrainingPlan;
}

function named(runs: readonly QueuedRun[] | undefined): readonly string[] | undefined {
  return runs?.map(({ estimator, resumes }) => `${estimator}${resumes === true ? ' resumes' : ''}`);
}

function startsOf(told: readonly QueueChange[]): readonly string[] {
  return told.flatMap(({ type, run }) => (type === 'started' ? [run.estimator] : []));
}

describe('a queue with runs that have begun before', () => {
  it('goes on with them one after the other', async () => {
    const plan = exampleGroup();
    await stopped(plan);
    const told: QueueChange[] = [];
    const done = queueOf({ ...plan, runs: plan.runs.map((run) => ({ ...run, resumes: true as const })) }, told).run();
    const began: string[] = [];
    for (const dir of dirsOf(plan)) {
      await eventually(() => told.some((change) => change.type === 'started' && change.dir === dir), `${dir} to go on`);
      began.push(...startsOf(told).slice(began.length));
      assert.equal(told.filter(({ type }) => type === 'started').length - told.filter(({ type }) => type === 'ended').length, 1);
      assert.match(readFileSync(path.join(dir, 'stdout.log'), 'utf8'), /^start run .*\nresume run .*\n$/);
      const left = plan.runs.slice(began.length);
      const waiting = named((await readQueue(plan.runsDir, plan.group))?.plan.runs);
      assert.deepEqual(waiting, left.length === 0 ? undefined : left.map(({ estimator }) => `${estimator} resumes`));
      await stopRun(dir, { graceMs });
    }
    await done;
    assert.deepEqual(began, ['opo', 'grpo', 'rloo']);
  });

  it('waits for the runs of its group that others have started', async () => {
    const plan = exampleGroup();
    const [first, ...others] = plan.runs;
    assert.ok(first);
    const { dir } = await begin(plan, first);
    const atStart: boolean[] = [];
    const onChange = ({ type }: QueueChange) => type === 'started' && atStart.push(existsSync(path.join(dir, 'exit.json')));
    const queue = new RunQueue({ ...plan, runs: others, ...trainer, graceMs, onChange });
    const done = queue.run();
    // Until it has looked around once, it would not have started anything either.
    await eventually(async () => (await readQueue(plan.runsDir, plan.group)) !== undefined, 'a queue');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await stopRun(dir, { graceMs });
    await eventually(() => atStart.length === 1, 'the next run');
    queue.cancel();
    await done;
    assert.deepEqual(atStart, [true]);
  });
});

describe('a queue that is cancelled while a run is being started', () => {
  it('says so until there is a run', async () => {
    const plan = exampleGroup();
    const queue = queueOf(plan);
    const done = queue.run();
    const [dir = ''] = dirsOf(plan);
    await eventually(() => existsSync(dir), 'a run directory');
    queue.cancel();
    assert.ok(existsSync(queueFile(plan.runsDir, plan.group)) || existsSync(path.join(dir, 'run.json')));
    await done;
    assert.equal(existsSync(queueFile(plan.runsDir, plan.group)), false);
  });
});

describe('resuming runs of a group', () => {
  it('leaves them to a process of their own, within the limit', async () => {
    const plan = exampleGroup();
    await stopped(plan);
    const { count, pid } = await resume(plan, dirsOf(plan), 2);
    queues.push(pid);
    assert.equal(count, 3);
    const { parallel, runs } = planGiven(plan);
    assert.deepEqual([parallel, named(runs)], [2, ['opo resumes', 'grpo resumes', 'rloo resumes']]);
  });

  it('starts what a lost queue has left, too, as it was told to', async () => {
    const plan = exampleGroup();
    await stopped({ ...plan, runs: plan.runs.slice(0, 1) });
    (await QueueFile.of({ ...plan, threads: 3 })).write(plan.runs.slice(1));
    const file = queueFile(plan.runsDir, plan.group);
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), processStartTime: 'another boot:1' }));
    const { count, pid } = await resume(plan, dirsOf(plan).slice(0, 1), 2);
    queues.push(pid);
    const given = planGiven(plan);
    assert.deepEqual([count, given.parallel, given.threads, named(given.runs)], [3, 1, 3, ['grpo', 'rloo', 'opo resumes']]);
  });

  it('lets them wait in the queue that is there', async () => {
    const plan = exampleGroup();
    const told: QueueChange[] = [];
    const queue = queueOf(plan, told);
    const done = queue.run();
    const [first = '', second = ''] = dirsOf(plan);
    await eventually(() => startsOf(told).length === 1, 'the first run');
    await stopRun(first, { graceMs });
    await eventually(() => startsOf(told).length === 2, 'the second run');
    assert.deepEqual(await resume(plan, [first]), { count: 1, parallel: 1, pid: process.pid });
    assert.deepEqual(named((await readQueue(plan.runsDir, plan.group))?.plan.runs), ['rloo', 'opo resumes']);
    assert.equal((await resume(plan, [first])).count, 1);
    await stopRun(second, { graceMs });
    await eventually(() => startsOf(told).length === 3, 'the third run');
    assert.deepEqual(named((await readQueue(plan.runsDir, plan.group))?.plan.runs), ['opo resumes'], 'nothing waits twice');
    await stopRun(dirsOf(plan)[2] ?? '', { graceMs });
    await eventually(() => startsOf(told).length === 4, 'the first run to go on');
    queue.cancel();
    await done;
    assert.deepEqual(startsOf(told), ['opo', 'grpo', 'rloo', 'opo']);
  });

  it('asks for nothing any more of a queue that has gone meanwhile', async () => {
    const plan = exampleGroup();
    await stopped({ ...plan, runs: plan.runs.slice(0, 1) });
    const file = await QueueFile.of(plan);
    file.write(plan.runs.slice(1));
    const resumed = resume(plan, dirsOf(plan).slice(0, 1));
    await eventually(() => existsSync(addRequest(plan.runsDir, plan.group)), 'the request');
    file.write([]);
    queues.push((await resumed).pid);
    assert.deepEqual(named(planGiven(plan).runs), ['opo resumes']);
    assert.equal(existsSync(addRequest(plan.runsDir, plan.group)), false);
  });

  it('is refused for runs that are going on', async () => {
    const plan = exampleGroup();
    const told: QueueChange[] = [];
    const queue = queueOf({ ...plan, runs: plan.runs.slice(0, 1) }, told);
    const done = queue.run();
    await eventually(() => startsOf(told).length === 1, 'the run');
    await assert.rejects(
      resume(plan, dirsOf(plan).slice(0, 1)),
      /these runs are active, or have taken all their steps\. There is nothing to do\./,
    );
    queue.cancel();
    await done;
  });
});
