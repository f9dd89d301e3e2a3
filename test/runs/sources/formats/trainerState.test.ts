import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findRuns } from '../../../../src/runs/sources/findRuns.ts';
import { formatNamed } from '../../../../src/runs/sources/formats.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

const states = [
  ['hf-nan', 'trainer_state.json'],
  ['hf-no-tqdm', 'trainer_state.json'],
  ['hf-resumed', 'trainer_state.json'],
  ['hf-resumed', 'trainer_state-resumed.json'],
  ['hf-resumed', 'trainer_state-at-checkpoint.json'],
  ['trl-grpo', 'trainer_state.json'],
  ['trl-rloo', 'trainer_state.json'],
] as const;

for (const [folder, file] of states)
  test(`${folder}/${file} reads as its producer reads it, to the last digit`, async () => {
    const { metrics, malformedLines, place } = await readSource(await onlyPlace(path.join(producers, folder, file)));
    assert.equal(place.format, 'trainer-state');
    assert.equal(malformedLines, 0);
    assertHolds(metrics, readReference(`${folder}/reference.csv`, file));
  });

test('a state at its last step is that of a finished run, one before it is not', async () => {
  const whole = await readSource(await onlyPlace(path.join(producers, 'hf-resumed/trainer_state.json')));
  assert.deepEqual([whole.facts.plannedSteps, whole.end?.state], [30, 'finished']);
  const partial = await readSource(await onlyPlace(path.join(producers, 'hf-resumed/trainer_state-at-checkpoint.json')));
  assert.deepEqual([partial.facts.plannedSteps, partial.end], [30, undefined]);
});

test('the states of an output directory and of its checkpoints are one run, read from the one of the latest step', async (t) => {
  const out = temporaryFolder(t);
  writeState(path.join(out, 'checkpoint-9/trainer_state.json'), { global_step: 9 }, rows(9));
  writeState(path.join(out, 'checkpoint-10/trainer_state.json'), { global_step: 10 }, rows(10));
  const place = await onlyPlace(out);
  assert.equal(place.source, out);
  assert.deepEqual(await onlyPlace(path.join(out, 'checkpoint-9/trainer_state.json')), place);

  const told = new Told();
  const reader = formatNamed(place.format).open(place, told);
  await reader.read();
  assert.equal(told.steps.at(-1), 10);
  writeState(path.join(out, 'trainer_state.json'), { global_step: 12, max_steps: 12 }, rows(12));
  await reader.read();
  assert.equal(told.resets, 0);
  assert.deepEqual(
    told.steps,
    Array.from({ length: 12 }, (_, row) => row + 1),
  );
  assert.equal(told.ended?.state, 'finished');
});

test('a state that is written anew with the same rows and more tells only what is new', async (t) => {
  const file = path.join(temporaryFolder(t), 'trainer_state.json');
  writeState(file, { global_step: 3 }, rows(3));
  const told = new Told();
  const reader = formatNamed('trainer-state').open({ format: 'trainer-state', source: file }, told);
  await reader.read();
  writeState(file, { global_step: 5 }, rows(5));
  await reader.read();
  await reader.read();
  assert.deepEqual([told.steps, told.resets], [[1, 2, 3, 4, 5], 0]);
  writeState(file, { global_step: 2 }, rows(2, 0.5));
  await reader.read();
  assert.deepEqual([told.steps, told.resets], [[1, 2], 1]);
  rmSync(file);
  await reader.read();
  assert.deepEqual([told.steps, told.resets], [[], 2]);
});

test('a state that is read while it is being written keeps what there was, until somebody reads it for the last time', async (t) => {
  const file = path.join(temporaryFolder(t), 'trainer_state.json');
  writeState(file, { global_step: 3 }, rows(3));
  const told = new Told();
  const reader = formatNamed('trainer-state').open({ format: 'trainer-state', source: file }, told);
  await reader.read();
  writeState(file, { global_step: 4 }, rows(4));
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 40);
  await reader.read();
  assert.deepEqual([told.steps, told.malformedLines.length], [[1, 2, 3], 0]);
  await reader.read({ isLast: true });
  assert.match(told.malformedLines[0]?.why ?? '', /not a whole JSON document/);
  writeFileSync(file, whole);
  await reader.read();
  assert.deepEqual(told.steps, [1, 2, 3, 4]);
});

test('evaluations join the step that they are of; a second training in the same state is the run, and the first one is told', async (t) => {
  const file = path.join(temporaryFolder(t), 'trainer_state.json');
  const sft = [1, 2, 3].map((step) => ({ step, loss: 3 - step, grad_norm: 1 }));
  const rl = [
    { step: 1, reward: 0.25, grad_norm: 0.5, epoch: 0.5 },
    { step: 1, eval_reward: 0.75, epoch: 0.5 },
    { step: 2, reward: '0.5', 'global_step/max_steps': '2/40', percentage: '5%', grad_norm: 'nan' },
    { reward: 1 },
  ];
  writeState(file, { global_step: 2 }, [...sft, ...rl]);
  const { metrics, lives, malformed, warnings } = await readSource(await onlyPlace(file));
  assert.deepEqual(lives, [
    { firstStep: 1, lastStep: 3, steps: 3 },
    { firstStep: 1, lastStep: 2, steps: 2 },
  ]);
  assert.deepEqual([...(metrics.series('eval_reward')?.values ?? [])], [0.75]);
  assert.deepEqual([...(metrics.series('reward')?.values ?? [])], [0.25, 0.5]);
  assert.deepEqual(metrics.keys.toSorted(), ['epoch', 'eval_reward', 'grad_norm', 'reward']);
  assert.ok(!warnings.some((sentence) => sentence.includes('written again')));
  assert.deepEqual(malformed, [{ line: 1, why: 'row 7 of "log_history" has no step' }]);
});

async function onlyPlace(file: string) {
  const { places } = await findRuns(file);
  assert.equal(places.length, 1);
  return places[0] as (typeof places)[number];
}

function rows(count: number, loss = 1) {
  return Array.from({ length: count }, (_, row) => ({ step: row + 1, loss, grad_norm: row / 10 }));
}

function writeState(file: string, state: Readonly<Record<string, unknown>>, log_history: readonly unknown[]) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...state, log_history }));
}

function temporaryFolder(t: { after(callback: () => void): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otb-state-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
