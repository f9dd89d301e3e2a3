import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { formatNamed } from '../../../src/runs/sources/formats.ts';
import { randomFile, randomNumber } from '../columns/randomMetrics.ts';
import { temporaryFolder } from '../exampleRun.ts';
import { Told } from './told.ts';

/** A file as long as those that are read by the shapes of their lines. */
const bigFile = 1 << 20;

/** What is told of a file that is read at one go, and of one that was seen before when it was empty but for its first byte. */
async function bothReadings(format: string, text: string): Promise<readonly [fast: Told, slow: Told]> {
  const folder = temporaryFolder();
  const [fast, slow] = [new Told(), new Told()];
  const whole = path.join(folder, 'run.jsonl');
  writeFileSync(whole, text);
  await formatNamed(format).open({ format, source: whole }, fast).read({ isLast: true });
  const bytes = Buffer.from(text);
  writeFileSync(whole, bytes.subarray(0, 1));
  const reader = formatNamed(format).open({ format, source: whole }, slow);
  await reader.read();
  appendFileSync(whole, bytes.subarray(1));
  await reader.read({ isLast: true });
  return [fast, slow];
}

async function assertSame(format: string, text: string, where: string): Promise<void> {
  assert.ok(Buffer.byteLength(text) >= bigFile, where);
  const [fast, slow] = await bothReadings(format, text);
  assert.deepEqual(fast.malformedLines, slow.malformedLines, where);
  assert.deepEqual([fast.known, fast.ended, fast.notes, fast.lives], [slow.known, slow.ended, slow.notes, slow.lives], where);
  assert.deepEqual(fast.table.keys, slow.table.keys, where);
  assert.deepEqual([...fast.table.records()], [...slow.table.records()], where);
}

/** Lines made one by one until they are a big file. */
function filled(line: (step: number) => string): string {
  let text = '';
  for (let step = 1; text.length < bigFile; step++) text += line(step);
  return text;
}

const oneOf = <T>(random: Random, ...choices: readonly T[]): T => choices[random.integer(choices.length)] as T;

function consoleLine(random: Random, step: number): string {
  const number = () => (random.chance(0.9) ? String(random.uniform() * 10 ** (random.integer(9) - 4)) : randomNumber(random));
  const odd = () =>
    oneOf(
      random,
      'nan',
      'inf',
      '-inf',
      'True',
      'None',
      '',
      'np.float64(nan)',
      `tensor(${number()}, dtype=x)`,
      '1_0',
      `${number()}%`,
      `'${number()}'`,
    );
  const value = () => (random.chance(0.998) ? oneOf(random, number(), `np.float64(${number()})`) : odd());
  const plain = ['actor/grad_norm', 'critic/score/mean', 'val:x/acc/mean@4', 'a (b) - c', 'timing_s/step'];
  const names = random.chance(0.9)
    ? plain
    : [...plain.slice(random.integer(4)), oneOf(random, 'x', 'actor/grad_norm', 'größe', '3', 'step')];
  const at = random.chance(0.98)
    ? String(step)
    : oneOf(random, '007', '1.5', '1e3', '-3', '-0', String(step - 20), '12345678901234567', '', String(step - 1));
  const prefix = random.chance(0.9)
    ? '(TaskRunner pid=1) '
    : oneOf(
        random,
        '',
        '\x1b[36m(TaskRunner pid=1)\x1b[0m ',
        'note 12 (TaskRunner pid=1, ip=10.0.0.1) ',
        'bar  10%|█ | 1/10\r',
        '12:00:01 ',
        'np.x(3) ',
        '(Other pid=2) ',
      );
  const end = random.chance(0.98)
    ? '\n'
    : oneOf(
        random,
        '\r\n',
        '\r\r\n',
        ' [repeated 3x across cluster]\n',
        ' \n',
        ' -\n',
        ` - step:${step} - x:1\n`,
        ` - x:${number()}step:${step} - y:2\n`,
      );
  return `${prefix}step:${at}${names.map((name) => ` - ${name}:${value()}`).join('')}${end}`;
}

function chatter(random: Random): string {
  return oneOf(
    random,
    '\n',
    '(WorkerDict pid=4711) compute_log_prob done\n',
    'Training Progress:  10%|█ | 10/100 [00:01<00:10]\rTraining Progress:  11%|█ | 11/100 [00:01<00:10]\r',
    `Total training steps: ${1 + random.integer(9)}\n`,
    'Final validation metrics: {}\n',
    'Traceback (most recent call last):\n  File "a.py", line 1, in x\nValueError: no\n',
    "{'algorithm': {'adv_estimator': 'grpo'}}\n",
    `${'long '.repeat(830)}\n`,
    `step:${random.integer(99)} - x:1\n`,
  );
}

describe('lines that are read by their shapes', () => {
  it('say in a console log of verl what they say one by one', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new Random(seed);
      const often = oneOf(random, 0, 0.001, 0.2);
      const text = filled((step) => (random.chance(often) ? chatter(random) : '') + consoleLine(random, step));
      await assertSame('verl-console', text + oneOf(random, '', 'step:7 - a:0.5', 'step:9999999 - a:np.float64(0.5)'), `seed ${seed}`);
    }
  });

  it('say what they say one by one where W&B may have cut them off', async () => {
    const random = new Random(3);
    const fields = Array.from({ length: 150 }, (_, index) => ` - metric/number_${index}`);
    const line = (step: number) => `step:${step}${fields.map((name) => `${name}:${random.uniform()}`).join('')}`;
    await assertSame(
      'verl-console',
      filled((step) => `${line(step).slice(0, 4096)}\n`),
      'cut off',
    );
    await assertSame(
      'verl-console',
      filled((step) => `${line(step)}\n`),
      'longer',
    );
    await assertSame(
      'verl-console',
      filled((step) => `${line(step).slice(0, step % 7 === 0 ? 4096 : 4000 + (step % 200))}\n`),
      'both',
    );
  });

  it('say in JSON lines of all kinds what they say one by one', async () => {
    for (const format of ['jsonl', 'verl-jsonl', 'metrics'])
      for (let seed = 1; seed <= 3; seed++) {
        const random = new Random(seed);
        let text = '';
        while (text.length < bigFile) text += randomFile(random, 2000);
        await assertSame(format, text, `${format}, seed ${seed}`);
      }
  });

  it('say in rows of own loops what they say one by one', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new Random(seed);
      const name = oneOf(random, 'step', 'global_step', 'training_iteration', 'current_steps', 'none');
      const clock = oneOf(random, 'time', 'timestamp', 'x');
      const since = oneOf(random, 0, 1.7e9, 1e11 - 2000);
      const value = () =>
        random.chance(0.99) ? randomNumber(random) : oneOf(random, 'null', 'NaN', '"0.5"', '"13%"', 'true', '[1,2]', '{"a":1,"b":{"c":2}}');
      const text = filled((step) => {
        const fields = [
          `"loss":${value()}`,
          `"config":{"lr":${value()}}`,
          `"info":{"kl":${value()},"step":${value()}}`,
          `"hist":[${value()}]`,
        ];
        const shown = random.chance(0.9) ? fields : fields.slice(random.integer(4));
        if (random.chance(0.99)) shown.push(`"${name}":${random.chance(0.99) ? step : value()}`);
        if (random.chance(0.98)) shown.push(`"${clock}":${since + step}`);
        return `{${shown.join(',')}}${oneOf(random, '\n', '\n', '\n', '\r\n')}${random.chance(0.005) ? 'noise\n' : ''}`;
      });
      await assertSame('jsonl', text, `seed ${seed}`);
    }
  });
});
