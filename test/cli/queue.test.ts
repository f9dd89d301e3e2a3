import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { otb, startOtb, until } from './otb.ts';
import { endless, writeConfig } from './tinyConfig.ts';

interface Listed {
  readonly id: string;
  readonly dir: string;
  readonly seed: number | null;
  readonly waits?: string;
}

interface Queue {
  readonly paused: boolean;
  readonly parallel: number | null;
  readonly running: readonly Listed[];
  readonly waiting: readonly Listed[];
  readonly lost: readonly Listed[];
}

/** A folder with a config of endless runs, which are stopped after the test. */
function folderOf(t: TestContext, changes: Readonly<Record<string, unknown>> = {}): string {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'otb-cli-'));
  t.after(async () => {
    await otb(['stop', path.join('.otb', 'runs')], { cwd });
    rmSync(cwd, { recursive: true, force: true, maxRetries: 5 });
  });
  writeConfig(cwd, { ...endless, estimators: ['grpo'], seeds: [1, 2, 3, 4], ...changes });
  return cwd;
}

async function queueOf(cwd: string): Promise<Queue> {
  const { stdout, stderr } = await otb(['queue', '--json'], { cwd });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Queue;
}

const seeds = (runs: readonly Listed[]): string => runs.map(({ seed }) => seed).join();
const runsIn = (cwd: string): string => path.join(cwd, '.otb', 'runs');
const begun = (cwd: string): number =>
  readdirSync(runsIn(cwd)).filter((name) => existsSync(path.join(runsIn(cwd), name, 'run.json'))).length;

async function change(cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await otb(['queue', ...args], { cwd });
  assert.equal(code, 0, stderr);
  return stderr;
}

test('otb queue shows what waits and for what, and changes the order, what is in it and how many run at once', async (t) => {
  const cwd = folderOf(t);
  await change(cwd, 'add', 'tiny.otb.json', '--parallel', '1', '--threads', '1');
  const before = await queueOf(cwd);
  assert.deepEqual([seeds(before.running), seeds(before.waiting), before.paused, before.parallel], ['1', '2,3,4', false, null]);
  assert.deepEqual(
    before.waiting.map(({ waits }) => waits),
    ['1st', '2nd', '3rd'].map((place) => `waits for its turn: ${place} of 3, 1 run at once`),
  );
  const { stdout, stderr } = await otb(['queue'], { cwd });
  assert.match(
    stdout,
    /^#  run +directory +state\n +grpo seed 1 +\S+-s1 +active\n1  grpo seed 2 +\S+-s2 +waits for its turn: 1st of 3, 1 run at once\n/,
  );
  assert.match(stderr, /runs: 1 run active, 3 waiting\n$/);

  assert.match(await change(cwd, 'move', 'grpo seed 4', '--first'), /-s4 is number 1 of 3\./);
  assert.match(await change(cwd, 'move', before.waiting[0]?.dir ?? '', '--last'), /-s2 is number 3 of 3\./);
  assert.equal(seeds((await queueOf(cwd)).waiting), '4,3,2');
  await change(cwd, 'move', 's2', '--to', '2');
  assert.match(await change(cwd, 'remove', 's3'), /-s3 will not start\./);
  assert.equal(seeds((await queueOf(cwd)).waiting), '4,2');

  await change(cwd, 'pause');
  await change(cwd, 'parallel', '2');
  const paused = await queueOf(cwd);
  assert.deepEqual([paused.paused, paused.parallel, paused.waiting[0]?.waits], [true, 2, 'the queue is paused']);
  assert.equal(begun(cwd), 1);
  await change(cwd, 'resume');
  await until(() => begun(cwd) === 2);
  await until(() => existsSync(before.waiting[2]?.dir ?? ''));
  const after = await queueOf(cwd);
  assert.deepEqual([seeds(after.running), seeds(after.waiting)], ['1,4', '2']);
  assert.equal(after.waiting[0]?.waits, 'waits for its turn: 1st of 1, 2 runs at once');

  assert.equal((await otb(['stop', runsIn(cwd)], { cwd })).code, 0);
  await change(cwd, 'parallel', 'auto');
  await until(() => !existsSync(path.join(runsIn(cwd), 'queue.json')));
});

test('otb queue is refused what it cannot do, with what to do instead', async (t) => {
  const cwd = folderOf(t);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await otb(['queue', ...args], { cwd });
    assert.equal(code, 2, stderr);
    return stderr;
  };
  assert.match(await refused('pause'), /there is no such folder of runs\. Start a run first, or name another\./);
  await change(cwd, 'add', 'tiny.otb.json', '--parallel', '1');
  assert.match(
    await refused('move', 'grpo', '--first'),
    /"grpo" is in the names of 3 waiting runs: .*-s2, .*-s3, .*-s4\. Give more of the name\./,
  );
  assert.match(await refused('move', 's1', '--first'), /"s1" does not wait: it has begun\. otb stop ends it\./);
  assert.match(await refused('remove', 'nothing'), /no run waits there whose name has "nothing" in it\. See what waits: otb queue\./);
  assert.match(await refused('move', 's2'), /say where to: --to N, --first or --last\./);
  assert.match(await refused('move', 's2', '--to', '2', '--last'), /say where to/);
  assert.match(await refused('parallel', '0'), /expected a number of at least 1, found 0, or auto/);
  assert.match((await otb(['queue', 'serve'], { cwd })).stderr, /standard input holds no plan/);
});

test('a run of another command waits for its turn, says so, and begins when it is', async (t) => {
  const cwd = folderOf(t);
  await change(cwd, 'add', 'tiny.otb.json', '--parallel', '1', '--seed', '1');
  const second = startOtb(['run', 'tiny.otb.json', '--seed', '2', '--seed', '3', '--steps', '3', '--parallel', '1', '--json'], { cwd });
  await second.said(/grpo seed 2: waits for its turn: 1st of 2, 1 run at once\n/);
  await change(cwd, 'pause');
  await second.said(/grpo seed 2: the queue is paused\n/);
  await change(cwd, 'resume');
  const detached = await otb(['run', 'tiny.otb.json', '--seed', '4', '--parallel', '1', '--detach', '--json'], { cwd });
  assert.equal((JSON.parse(detached.stdout) as { waits: string }).waits, 'waits for its turn: 3rd of 3, 1 run at once');
  const [first] = (await queueOf(cwd)).running;
  await otb(['stop', first?.dir ?? ''], { cwd });
  const { code, stdout } = await second.finished;
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { runs: unknown[] }).runs.length, 2);
  await until(() => begun(cwd) === 4);
});

test('what a killed process has left is never started, until somebody goes on with the queue', async (t) => {
  const cwd = folderOf(t);
  const { stdout } = await otb(['queue', 'add', 'tiny.otb.json', '--parallel', '1', '--seed', '1', '--seed', '2', '--json'], { cwd });
  process.kill((JSON.parse(stdout) as { pid: number }).pid, 'SIGKILL');
  const left = await queueOf(cwd);
  assert.deepEqual([seeds(left.running), seeds(left.waiting), seeds(left.lost)], ['1', '', '2']);
  const listed = await otb(['queue'], { cwd });
  assert.match(listed.stdout, /grpo seed 2 +\S+ +never started: the process that was to start it is gone/);
  assert.match(listed.stderr, /1 never started\nStart what never started: otb queue resume\n$/);
  assert.match(await change(cwd, 'resume'), /1 run that had not started left to process \d+\./);
  const again = await queueOf(cwd);
  assert.deepEqual([seeds(again.running), seeds(again.waiting), seeds(again.lost)], ['1', '2', '']);
});

test('resumed runs take their turns in the same queue', async (t) => {
  const cwd = folderOf(t, { seeds: [1, 2] });
  await change(cwd, 'add', 'tiny.otb.json', '--parallel', '1', '--seed', '1');
  const [first] = (await queueOf(cwd)).running;
  const metrics = path.join(first?.dir ?? '', 'metrics.jsonl');
  await until(() => existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > 3);
  await otb(['stop', first?.dir ?? ''], { cwd });
  await change(cwd, 'add', 'tiny.otb.json', '--parallel', '1', '--seed', '2');
  const resumed = startOtb(['resume', first?.dir ?? '', '--parallel', '1'], { cwd });
  await resumed.said(/grpo seed 1: waits for its turn: 1st of 1, 1 run at once\n/);
  const [second] = (await queueOf(cwd)).running;
  assert.equal(second?.seed, 2);
  await otb(['stop', second.dir], { cwd });
  await resumed.said(/started in/);
  assert.equal(seeds((await queueOf(cwd)).running), '1');
  resumed.child.kill('SIGINT');
  await resumed.finished;
  await until(() => !existsSync(path.join(runsIn(cwd), 'queue.json')));
});
