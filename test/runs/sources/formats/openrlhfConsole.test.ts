import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { formatNamed } from '../../../../src/runs/sources/formats.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

for (const console of ['console-driver.log', 'console-ray.log'])
  test(`${console} of OpenRLHF has its steps and evaluations to the last digit, by their printed names`, async () => {
    const source = path.join(producers, 'openrlhf', console);
    assert.equal((await formatOf(source))?.name, 'openrlhf-console');
    const told = await read(source);
    assert.deepEqual(told.malformedLines, []);
    // The reference has evaluations under the names that the trackers give them.
    const reference = [...readReference('openrlhf/reference.csv')].map(([key, values]) => [key.replace(/^eval\//, ''), values] as const);
    assertHolds(told.table, new Map(reference));
  });

test('a growing console tells the same as the whole one', async (t) => {
  const whole = readFileSync(path.join(producers, 'openrlhf/console-ray.log'));
  const file = logOf(t, '');
  const told = new Told();
  const reader = formatNamed('openrlhf-console').open({ format: 'openrlhf-console', source: file }, told);
  for (let at = 0; at < whole.length; at += 999) {
    appendFileSync(file, whole.subarray(at, at + 999));
    await reader.read();
  }
  await reader.read({ isLast: true });
  assertHolds(told.table, tableOf(await read(path.join(producers, 'openrlhf/console-ray.log'))));
});

test('what asynchronous training and a replay log is read as well, and an evaluation without its step is not', async (t) => {
  const file = logOf(
    t,
    "Global step 1: {'policy_loss': 0.5, 'actor_grad_norm': nan}\n" +
      "Async evaluation completed: {'eval_a_pass1': 0.25}\nEval at step 1: {'eval_a_pass1': 0.25}\n" +
      "INFO 11-27 20:54:18 ppo_trainer.py:551] ✨ Global step 2 [replay]: {'policy_loss': inf, 'info': None, 'list': ['{']}\n",
  );
  const { table } = await read(file);
  assert.deepEqual([...table.steps], [1, 2]);
  assert.deepEqual([...(table.series('policy_loss')?.values ?? [])], [0.5, Infinity]);
  assert.deepEqual([...(table.series('actor_grad_norm')?.values ?? [])], [Number.NaN]);
  assert.deepEqual([...(table.series('eval_a_pass1')?.steps ?? [])], [1]);
});

test('a sample that looks like the beginning of a dict does not swallow the step behind it', async (t) => {
  const sample = "INFO 11-27 20:54:18 ppo_trainer.py:220] Sample: ['{'loss': 1, {'a': 2, ', 0.5]\n";
  const told = await read(logOf(t, `${sample}INFO 11-27 20:54:18 ppo_trainer.py:551] ✨ Global step 1: {'reward': 0.5}\n`));
  assert.deepEqual([told.table.keys, told.steps, told.malformedLines], [['reward'], [1], []]);
});

test('a dict that W&B cut off in a value keeps the others, and the value is told', async (t) => {
  const line = `✨ Global step 1: {'reward': 0.5, 'actor_grad_norm': 0.25, ${Array.from({ length: 400 }, (_, row) => `'m${row}': 0.125`).join(', ')}`;
  const told = await read(logOf(t, `${line.slice(0, 4096)}\n✨ Global step 2: {'reward': 1.5, 'actor_grad_norm': 0.5}\n`));
  assert.deepEqual([...(told.table.series('actor_grad_norm')?.values ?? [])], [0.25, 0.5]);
  assert.deepEqual(
    told.malformedLines.map(({ line: number }) => number),
    [1],
  );
});

test('the error of the process that logs is that of the run, unless more steps follow', async (t) => {
  const error = 'Traceback (most recent call last):\n  File "a.py", line 1\nRuntimeError: CUDA out of memory\n';
  const file = logOf(t, `(PPOTrainer pid=1) ✨ Global step 1: {'reward': 0.5}\n`);
  const byWorker = error.replaceAll(/^/gm, '(RolloutRayActor pid=2) ');
  appendFileSync(file, byWorker);
  assert.equal((await read(file)).ended, undefined);
  appendFileSync(file, error.replaceAll(/^/gm, '(PPOTrainer pid=1) '));
  assert.deepEqual((await read(file)).ended, { state: 'failed', message: 'RuntimeError: CUDA out of memory' });
  appendFileSync(file, `(PPOTrainer pid=1) ✨ Global step 2: {'reward': 0.5}\n`);
  assert.equal((await read(file)).ended, undefined);
});

async function read(source: string): Promise<Told> {
  const told = new Told();
  await formatNamed('openrlhf-console').open({ format: 'openrlhf-console', source }, told).read({ isLast: true });
  return told;
}

function tableOf({ table }: Told): ReadonlyMap<string, ReadonlyMap<number, number>> {
  return new Map(
    table.keys.map((key) => {
      const { steps = new Float64Array(), values = new Float64Array() } = table.series(key) ?? {};
      return [key, new Map(Array.from(steps, (step, row) => [step, values[row] as number]))];
    }),
  );
}

function logOf(t: { after(callback: () => void): void }, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-openrlhf-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'train.log');
  writeFileSync(file, text);
  return file;
}
