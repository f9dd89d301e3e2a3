import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { ExitRecord, RunRecord } from '../../src/core/records/run.ts';
import { otb, startOtb, temporaryFolder, until } from './otb.ts';

/** Prints what verl prints, and does what it is told: `node train.mjs ESTIMATOR SEED STEPS PAUSE_MS [--from STEP] [--crash STEP]`. */
const program = `
const [estimator, seed, steps, pause, ...more] = process.argv.slice(2);
const option = (name, fallback) => (more.includes(name) ? Number(more[more.indexOf(name) + 1]) : fallback);
process.on('SIGINT', () => { console.log('writing a checkpoint'); process.exit(0); });
console.error('a word on standard error, \\u001b[31mred\\u001b[0m');
for (let step = option('--from', 0) + 1; step <= Number(steps); step++) {
  const since = estimator === 'grpo' ? Math.max(0, step - 60) : 0;
  const norm = (0.5 + 0.05 * Math.sin(7 * step)) * Math.exp(Math.min(7, since * 0.15));
  const score = Math.min(1, step / 80) * Math.exp(-since / 15);
  console.log('step:' + step + ' - actor/grad_norm:' + norm + ' - critic/score/mean:' + score);
  if (step === option('--crash', 0)) throw new Error('the batch is empty');
  if (Number(pause) > 0) await new Promise((resolve) => setTimeout(resolve, Number(pause)));
}
`;

interface Ran {
  readonly runs: readonly {
    readonly dir: string;
    readonly estimator: string;
    readonly steps: number;
    readonly state: string;
    readonly process: string;
    readonly onsetStep: number | null;
    readonly message: string | null;
  }[];
}

function workspace(t: TestContext, config: Readonly<Record<string, unknown>> = {}): string {
  const cwd = temporaryFolder(t);
  writeFileSync(path.join(cwd, 'train.mjs'), program);
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '150', '0'];
  writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify({ name: 'a', trainer: 'command', estimators: ['grpo'], command, ...config }));
  return cwd;
}

async function run(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran['runs']> {
  const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json', ...args], { cwd, env });
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as Ran).runs;
}

function runDirs(cwd: string): readonly string[] {
  const folder = path.join(cwd, '.otb', 'runs');
  return (existsSync(folder) ? readdirSync(folder) : []).filter((name) => /-s\d+$/.test(name)).map((name) => path.join(folder, name));
}

const read = (dir: string, name: string): string => readFileSync(path.join(dir, name), 'utf8');
const exitOf = (dir: string): ExitRecord => JSON.parse(read(dir, 'exit.json')) as ExitRecord;
const steps = (dir: string): readonly number[] =>
  read(dir, 'metrics.jsonl')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { step: number }).step);

test('a program is a run for each estimator and seed: its metrics, its collapse, its output and its end', async (t) => {
  const cwd = workspace(t, { estimators: ['grpo', 'optimal_token_baseline'], seeds: [1, 2] });
  const runs = await run(cwd);
  assert.deepEqual(
    runs.map(({ estimator, steps: taken, state, process }) => [estimator, taken, state, process]),
    [
      ['grpo', 150, 'collapsed', 'finished'],
      ['grpo', 150, 'collapsed', 'finished'],
      ['optimal_token_baseline', 150, 'healthy', 'finished'],
      ['optimal_token_baseline', 150, 'healthy', 'finished'],
    ],
  );
  const [first] = runs;
  assert.ok(first?.onsetStep !== null && first !== undefined && first.onsetStep > 60 && first.onsetStep < 75);
  assert.match(read(first.dir, 'stdout.log'), /^step:1 - actor/);
  assert.equal(read(first.dir, 'stderr.log'), 'a word on standard error, \u001b[31mred\u001b[0m\n');
  assert.equal(read(first.dir, 'console.log').split('\n').length, 152);
  assert.deepEqual(exitOf(first.dir).message, 'The command has ended after step 150.');
  const inspected = JSON.parse((await otb(['inspect', first.dir, '--json'], { cwd })).stdout) as {
    runs: { gradNormKey: string; scoreKey: string }[];
  };
  assert.deepEqual([inspected.runs[0]?.gradNormKey, inspected.runs[0]?.scoreKey], ['actor/grad_norm', 'critic/score/mean']);
  const record = JSON.parse(read(first.dir, 'run.json')) as RunRecord;
  assert.deepEqual(record.command, [process.execPath, 'train.mjs', 'grpo', '1', '150', '0']);
});

test('a program whose config says so is stopped at its collapse, by SIGINT', async (t) => {
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '100000', '5'];
  const cwd = workspace(t, { onCollapse: 'stop', command });
  const [ran] = await run(cwd);
  assert.ok(ran);
  assert.equal(exitOf(ran.dir).reason, 'collapsed');
  assert.match(read(ran.dir, 'stdout.log'), /writing a checkpoint\n$/);
  assert.ok(ran.steps < 200);
});

test('a program that is stopped is resumed with the arguments that its config has for that', async (t) => {
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '100000', '5', '${resume}'];
  const cwd = workspace(t, { estimators: ['opo'], command, resume: ['--from', '1000'] });
  assert.equal((await otb(['run', 'a.otb.json', '--detach'], { cwd })).code, 0);
  const [dir = ''] = runDirs(cwd);
  await until(() => existsSync(path.join(dir, 'metrics.jsonl')) && steps(dir).length > 3);
  assert.equal((await otb(['stop', dir], { cwd })).code, 0);
  assert.equal(exitOf(dir).reason, 'stopped');
  assert.match(exitOf(dir).message, /^Stopped on request after step \d+\.$/);
  const before = steps(dir);
  const resumed = startOtb(['resume', dir], { cwd });
  await until(() => steps(dir).length > before.length + 3);
  assert.equal((await otb(['stop', dir], { cwd })).code, 0);
  await resumed.finished;
  assert.deepEqual(steps(dir).slice(0, before.length + 2), [...before, 1001, 1002]);
  assert.match(read(dir, 'console.log'), /^(?:a word .*\n)?step:1001 /);
});

test('a program that cannot be resumed says what its config lacks', async (t) => {
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '20', '0', '--crash', '7'];
  const cwd = workspace(t, { command });
  const [ran] = await run(cwd);
  assert.ok(ran);
  assert.match(ran.message ?? '', /^The command ended with exit code 1 at step 7: Error: the batch is empty\.$/);
  const { code, stderr } = await otb(['resume', ran.dir], { cwd });
  assert.notEqual(code, 0);
  assert.match(stderr, /cannot be resumed: its config does not say how\. Add "resume"/);
});

test('metrics come from the files that a program writes, and not from those that were there before', async (t) => {
  const writer = `
    import { appendFileSync, mkdirSync } from 'node:fs';
    mkdirSync('logs', { recursive: true });
    for (let step = 1; step <= 30; step++) {
      appendFileSync('logs/' + process.argv[2] + '.jsonl', JSON.stringify({ step, data: { 'actor/grad_norm': 0.5, 'critic/score/mean': step } }) + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }`;
  const metrics = { from: 'files', path: 'logs' };
  const cwd = workspace(t, { command: [process.execPath, 'write.mjs', '${estimator}'], metrics });
  writeFileSync(path.join(cwd, 'write.mjs'), writer);
  mkdirSync(path.join(cwd, 'logs'));
  writeFileSync(path.join(cwd, 'logs', 'old.jsonl'), '{"step": 7, "data": {"actor/grad_norm": 9, "critic/score/mean": 9}}\n'.repeat(3));
  const [ran] = await run(cwd);
  assert.ok(ran);
  assert.deepEqual(
    steps(ran.dir),
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  assert.doesNotMatch(read(ran.dir, 'metrics.jsonl'), /"actor\/grad_norm":9/);
});

test('the environment of a program is the own one, the file and the config, and no secret is written down', async (t) => {
  const print = `
    const { A, B, C, OUTER, MY_TOKEN, OTB_ESTIMATOR, OTB_SEED, PWD } = process.env;
    console.log([A, B, C, OUTER, OTB_ESTIMATOR, OTB_SEED, process.cwd()].join('|'));
    console.log('the token is ' + MY_TOKEN + ' and ' + process.argv[2]);`;
  const cwd = workspace(t, {
    command: [process.execPath, 'print.mjs', '--token=\${env:MY_TOKEN}'],
    cwd: 'sub',
    env: { A: 'a of \${estimator}', B: '\${env:OUTER}' },
    envFile: '.env',
  });
  mkdirSync(path.join(cwd, 'sub'));
  writeFileSync(path.join(cwd, 'sub', 'print.mjs'), print);
  writeFileSync(path.join(cwd, 'sub', '.env'), 'A=of the file\nC="of the file"\n# a remark\n');
  const secret = 'hf_0123456789abcdef';
  const [ran] = await run(cwd, [], { OUTER: 'outer', MY_TOKEN: secret });
  assert.ok(ran);
  assert.match(
    read(ran.dir, 'stdout.log'),
    /^a of grpo\|outer\|of the file\|outer\|grpo\|1\|.*[\\/]sub\nthe token is \*\*\* and --token=\*\*\*\n$/,
  );
  for (const name of readdirSync(ran.dir, { recursive: true }).map(String)) {
    if (!/\.(?:json|jsonl|log)$/.test(name)) continue;
    assert.doesNotMatch(read(ran.dir, name), new RegExp(secret), name);
  }
  assert.match(read(ran.dir, 'run.json'), /\$\{env:MY_TOKEN\}/);
});

test('a program that does not begin says why and what to do', async (t) => {
  const failing = async (config: Readonly<Record<string, unknown>>): Promise<string> => {
    const cwd = workspace(t, config);
    writeFileSync(path.join(cwd, 'plain.sh'), '#!/bin/sh\necho hello\n');
    chmodSync(path.join(cwd, 'plain.sh'), 0o644);
    const [ran] = await run(cwd);
    return `${ran?.process}: ${ran?.message}`;
  };
  assert.match(await failing({ command: ['no-such-program-here'] }), /^failed: .*no-such-program-here.* PATH/);
  assert.match(await failing({ command: ['./plain.sh'] }), /^failed: .*chmod/);
  assert.match(await failing({ cwd: 'nowhere' }), /^failed: The working directory .*nowhere is not there\. Make it/);
  assert.match(await failing({ env: { A: '\${env:NOT_SET_ANYWHERE}' } }), /^failed: The environment variable NOT_SET_ANYWHERE is not set/);
  assert.match(await failing({ envFile: 'none.env' }), /^failed: .*none\.env.*"envFile"/);
  assert.match(
    await failing({ command: [process.execPath, '-e', 'console.log("hello")'] }),
    /^finished: .*nothing in the 6 B that it printed/,
  );
});

test('a supervisor that is killed takes its program along, and loses no step that was printed', async (t) => {
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '100000', '20'];
  const cwd = workspace(t, { estimators: ['opo'], command, stop: { interruptSeconds: 0, terminateSeconds: 1 } });
  assert.equal((await otb(['run', 'a.otb.json', '--detach'], { cwd })).code, 0);
  const [dir = ''] = runDirs(cwd);
  await until(() => existsSync(path.join(dir, 'metrics.jsonl')) && steps(dir).length > 10);
  process.kill((JSON.parse(read(dir, 'run.json')) as RunRecord).pid, 'SIGKILL');
  await until(() => existsSync(path.join(dir, 'exit.json')) && read(dir, 'exit.json') !== '');
  assert.match(exitOf(dir).message, /^The process that watched the command was killed, so the command was ended too, after step \d+\.$/);
  const printed = read(dir, 'console.log').matchAll(/^step:(\d+) .*\n/gm);
  assert.deepEqual(
    steps(dir),
    Array.from(printed, ([, step]) => Number(step)),
  );
  // What has ended the command goes a moment after it has said so.
  const running = new RegExp(`${cwd}|train.mjs opo 1 100000 20`);
  if (process.platform !== 'win32') await until(() => !running.test(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })));
});

test('a secret stands in no sentence about a run, also where the program itself is named by it', async (t) => {
  const secret = 'sekret-ABCDEFGH-12345678';
  const cwd = workspace(t, { command: ['/nope/${env:LOOKUP_TOKEN}'] });
  const [ran] = await run(cwd, [], { LOOKUP_TOKEN: secret });
  assert.ok(ran);
  assert.match(ran.message ?? '', /\/nope\/\*\*\*/);
  for (const name of ['exit.json', 'events.jsonl', 'run.json']) assert.ok(!read(ran.dir, name).includes(secret), name);
});

test('the runs of a folder are no logs of the program that writes into the same folder', async (t) => {
  const writer = `import { appendFileSync } from 'node:fs';
    for (let step = 1; step <= 5; step++) appendFileSync('log.jsonl', JSON.stringify({ step, data: { 'actor/grad_norm': 0.5 } }) + '\\n');`;
  const cwd = workspace(t, { command: [process.execPath, 'write.mjs'], metrics: { from: 'files', path: '.' }, seeds: [1, 2] });
  writeFileSync(path.join(cwd, 'write.mjs'), writer);
  const runs = await run(cwd);
  assert.deepEqual(
    runs.map(({ process: state }) => state),
    ['finished', 'finished'],
  );
});

test('a progress bar on standard error, drawn anew around each step, tells of the step before it', async (t) => {
  const train = `
    const bar = (step) => process.stderr.write('\\r ' + step + '/6 [00:01<00:05,  1.00it/s]');
    for (let step = 1; step <= 6; step++) {
      bar(step);
      process.stderr.write('\\r' + ' '.repeat(40) + '\\r');
      console.log("{'loss': 0.1, 'grad_norm': 0.3, 'reward': " + step / 10 + ", 'epoch': " + step / 6 + "}");
      bar(step);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }`;
  const cwd = workspace(t, { command: [process.execPath, 'hf.mjs'] });
  writeFileSync(path.join(cwd, 'hf.mjs'), train);
  const [ran] = await run(cwd);
  assert.ok(ran);
  assert.deepEqual(steps(ran.dir), [1, 2, 3, 4, 5, 6]);
});

test('a run that two commands resume at once goes on once', async (t) => {
  const command = [process.execPath, 'train.mjs', '${estimator}', '${seed}', '100000', '5', '${resume}'];
  const cwd = workspace(t, { estimators: ['opo'], command, resume: [] });
  assert.equal((await otb(['run', 'a.otb.json', '--detach'], { cwd })).code, 0);
  const [dir = ''] = runDirs(cwd);
  await until(() => existsSync(path.join(dir, 'metrics.jsonl')) && steps(dir).length > 3);
  await otb(['stop', dir], { cwd });
  const before = steps(dir).length;
  const both = [startOtb(['resume', dir], { cwd }), startOtb(['resume', dir], { cwd })];
  await until(() => steps(dir).length > before + 20);
  await otb(['stop', dir], { cwd });
  await Promise.all(both.map(({ finished }) => finished));
  assert.equal(exitOf(dir).reason, 'stopped');
  assert.equal(read(dir, 'events.jsonl').match(/"type":"started"/g)?.length, 2);
});
