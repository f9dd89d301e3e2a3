import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { Told } from '../told.ts';

describe('a console of SkyRL', () => {
  // As loguru and pprint write it.
  const step = (number: number, norm: string) =>
    `2026-08-21 18:02:38.123 | INFO     | skyrl.train.utils.tracking:log:148 - Step ${number}: \n` +
    `{'generate/avg_num_tokens': '181.2500',\n 'loss/avg_kl': 'nan',\n 'policy/grad_norm': '${norm}',\n 'trainer/epoch': 0,\n 'trainer/done': False}\n`;
  const expected = { 'generate/avg_num_tokens': 181.25, 'loss/avg_kl': Number.NaN, 'policy/grad_norm': 0.31, 'trainer/epoch': 0 };

  test('has the dict that is spread over the lines behind each step', async (t) => {
    const told = await read(
      t,
      `${step(1, '0.2500')}Training Batches Processed:   2%|▏  | 1/50 [00:12<10:00]${step(2, '0.3100')}`,
      'skyrl-console',
    );
    assert.deepEqual([told.steps, told.malformedLines], [[1, 2], []]);
    assert.deepEqual(rowOf(told, 1), expected);
  });

  test('is the same by way of Ray, with lines of other processes between', async (t) => {
    const lines = step(7, '0.3100').trimEnd().split('\n');
    const text = lines.map((line) => `\x1b[36m(skyrl_entrypoint pid=12)\x1b[0m ${line}\n(Worker pid=9) {'a': 1}\n`).join('');
    const told = await read(t, text, 'skyrl-console');
    assert.deepEqual([told.steps, told.malformedLines], [[7], []]);
    assert.deepEqual(rowOf(told, 0), expected);
  });
});

describe('a console of slime', () => {
  test('has what is logged of updates, rollouts and evaluations', async (t) => {
    const told = await read(
      t,
      "(RolloutManager pid=1) [2026-08-21 17:14:19] rollout_metrics.py:268 - perf 0: {'rollout/response_len/mean': 200.5, 'rollout/truncated_ratio': 0.0}\n" +
        "(MegatronTrainRayActor pid=2) [2026-08-21 17:14:20] train_metric_utils.py:135 - rollout 0: {'rollout/raw_reward': 0.25}\n" +
        "(MegatronTrainRayActor pid=2) [2026-08-21 17:14:21] model.py:918 - step 0: {'train/loss': 1e-05, 'train/grad_norm': 0.31, 'train/step': 0}\n" +
        "(RolloutManager pid=1) [2026-08-21 17:14:30] rollout_metrics.py:247 - eval 1: {'eval/aime': 0.125}\n" +
        "(RolloutManager pid=1) [2026-08-21 17:14:30] rollout.py:99 - engine 3: {'port': 3000}\n",
      'slime-console',
    );
    assert.deepEqual([told.steps, told.malformedLines], [[0, 1], []]);
    assert.deepEqual(rowOf(told, 0), {
      'rollout/response_len/mean': 200.5,
      'rollout/truncated_ratio': 0,
      'rollout/raw_reward': 0.25,
      'train/loss': 1e-5,
      'train/grad_norm': 0.31,
      'train/step': 0,
    });
    assert.deepEqual(rowOf(told, 1), { 'eval/aime': 0.125 });
  });
});

describe('a console of prime-rl', () => {
  const line =
    '\x1b[2m12:00:00\x1b[0m SUCCESS Step 3 |   1.23s | Loss -0.0123 | Entropy 0.5000 | Mismatch KL nan | Grad. Norm 0.3100 | LR 1.00e-06 | Throughput 900 tokens/s | MFU 12.3% | Peak Mem. 41.5 GiB\n';

  test('has the numbers of the trainer and of the orchestrator, and no percentages', async (t) => {
    const orchestrator =
      '12:00:01 SUCCESS [orchestrator] Step 3 |   1m 2s | Reward 0.2500 | Trainable 3/4 (75.0%) | Turns 1.0 | Error 0.0% | Truncation 1.5%\n' +
      '12:00:02 SUCCESS Evaluated aime (Step 3) | Policy v3 |   9.00s | Reward 0.5000 | Turns 1.0\n';
    const told = await read(t, line + orchestrator, 'prime-rl-console');
    assert.deepEqual(told.steps, [3]);
    assert.deepEqual(rowOf(told, 0), {
      Loss: -0.0123,
      Entropy: 0.5,
      'Mismatch KL': Number.NaN,
      'Grad. Norm': 0.31,
      LR: 1e-6,
      Throughput: 900,
      'Peak Mem.': 41.5,
      Reward: 0.25,
      Turns: 1,
    });
  });

  test('loses of a line that the file ends in the value that may lack digits', async (t) => {
    const told = await read(t, line + line.replace('Step 3', 'Step 4').split(' | LR')[0], 'prime-rl-console');
    assert.deepEqual([...(told.table.series('Grad. Norm')?.steps ?? [])], [3]);
    assert.deepEqual([...(told.table.series('Mismatch KL')?.steps ?? [])], [3, 4]);
  });
});

describe('a console of NeMo-RL', () => {
  const bar = '='.repeat(25);
  const step = (at: number, of: number, reward: string, more = '') =>
    `\n${bar} Step ${at}/${of} ${bar}\n▶ Preparing batch...\n${more}\n📊 Training Results:\n  • Loss: 0.0123\n  • Generation KL Error: nan\n` +
    `  • Avg Reward: ${reward}\n  • Mean Generation Length: 181.2500\n\n⏱️  Timing:\n  • Total step time: 1.23s\n  • generation: 0.50s (40.7%)\n`;
  const validation = (at: number) =>
    `▶ Starting validation at step ${at}...\n\n📊 Validation Results:\n    • Accuracy: 0.5000\n    • Average response length: 150.5 tokens\n    • Samples processed: 64\n\n  ⏱️  Validation Timing:\n    • Total validation time: 3.00s\n`;

  test('has the results of each step and validation, through its epochs', async (t) => {
    const text = `🔍 Running initial validation...\n${validation(0)}\n${bar} Epoch 1/2 ${bar}\n${step(1, 2, '0.1250')}${step(2, 2, '0.2500', validation(2))}\n${bar} Epoch 2/2 ${bar}\n${step(1, 2, '0.3750')}`;
    const told = await read(t, text, 'nemo-rl-console');
    assert.deepEqual(told.steps, [0, 1, 2, 3]);
    const results = { Loss: 0.0123, 'Generation KL Error': Number.NaN, 'Mean Generation Length': 181.25 };
    const validated = { Accuracy: 0.5, 'Average response length': 150.5, 'Samples processed': 64 };
    assert.deepEqual(rowOf(told, 0), validated);
    assert.deepEqual(rowOf(told, 1), { ...results, 'Avg Reward': 0.125 });
    assert.deepEqual(rowOf(told, 2), { ...results, ...validated, 'Avg Reward': 0.25 });
    assert.deepEqual(rowOf(told, 3), { ...results, 'Avg Reward': 0.375 });
  });

  test('that goes on in a later epoch counts the steps of those before', async (t) => {
    const told = await read(t, `\n${bar} Epoch 3/4 ${bar}\n${step(5, 62, '0.1250')}`, 'nemo-rl-console');
    assert.deepEqual(told.steps, [129]);
  });
});

async function read(t: { after(callback: () => void): void }, text: string, format: string): Promise<Told> {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-consoles-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const source = path.join(folder, 'train.log');
  writeFileSync(source, text);
  const found = await formatOf(source);
  assert.equal(found?.name, format);
  const told = new Told();
  await found.open({ format, source }, told).read({ isLast: true });
  return told;
}

/** The values of a row by metric. */
function rowOf({ table }: Told, row: number): Record<string, number> {
  const step = table.steps[row] as number;
  const data: Record<string, number> = {};
  for (const key of table.keys) {
    const { steps = new Float64Array(), values = new Float64Array() } = table.series(key) ?? {};
    const at = steps.indexOf(step);
    if (at >= 0) data[key] = values[at] as number;
  }
  return data;
}
