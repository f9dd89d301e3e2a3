import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { verlConsole } from '../../../../src/runs/sources/formats/verlConsole.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import type { SourceContents } from '../../../../src/runs/sources/readSource.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

function written(text: string): string {
  const file = path.join(temporaryFolder(), 'train.log');
  writeFileSync(file, text);
  return file;
}

const readFile = (source: string) => readSource({ format: 'verl-console', source });
const read = (text: string) => readFile(written(text));

/** Steps with their values, by metric. */
function valuesOf({ metrics }: SourceContents): Record<string, Record<number, number>> {
  const series = metrics.keys.map((key) => [key, metrics.series(key)] as const);
  return Object.fromEntries(
    series.map(([key, all]) => [key, Object.fromEntries(Array.from(all?.steps ?? [], (step, row) => [step, all?.values[row]]))]),
  ) as Record<string, Record<number, number>>;
}

/** A config as verl prints it, with a text that pprint breaks. */
const config = [
  "{'actor_rollout_ref': {'actor': {'grad_clip': 1.0,",
  "                                 'optim': {'betas': [0.9, 0.999],",
  "                                           'clip_grad': 0.5,",
  "                                           'lr': 1e-06},",
  "                                 'strategy': 'fsdp2'},",
  "                       'hybrid_engine': True},",
  " 'algorithm': {'adv_estimator': 'optimal_token_baseline',",
  "               'norm_adv_by_std_in_grpo': True},",
  " 'data': {'prompt': 'it\\'s a long text of more than one line that '",
  "                    'goes on: {[',",
  "          'seed': None},",
  " 'trainer': {'experiment_name': 'qwen3-8b',",
  "             'logger': ['console', 'file'],",
  "             'project_name': 'gsm8k',",
  "             'seed': 7,",
  "             'total_training_steps': None}}",
];

describe('console logs of verl', () => {
  it('are read to the last digit as verl wrote them to a terminal, with its progress bar, and by way of Ray', async () => {
    for (const name of ['verl-console', 'verl-ray']) {
      const file = path.join(producers, name, 'console.log');
      assert.equal((await formatOf(file))?.name, 'verl-console');
      const contents = await readFile(file);
      assertHolds(contents.metrics, readReference(`${name}/reference.csv`));
      assert.deepEqual([contents.malformedLines, contents.lives.length], [0, 1]);
    }
  });

  it('are the same however they grow', async () => {
    const bytes = readFileSync(path.join(producers, 'verl-ray', 'console.log'));
    const file = written('');
    const told = new Told();
    const reader = verlConsole.open({ format: 'verl-console', source: file }, told);
    for (let at = 0; at < bytes.length; at += 997) {
      appendFileSync(file, bytes.subarray(at, at + 997));
      await reader.read();
    }
    assertHolds(told.table, readReference('verl-ray/reference.csv'));
    assert.deepEqual([told.malformedLines.length, told.resets], [0, 0]);
  });

  it('have names with colons and separators, several records in a line, and values of all kinds', async () => {
    const contents = await read(
      [
        '(TaskRunner pid=1) step:0 - val-core/a:b/acc/mean@4:np.float64(0.5)',
        'bar 5%|▌ | 1/20 [00:01<00:20]step:1 - a:0.25 - b - c:np.float32(1e-05) - loss:nan - n:np.int64(3) - on:True step:2 - a:inf',
        'step:3 - a:-infstep:4 - a:1 - training/global_step:7',
        'saved global_step:5 - a:9',
        '',
      ].join('\n'),
    );
    assert.deepEqual(valuesOf(contents), {
      'val-core/a:b/acc/mean@4': { 0: 0.5 },
      a: { 1: 0.25, 2: Infinity, 4: 1, 3: -Infinity },
      'b - c': { 1: 1e-5 },
      loss: { 1: Number.NaN },
      n: { 1: 3 },
      'training/global_step': { 4: 7 },
    });
    assert.equal(contents.malformedLines, 0);
  });

  it('lose the field within which W&B cut a line off, and no more; it is told', async () => {
    const fill = (text: string, length = 4096) => text.slice(0, length);
    const fields = Array.from({ length: 400 }, (_, index) => `m/${index}:np.float64(0.${index}5)`).join(' - ');
    const long = `step:1 - ${fields}`;
    const plain = `step:2 - ${Array.from({ length: 400 }, (_, index) => `metric/${index}:0.123456`).join(' - ')}`;
    const contents = await read(`${fill(long)}\n${fill(plain)}\nstep:3 - m/0:0.5\n`);
    const whole = (text: string) => fill(text).split(' - ').length - 2;
    assert.deepEqual(
      [...contents.metrics.records()].map(({ data }) => Object.keys(data).length),
      [whole(long), whole(plain), 1],
    );
    assert.deepEqual(
      contents.malformed.map(({ line }) => line),
      [1, 2],
    );
    assert.match(contents.malformed[0]?.why ?? '', /cut off at 4,096 characters/);
    assert.equal((await read(`${long}\n`)).malformedLines, 0);
  });

  it('tell values that are no numbers', async () => {
    const contents = await read('step:1 - a:0.5 - b:0.5INFO noise\nstep:2 - a:1\n');
    assert.deepEqual(valuesOf(contents), { a: { 1: 0.5, 2: 1 } });
    assert.deepEqual(contents.malformed, [{ line: 1, why: 'the value of "b:0.5INFO noise" is not a number' }]);
  });

  it('that end within a line for good give the fields that are certain', async () => {
    assert.deepEqual(valuesOf(await read('step:1 - a:0.5\nstep:2 - a:1.5 - b:0.12')), { a: { 1: 0.5, 2: 1.5 } });
    assert.deepEqual(valuesOf(await read('step:1 - a:0.5 - b:np.float64(0.12)')), { a: { 1: 0.5 }, b: { 1: 0.12 } });
  });

  it('know the config that verl printed, also where lines of other processes stand between', async () => {
    const prefixed = config.flatMap((line) => [`\u001b[36m(TaskRunner pid=9)\u001b[0m ${line}`, '(WorkerDict pid=10)  {"noise": ']);
    const noisy = config.flatMap((line) => [line, 'INFO noise']);
    for (const lines of [config, noisy, prefixed]) {
      const { facts } = await read([...lines, 'Total training steps: 300', 'step:1 - a:0.5', ''].join('\n'));
      const { parameters, ...others } = facts;
      assert.deepEqual(others, {
        name: 'qwen3-8b',
        group: 'gsm8k',
        estimator: 'optimal_token_baseline',
        seed: 7,
        plannedSteps: 300,
        maxGradNorm: 0.5,
      });
      assert.equal(parameters?.['data.prompt'], "it's a long text of more than one line that goes on: {[");
      assert.equal(parameters?.['actor_rollout_ref.actor.optim.lr'], 1e-6);
      assert.equal(parameters?.['trainer.logger'], '["console","file"]');
      assert.equal(parameters?.['data.seed'], null);
    }
  });

  it('are recognised by the config before there is a step', async () => {
    assert.equal((await formatOf(written(config.join('\n'))))?.name, 'verl-console');
    assert.equal(await formatOf(written('some text\nabout step:1 of something\n')), undefined);
  });

  it('have ended where verl says so or an error goes on to the top, unless steps follow', async () => {
    const step = 'step:1 - a:0.5\n';
    const error =
      'Traceback (most recent call last):\n  File "x.py", line 1\nray.exceptions.RayTaskError(ValueError): ray::TaskRunner.run() (pid=1)\n' +
      '  File "y.py", line 2\nValueError: bad reward\n\nSet HYDRA_FULL_ERROR=1\n';
    assert.deepEqual((await read(`${step}'Final validation metrics: None'\n`)).end, { state: 'finished', message: '' });
    assert.deepEqual((await read(`${step}("Final validation metrics: {'a': "\n`)).end?.state, 'finished');
    assert.deepEqual((await read(step + error)).end, { state: 'failed', message: 'ValueError: bad reward' });
    assert.equal((await read(error + step)).end, undefined);
    const ofWorker = 'Traceback (most recent call last):\nValueError: retried'.replaceAll(/^/gm, '(WorkerDict pid=3) ');
    assert.equal((await read(`(TaskRunner pid=1) ${step}${ofWorker}\n`)).end, undefined);
  });

  it('that begin anew have the newest run, and several lives', async () => {
    const lines = [1, 2, 3, 1, 2].map((step, index) => `step:${step} - actor/grad_norm:${index}\n`);
    const contents = await read(lines.join(''));
    assert.deepEqual(
      contents.lives.map(({ lastStep }) => lastStep),
      [3, 2],
    );
    assert.deepEqual(valuesOf(contents), { 'actor/grad_norm': { 1: 3, 2: 4 } });
  });
});
