import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { ExitRecord, RunRecord } from '../../src/core/records/run.ts';
import { packageRoot } from '../../src/cli/packageRoot.ts';
import { otb, startOtb, temporaryFolder, until } from './otb.ts';

const posix = { skip: process.platform === 'win32' };

/**
 * What stands in for Python: it writes into the run directory what `python -m otb_trl RUN_DIR [--resume]` writes there, and says what the
 * environment variable FAKE asks for. That the real one does the same is tested in python/tests.
 */
const standIn = `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
const dir = args.find((argument) => path.isAbsolute(argument));
const { config } = JSON.parse(readFileSync(path.join(dir, 'run.json'), 'utf8'));
const { PYTHONPATH, TRL_EXPERIMENTAL_SILENCE, TOKENIZERS_PARALLELISM, TORCH_ELASTIC_SHUTDOWN_TIMEOUT, CUDA_VISIBLE_DEVICES, FAKE } = process.env;
const env = { PYTHONPATH, TRL_EXPERIMENTAL_SILENCE, TOKENIZERS_PARALLELISM, TORCH_ELASTIC_SHUTDOWN_TIMEOUT, CUDA_VISIBLE_DEVICES };
appendFileSync('started.jsonl', JSON.stringify({ args, env }) + '\\n');
const traceback = 'Traceback (most recent call last):\\n  File "/x/otb_trl/runner.py", line 40, in train\\n    trainer.train()\\n';
if (FAKE !== undefined) {
  console.error(traceback + FAKE);
  process.exit(1);
}
let stopped = false;
process.on('SIGINT', () => (stopped = true));
const checkpoints = path.join(dir, 'checkpoints');
const save = (step) => {
  mkdirSync(path.join(checkpoints, 'checkpoint-' + step));
  appendFileSync(path.join(dir, 'events.jsonl'), JSON.stringify({ type: 'checkpoint', step, time: Date.now() / 1000, data: {} }) + '\\n');
};
const from = args.includes('--resume') ? Math.max(...readdirSync(checkpoints).map((name) => Number(name.split('-')[1]))) : 0;
const train = async () => {
  for (let step = from + 1; step <= config.steps && !stopped; step++) {
    const data = {
      'actor/grad_norm': 0.5 + 0.01 * (step % 3),
      'critic/score/mean': step === 2 ? 'NaN' : 0.25,
      'estimator/rloo/total_power': 1.5,
    };
    appendFileSync(path.join(dir, 'trainer.jsonl'), JSON.stringify({ step, time: Date.now() / 1000, data }) + '\\n');
    if (step === 1) writeFileSync(path.join(dir, 'rollouts', 'step-000001.jsonl'), '{"sequence":0,"group":0,"reward":1}\\n');
    console.log('step ' + step + '/' + config.steps);
    const request = path.join(dir, 'control', 'checkpoint');
    if (existsSync(request)) {
      save(step);
      rmSync(request);
    }
    await new Promise((resolve) => setTimeout(resolve, config.steps > 100 ? 20 : 1));
    if (stopped) save(step);
  }
};
train();
`;

interface Ran {
  readonly runs: readonly {
    readonly dir: string;
    readonly process: string;
    readonly steps: number;
    readonly state: string;
    readonly message: string | null;
  }[];
}

/** A folder with a config of trainer "trl", and the Python that runs take. */
function workspace(t: TestContext, config: Readonly<Record<string, unknown>> = {}): { readonly cwd: string; readonly python: string } {
  const cwd = temporaryFolder(t);
  const python = path.join(cwd, 'env', 'bin', 'python');
  mkdirSync(path.dirname(python), { recursive: true });
  writeFileSync(python, standIn);
  chmodSync(python, 0o755);
  writeFileSync(path.join(cwd, 'sums.jsonl'), '{"prompt":"1 + 1 =","answer":"2"}\n');
  const whole = { name: 'a', trainer: 'trl', estimators: ['grpo'], seeds: [1], steps: 6, model: 'tiny', dataset: 'sums.jsonl', ...config };
  writeFileSync(path.join(cwd, 'a.otb.json'), JSON.stringify({ reward: 'number', ...whole }));
  return { cwd, python };
}

/** The directory of a run that goes on by itself, and has taken some steps. */
async function startedRun({ cwd, python }: ReturnType<typeof workspace>): Promise<string> {
  assert.equal((await otb(['run', 'a.otb.json', '--detach', '--python', python], { cwd })).code, 0);
  const folder = path.join(cwd, '.otb', 'runs');
  const [id = ''] = readdirSync(folder).filter((name) => name.endsWith('-s1'));
  const dir = path.join(folder, id);
  await until(() => steps(dir).length > 3);
  return dir;
}

async function run({ cwd, python }: ReturnType<typeof workspace>, env: Readonly<Record<string, string>> = {}): Promise<Ran['runs']> {
  const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json', '--python', python], { cwd, env });
  assert.notEqual(stdout, '', stderr);
  return (JSON.parse(stdout) as Ran).runs;
}

const read = (dir: string, name: string): string => readFileSync(path.join(dir, name), 'utf8');
/** The whole lines of a file, which may grow meanwhile. */
const lines = <Line>(dir: string, name: string): readonly Line[] =>
  read(dir, name)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const steps = (dir: string): readonly number[] =>
  existsSync(path.join(dir, 'metrics.jsonl')) ? lines<{ step: number }>(dir, 'metrics.jsonl').map(({ step }) => step) : [];
const exitOf = (dir: string): ExitRecord => JSON.parse(read(dir, 'exit.json')) as ExitRecord;
const startsIn = (cwd: string) => lines<{ args: readonly string[]; env: Readonly<Record<string, string>> }>(cwd, 'started.jsonl');
const pythonFolder = path.join(packageRoot(), 'python');

test('a run of TRL logs what our package writes, from the environment that this needs', posix, async (t) => {
  const made = workspace(t);
  const [ran] = await run(made, { PYTHONPATH: '/mine', CUDA_VISIBLE_DEVICES: '3,5' });
  assert.ok(ran);
  assert.deepEqual([ran.process, ran.steps, exitOf(ran.dir).message], ['finished', 6, 'The training has ended after step 6.']);
  assert.deepEqual(steps(ran.dir), [1, 2, 3, 4, 5, 6]);
  const [, second] = lines<{ data: Readonly<Record<string, unknown>> }>(ran.dir, 'metrics.jsonl');
  assert.deepEqual(second?.data, { 'actor/grad_norm': 0.52, 'critic/score/mean': 'NaN', 'estimator/rloo/total_power': 1.5 });
  const [start] = startsIn(made.cwd);
  assert.deepEqual(start?.args, ['-m', 'otb_trl', ran.dir]);
  assert.deepEqual(start?.env, {
    PYTHONPATH: `${pythonFolder}:/mine`,
    TRL_EXPERIMENTAL_SILENCE: '1',
    TOKENIZERS_PARALLELISM: 'false',
    TORCH_ELASTIC_SHUTDOWN_TIMEOUT: '300',
    // A single process takes a single GPU.
    CUDA_VISIBLE_DEVICES: '3',
  });
  const inspected = await otb(['inspect', ran.dir, '--json'], { cwd: made.cwd });
  const { runs } = JSON.parse(inspected.stdout) as { runs: readonly Record<string, unknown>[] };
  assert.deepEqual(
    ['gradNormKey', 'scoreKey', 'lastStep', 'malformedLines'].map((key) => runs[0]?.[key]),
    ['actor/grad_norm', 'critic/score/mean', 6, 0],
  );
});

test('a run of TRL is stopped after its step, and resumed from its checkpoint', posix, async (t) => {
  const made = workspace(t, { steps: 100_000 });
  const { cwd, python } = made;
  const dir = await startedRun(made);
  writeFileSync(path.join(dir, 'control', 'checkpoint'), '');
  await until(() => !existsSync(path.join(dir, 'control', 'checkpoint')));
  assert.equal((await otb(['stop', dir], { cwd })).code, 0);
  assert.equal(exitOf(dir).reason, 'stopped');
  assert.match(exitOf(dir).message, /^Stopped on request after step \d+\.$/);
  const before = steps(dir);
  const saved = lines<{ type: string; step: number }>(dir, 'events.jsonl').filter(({ type }) => type === 'checkpoint');
  assert.equal(saved.at(-1)?.step, before.at(-1));

  const resumed = startOtb(['resume', dir, '--python', python], { cwd });
  await until(() => steps(dir).length > before.length + 3);
  assert.equal((await otb(['stop', dir], { cwd })).code, 0);
  await resumed.finished;
  const last = before.at(-1) ?? 0;
  assert.deepEqual(steps(dir).slice(0, before.length + 2), [...before, last + 1, last + 2]);
  assert.deepEqual(startsIn(cwd)[1]?.args, ['-m', 'otb_trl', dir, '--resume']);
});

test('a run of TRL that fails says what is wrong and what to do, and its traceback is in a file that is named', posix, async (t) => {
  const made = workspace(t);
  const failing = async (said: string): Promise<{ readonly message: string; readonly stderr: string; readonly dir: string }> => {
    const { stdout, stderr } = await otb(['run', 'a.otb.json', '--json', '--python', made.python], { cwd: made.cwd, env: { FAKE: said } });
    const [ran] = (JSON.parse(stdout) as Ran).runs;
    assert.equal(ran?.process, 'failed');
    return { message: exitOf(ran.dir).message, stderr, dir: ran.dir };
  };
  const sentence = 'The model tiny is neither a folder nor on the Hub. Write the path of a folder, or a name such as "Qwen/Qwen3-0.6B".';
  const { message, stderr, dir } = await failing(`otb_trl.errors.OTBError: ${sentence}`);
  assert.equal(message, sentence);
  const log = path.join(dir, 'stderr.log');
  assert.ok(stderr.includes(`${sentence} See ${log}`), stderr);
  assert.match(readFileSync(log, 'utf8'), /^Traceback \(most recent call last\):\n {2}File/);
  const install = `Install it into the Python that trains: ${made.python} -m pip install "trl>=1.16"`;
  assert.equal((await failing("ModuleNotFoundError: No module named 'trl'")).message, `The Python module trl is not installed. ${install}`);
});

test('a run of TRL whose Python is not there says how to choose one', posix, async (t) => {
  const made = workspace(t);
  const [ran] = await run({ ...made, python: path.join(made.cwd, 'none', 'python') });
  assert.match(ran?.message ?? '', /^The Python .*none\/python is not there\. Install Python 3\.11 or newer, or choose another one/);
});

test('a supervisor that is killed takes the training along, and loses no step of it', posix, async (t) => {
  const made = workspace(t, { steps: 100_000 });
  const dir = await startedRun(made);
  process.kill((JSON.parse(read(dir, 'run.json')) as RunRecord).pid, 'SIGKILL');
  await until(() => existsSync(path.join(dir, 'exit.json')) && read(dir, 'exit.json') !== '');
  assert.match(exitOf(dir).message, /was killed/);
  assert.deepEqual(
    steps(dir),
    lines<{ step: number }>(dir, 'trainer.jsonl').map(({ step }) => step),
  );
});

test('several GPUs for a run are several processes, which accelerate starts', posix, async (t) => {
  const made = workspace(t, { gpus: [0, 1], gpusPerRun: 2 });
  const bin = path.dirname(made.python);
  const header =
    'index, uuid, name, driver_version, utilization.gpu, memory.used, memory.total, power.draw, temperature.gpu, display_active';
  const rows = [0, 1].map((index) => `${index}, GPU-${index}, H100, 550.54.15, 0, 4, 81559, 70, 31, Disabled`);
  writeFileSync(path.join(made.cwd, 'gpus.csv'), [header, ...rows, ''].join('\n'));
  writeFileSync(
    path.join(bin, 'nvidia-smi'),
    `#!/bin/sh\ncase "$1" in --query-gpu=*) exec cat "${made.cwd}/gpus.csv";; *) echo "gpu_uuid, pid, used_gpu_memory, process_name";; esac\n`,
  );
  chmodSync(path.join(bin, 'nvidia-smi'), 0o755);
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, OTB_GPU_LEASES_DIR: path.join(made.cwd, 'leases') };
  const [ran] = await run(made, env);
  assert.equal(ran?.process, 'finished', ran?.message ?? '');
  const [start] = startsIn(made.cwd);
  assert.deepEqual(start?.args.slice(0, 4), ['-m', 'accelerate.commands.launch', '--num_processes', '2']);
  assert.deepEqual(start?.args.slice(-3), ['-m', 'otb_trl', ran.dir]);
  assert.equal(start?.env['CUDA_VISIBLE_DEVICES'], '0,1');
});
