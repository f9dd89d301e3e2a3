import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { MetricTable } from '../../../../src/core/records/metricTable.ts';
import { formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { formatNamed } from '../../../../src/runs/sources/formats.ts';
import { producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

/** Consoles, and the state of the trainer that wrote them. */
const consoles = [
  ['hf-nan', 'console.log', 'trainer_state.json', []],
  ['hf-no-tqdm', 'console.log', 'trainer_state.json', []],
  ['hf-resumed', 'console.log', 'trainer_state-resumed.json', []],
  ['trl-grpo', 'console.log', 'trainer_state.json', []],
  // The state is that of another run with the same seed: only its times differ.
  ['trl-rloo', 'console.log', 'trainer_state.json', ['step_time', 'train_runtime', 'train_samples_per_second', 'train_steps_per_second']],
  ['trl-rloo', 'console-piped.log', 'trainer_state-piped.json', []],
] as const;

for (const [folder, file, state, apart] of consoles)
  test(`${folder}/${file} has the steps of the trainer's state, and its values as they are printed`, async () => {
    const source = path.join(producers, folder, file);
    assert.equal((await formatOf(source))?.name, 'hf-console');
    const told = await read(source);
    assert.deepEqual(told.malformedLines, []);
    assert.equal(told.ended?.state, 'finished');
    const reference = readReference(`${folder}/reference.csv`, state);
    // What the trainer does not print.
    const keys = [...reference.keys()].filter((key) => key !== 'total_flos').toSorted();
    assert.deepEqual(told.table.keys.toSorted(), keys);
    for (const key of keys) {
      if ((apart as readonly string[]).includes(key)) continue;
      const expected = [...(reference.get(key) ?? [])].toSorted(([a], [b]) => a - b);
      const printed = valuesOf(told.table, key);
      assert.deepEqual(
        printed.map(([step]) => step),
        expected.map(([step]) => step),
        key,
      );
      for (const [row, [step, value]] of expected.entries())
        assert.ok(isRounded(printed[row]?.[1], value), `${key} at step ${step}: ${printed[row]?.[1]} for ${value}`);
    }
  });

test('the number of steps is that of the progress bar of the training, not of an evaluation or of a map', async (t) => {
  const text = [
    'Map: 100%|██████████| 400/400 [00:00<00:00, 5000.00 examples/s]',
    '\r  0%|          | 0/60 [00:00<?, ?it/s]',
    '\r  8%|▊         | 5/60 [00:01<00:07]\n          \r{"no": 1}',
    "\r{'loss': 0.5, 'grad_norm': 1.5, 'epoch': 0.1}\n\r  8%|▊         | 5/60 [00:01<00:07]",
    '\n\r  0%|          | 0/4 [00:00<?, ?it/s]\x1b[A\n\r 75%|███████▌  | 3/4 [00:00<00:00]\x1b[A',
    "\r{'eval_loss': 0.25, 'eval_runtime': 1.5, 'epoch': 0.1}\n\r 100%|██████████| 4/4 [00:00<00:00]\x1b[A\r  8%|▊         | 5/60 [00:01<00:07]",
    "\r{'loss': 0.4, 'grad_norm': 1.25, 'epoch': 0.2}\n\r 17%|█▋        | 10/60 [00:02<00:07]\n",
  ].join('');
  const told = await read(logOf(t, text));
  assert.deepEqual(valuesOf(told.table, 'grad_norm'), [
    [5, 1.5],
    [10, 1.25],
  ]);
  assert.deepEqual(valuesOf(told.table, 'eval_loss'), [[5, 0.25]]);
  assert.equal(told.known.plannedSteps, 60);
});

test('dicts that were held back on their way to a file are counted, in strides that the bars behind them tell', async (t) => {
  let text = '\r  0%|          | 0/100 [00:00<?, ?it/s]';
  // A buffer holds three dicts; the fourth sends them off.
  for (let step = 1; step <= 100; step++) {
    text += `\r ${step}%|█         | ${step}/100 [00:01<00:07]`;
    if (step % 5 !== 0) continue;
    const row = step / 5;
    if (row % 4 === 0) for (let held = row - 3; held < row; held++) text += `{'loss': ${held}, 'grad_norm': 0.5}\n`;
    if (row % 4 === 0) text += `{'loss': ${row}, 'grad_norm': 0.5}\n`;
    text += `\r ${step}%|█         | ${step}/100 [00:01<00:07]`;
  }
  for (const end of [text.length, text.indexOf('39/100'), text.indexOf('77/100')]) {
    const told = await read(logOf(t, text.slice(0, end)));
    const rows = told.steps.length;
    assert.deepEqual(
      valuesOf(told.table, 'loss'),
      Array.from({ length: rows }, (_, row) => [5 * (row + 1), row + 1]),
    );
    assert.equal(rows, end === text.length ? 20 : end < text.length / 2 ? 4 : 12);
  }
});

test('a program without a bar has its dicts counted, until the summary tells how many steps lie between them', async (t) => {
  const rows = [1, 2, 3].map((row) => `{'loss': ${row}, 'grad_norm': 0.5, 'learning_rate': 1e-05, 'epoch': ${row / 4}}\n`);
  const file = logOf(t, rows.join(''));
  const told = new Told();
  const reader = formatNamed('hf-console').open({ format: 'hf-console', source: file }, told);
  await reader.read();
  assert.deepEqual(told.steps, [1, 2, 3]);
  appendFileSync(
    file,
    "{'train_runtime': 10.0, 'train_samples_per_second': 2.0, 'train_steps_per_second': 3.2, 'train_loss': 2.0, 'epoch': 0.8}\n",
  );
  await reader.read();
  // 32 steps in 0.8 epochs, hence 10 in each quarter.
  assert.deepEqual([told.steps, told.resets, told.ended?.state], [[10, 20, 30], 1, 'finished']);
  appendFileSync(file, "{'loss': 9, 'grad_norm': 0.5, 'epoch': 0.25}\n");
  await reader.read({ isLast: true });
  assert.deepEqual([told.steps, told.ended], [[1], undefined]);
});

test('a dict that a terminal broke within keys and numbers is whole, also with a bar between', async (t) => {
  const dict = "{'loss': -0.0, 'grad_norm': 0.16944053769111633, 'rewards/f/mean': -2.25, 'reward': -2.9749999046325684, 'epoch': 0.0}";
  for (const width of [7, 20, 40, 61]) {
    const wrap = (text: string) => text.replaceAll(new RegExp(`.{1,${width}}`, 'g'), '$&\n');
    const broken = wrap(dict).replace('\n', '\n  0%|    | 0/2 [00:00<?, ?it/s]\n');
    const told = await read(logOf(t, `\r  0%|    | 0/2 [00:00<?, ?it/s]\n${broken}${wrap(dict.replace('-2.97', '-1.97'))}`));
    assert.deepEqual(valuesOf(told.table, 'reward'), [
      [1, -2.9749999046325684],
      [2, -1.9749999046325684],
    ]);
    assert.deepEqual(
      valuesOf(told.table, 'grad_norm').map(([, value]) => value),
      [0.16944053769111633, 0.16944053769111633],
    );
  }
});

test('the numbers of Python are read in whatever they are wrapped, and what is no number is left out', async (t) => {
  const values = `{'loss': np.float64(0.25), 'grad_norm': tensor(0.5, device='cuda:0'), 'kl': nan, 'reward': -inf, 'lr': '1e-05', 'none': None, 'nested': {'a': 1}, 'list': [1, 2], 'epoch': '0.1'}`;
  const told = await read(logOf(t, `${values}\n`));
  const row = Object.fromEntries(told.table.keys.map((key) => [key, valuesOf(told.table, key)[0]?.[1]]));
  assert.deepEqual(row, { loss: 0.25, grad_norm: 0.5, kl: Number.NaN, reward: -Infinity, lr: 1e-5, epoch: 0.1 });
});

test("a dict gives its own step where it has one, and the rest of ms-swift's words is no metric", async (t) => {
  const swift = `{'loss': 0.5, 'grad_norm': 0.3, 'memory(GiB)': 12.5, 'epoch': 0.01, 'global_step/max_steps': '5/3766', 'percentage': '0.13%', 'elapsed_time': '1m 3s'}`;
  const own = `wandb: WARNING (Dropping entry: {'loss': 0.25, 'reward': 1.5, 'global_step': 8, '_timestamp': 1749501757.5}).`;
  const told = await read(logOf(t, `Train:   0%|    | 5/3766 [00:10<2:00:00]\n${swift}\n${own}\n`));
  assert.deepEqual(valuesOf(told.table, 'loss'), [
    [5, 0.5],
    [8, 0.25],
  ]);
  assert.deepEqual(told.table.keys.toSorted(), ['epoch', 'grad_norm', 'loss', 'memory(GiB)', 'reward']);
  assert.equal(told.table.times[1], 1749501757.5);
  assert.equal(told.known.plannedSteps, 3766);
});

test('a dict that is cut off keeps its whole values, and which one is not is told', async (t) => {
  const told = await read(
    logOf(t, "start\n{'loss': 0.5, 'grad_norm': 0.25, 'reward': 0.\n{'loss': 0.25, 'grad_norm': 0.125, 'reward': 1.0}\n"),
  );
  assert.deepEqual(valuesOf(told.table, 'grad_norm'), [
    [1, 0.25],
    [2, 0.125],
  ]);
  assert.deepEqual(valuesOf(told.table, 'reward'), [[2, 1]]);
  assert.deepEqual(told.malformedLines, [{ line: 2, why: 'the value of reward is cut off' }]);
});

test('dicts that are none of a trainer are passed over', async (t) => {
  const file = logOf(t, "config: {'top_k': 20, 'top_p': 0.95}\n{'a': {'b': [1, {'c'\n{'text': 'don't'}\n");
  assert.equal(await formatOf(file), undefined);
  assert.deepEqual([(await read(file)).steps, (await read(file)).malformedLines], [[], []]);
});

test('a log is recognised by its records, however much the program printed before them', async (t) => {
  const chatter = 'INFO loading a part of the model\n'.repeat(10_000);
  const step = "{'loss': 0.5, 'grad_norm': 0.25, 'epoch': 0.1}\n";
  assert.equal(await formatOf(logOf(t, chatter)), undefined);
  assert.equal((await formatOf(logOf(t, chatter + step)))?.name, 'hf-console');
  assert.equal((await formatOf(logOf(t, `${chatter}INFO step:1 - actor/grad_norm:0.25 - critic/score/mean:0.5\n`)))?.name, 'verl-console');
});

test('a growing log tells the same as the whole one, wherever it is read', async (t) => {
  const whole = readFileSync(path.join(producers, 'hf-resumed/console.log'));
  const file = logOf(t, '');
  const told = new Told();
  const reader = formatNamed('hf-console').open({ format: 'hf-console', source: file }, told);
  for (let at = 0; at < whole.length; at += 1777) {
    appendFileSync(file, whole.subarray(at, at + 1777));
    await reader.read();
  }
  await reader.read({ isLast: true });
  const once = await read(path.join(producers, 'hf-resumed/console.log'));
  assert.deepEqual(told.steps, once.steps);
  for (const key of once.table.keys) assert.deepEqual(valuesOf(told.table, key), valuesOf(once.table, key), key);
});

/** Whether a value is another one to four digits; Python rounds 13.625 to the even 13.62. */
function isRounded(printed = Number.NaN, value: number): boolean {
  if (Object.is(printed, value)) return true;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  return Math.abs(printed - value) <= 0.500001 * unit;
}

async function read(source: string): Promise<Told> {
  const told = new Told();
  await formatNamed('hf-console').open({ format: 'hf-console', source }, told).read({ isLast: true });
  return told;
}

function valuesOf(table: MetricTable, key: string): [number, number][] {
  const { steps = new Float64Array(), values = new Float64Array() } = table.series(key) ?? {};
  return Array.from(steps, (step, row) => [step, values[row] as number]);
}

function logOf(t: { after(callback: () => void): void }, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-hf-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'train.log');
  writeFileSync(file, text);
  return file;
}
