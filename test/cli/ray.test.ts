import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { ExitRecord, RunRecord } from '../../src/core/records/run.ts';
import { headWithJobs } from '../runs/ray/fakeJobs.ts';
import type { FakeHead } from '../runs/ray/fakeHead.ts';
import { otb, startOtb, temporaryFolder, until } from './otb.ts';

const token = 'ray-token-0123456789abcdef';

/** Prints what verl prints: `node train.mjs ESTIMATOR STEPS PAUSE_MS [FROM]`. */
const program = `
const [estimator, steps, pause, from = '0'] = process.argv.slice(2);
for (let step = Number(from) + 1; step <= Number(steps); step++) {
  const since = estimator === 'grpo' ? Math.max(0, step - 60) : 0;
  const norm = (0.5 + 0.05 * Math.sin(7 * step)) * Math.exp(Math.min(7, since * 0.15));
  console.log('step:' + step + ' - actor/grad_norm:' + norm + ' - critic/score/mean:' + Math.min(1, step / 80) * Math.exp(-since / 15));
  if (Number(pause) > 0) await new Promise((resolve) => setTimeout(resolve, Number(pause)));
}
`;

interface Cluster {
  readonly cwd: string;
  readonly head: FakeHead;
  /** Runs \`otb\` where the token is known. */
  readonly env: Readonly<Record<string, string>>;
}

async function cluster(t: TestContext, config: Readonly<Record<string, unknown>>): Promise<Cluster> {
  const cwd = temporaryFolder(t);
  const head = await headWithJobs(token);
  writeFileSync(path.join(cwd, 'train.mjs'), program);
  const whole = { name: 'a', trainer: 'ray', address: head.url, estimators: ['grpo'], runtimeEnv: { working_dir: '.' }, ...config };
  writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify(whole));
  return { cwd, head, env: { RAY_AUTH_TOKEN: token } };
}

const training = (steps: number, pause: number) => [
  process.execPath,
  'train.mjs',
  '${estimator}',
  String(steps),
  String(pause),
  '${resume}',
];
const read = (dir: string, name: string): string => readFileSync(path.join(dir, name), 'utf8');
const exitOf = (dir: string): ExitRecord => JSON.parse(read(dir, 'exit.json')) as ExitRecord;
const to = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);

function steps(dir: string): readonly number[] {
  const file = path.join(dir, 'metrics.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { step: number }).step);
}

async function detached({ cwd, env }: Cluster): Promise<string> {
  const { code, stderr } = await otb(['run', 'a.otb.json', '--detach'], { cwd, env });
  assert.equal(code, 0, stderr);
  const folder = path.join(cwd, '.otb', 'runs');
  const name = readdirSync(folder).find((each) => /-s\d+$/.test(each)) ?? '';
  return path.join(folder, name);
}

test('jobs of a Ray cluster are runs like all others, with their collapse, and the token is written nowhere', async (t) => {
  const { cwd, head, env } = await cluster(t, { estimators: ['grpo', 'optimal_token_baseline'], command: training(150, 0) });
  const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json'], { cwd, env });
  const { runs } = JSON.parse(stdout) as { runs: { dir: string; estimator: string; steps: number; state: string; process: string }[] };
  assert.deepEqual(
    runs.map((run) => [run.estimator, run.steps, run.state, run.process]),
    [
      ['grpo', 150, 'collapsed', 'finished'],
      ['optimal_token_baseline', 150, 'healthy', 'finished'],
    ],
    stderr,
  );
  for (const { dir } of runs) {
    assert.deepEqual(steps(dir), to(150));
    assert.equal((JSON.parse(read(dir, 'run.json')) as RunRecord).engine, 'ray');
    assert.equal(exitOf(dir).message, 'The command has ended after step 150.');
    for (const name of readdirSync(dir, { recursive: true }).map(String)) {
      if (/\.\w+$/.test(name)) assert.doesNotMatch(read(dir, name), new RegExp(token), name);
    }
  }
  assert.doesNotMatch(stdout + stderr, new RegExp(token));
  assert.equal(head.jobs.size, 2);
});

test('a job is stopped at its collapse where the config says so', async (t) => {
  const { cwd, head, env } = await cluster(t, { onCollapse: 'stop', command: training(100_000, 5) });
  await otb(['run', 'a.otb.json'], { cwd, env });
  const [[id, job] = ['none']] = [...head.jobs];
  assert.ok(head.stopped.has(id));
  assert.equal(job?.info['status'], 'STOPPED');
});

test('a run whose supervisor was killed finds its job again, which has gone on, and tells each step once', async (t) => {
  const whole = await cluster(t, { estimators: ['opo'], command: training(150, 50), resume: ['1000'] });
  const dir = await detached(whole);
  await until(() => steps(dir).length > 10);
  process.kill((JSON.parse(read(dir, 'run.json')) as RunRecord).pid, 'SIGKILL');
  const { cwd, env, head } = whole;
  const { code, stderr } = await otb(['resume', dir], { cwd, env });
  assert.equal(code, 0, stderr);
  assert.deepEqual(steps(dir), to(150));
  assert.equal([...read(dir, 'stdout.log').matchAll(/^step:/gm)].length, 150);
  assert.equal(exitOf(dir).reason, 'completed');
  assert.equal(head.jobs.size, 1);
});

test('a run that is stopped is submitted anew when it is resumed, with the arguments for that', async (t) => {
  const whole = await cluster(t, { estimators: ['opo'], command: training(100_000, 20), resume: ['5000'] });
  const { cwd, env, head } = whole;
  const dir = await detached(whole);
  await until(() => steps(dir).length > 3);
  assert.equal((await otb(['stop', dir], { cwd, env })).code, 0);
  assert.equal(exitOf(dir).reason, 'stopped');
  const resumed = startOtb(['resume', dir], { cwd, env });
  await until(() => steps(dir).includes(5003));
  assert.equal((await otb(['stop', dir], { cwd, env })).code, 0);
  await resumed.finished;
  assert.equal(head.jobs.size, 2);
});

test('a cluster that is not there, or wants a token, says what to do', async (t) => {
  const whole = await cluster(t, { command: training(1, 0) });
  const messageOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json'], { cwd: whole.cwd, env });
    return (JSON.parse(stdout) as { runs: { message: string | null }[] }).runs[0]?.message ?? stderr;
  };
  assert.match(
    await messageOf({ RAY_AUTH_MODE: 'disabled' }),
    /wants a token\. Set RAY_AUTH_TOKEN to the token of the cluster, or RAY_AUTH_TOKEN_PATH/,
  );
  await whole.head.leave();
  assert.match(await messageOf(whole.env), /cannot be reached: nothing listens there\. The "address" in the config says so/);
});
