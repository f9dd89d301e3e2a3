import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { formatNamed } from '../../../../src/runs/sources/formats.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import type { SourceContents } from '../../../../src/runs/sources/readSource.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

function written(text: string, name = 'log.jsonl'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

async function read(file: string): Promise<SourceContents> {
  const format = await formatOf(file);
  assert.ok(format, `${path.basename(file)} is not recognized`);
  return readSource({ format: format.name, source: file });
}

const ofProducer = (file: string) => read(path.join(producers, file));
const lines = (...rows: readonly unknown[]) => rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');

/** Values by metric and step. */
function valuesOf({ metrics }: Pick<SourceContents, 'metrics'>): Record<string, Record<number, number>> {
  return Object.fromEntries(
    metrics.keys.map((key) => {
      const { steps = new Float64Array(), values = new Float64Array() } = metrics.series(key) ?? {};
      return [key, Object.fromEntries(Array.from(steps, (step, row) => [step, values[row] as number]))];
    }),
  );
}

const valuesIn = async (text: string, name?: string) => valuesOf(await read(written(text, name)));

describe('JSON lines of verl’s file logger', () => {
  it('hold what was logged, null as the NaN that it stands for', async () => {
    const { place, metrics, malformedLines, facts } = await ofProducer('verl-file/otb/grpo-s51.jsonl');
    assert.equal(place.format, 'verl-jsonl');
    assertHolds(metrics, readReference('verl-file/reference.csv'));
    assert.equal(malformedLines, 0);
    assert.equal(facts.name, 'grpo-s51');
  });

  it('have their step beside the data, where a metric may be called step as well', async () => {
    const row = (step: number) => ({ step, data: { step: step * 10, time: 5, loss: step / 4 } });
    assert.deepEqual(await valuesIn(lines(row(1), row(2))), { step: { 1: 10, 2: 20 }, time: { 1: 5, 2: 5 }, loss: { 1: 0.25, 2: 0.5 } });
  });

  it('that cannot be read are told by their numbers; a last one that is not whole may be about to be', async () => {
    const row = (step: number) => ({ step, data: { loss: step } });
    const file = written(lines(row(1), '{"step":2,"da', row(3), '[1]', '', row(6), row(7)) + JSON.stringify(row(8)).slice(0, -2));
    const { malformed, metrics } = await read(file);
    assert.deepEqual(
      malformed.map(({ line }) => line),
      [2, 4],
    );
    assert.deepEqual([...metrics.steps], [1, 3, 6, 7]);
  });
});

describe('JSON lines with a row for each step', () => {
  it('of Ray Tune count in training iterations; what is nested has its path as its name', async () => {
    const { place, metrics } = await ofProducer('ray-tune/trial/result.json');
    assert.equal(place.format, 'jsonl');
    // The reference is pandas' reading of the table beside it, which takes NaN for none, and a truth value for a number.
    const reference = new Map(readReference('ray-tune/reference.csv'));
    reference.delete('done');
    const rewards = new Map([[1, Number.NaN], [2, Number.NaN], ...(reference.get('episode_reward_mean') ?? [])]);
    assertHolds(metrics, new Map([...reference, ['episode_reward_mean', rewards]]));
  });

  it('of SB3 count in total timesteps', async () => {
    const contents = await ofProducer('sb3/logs/progress.json');
    const values = valuesOf(contents);
    const reference = readReference('sb3/reference.csv');
    assert.deepEqual(Object.keys(values).toSorted(), [...reference.keys()].toSorted());
    // The reference is of the table beside it, which shows numbers of 32 bits as such.
    for (const [key, column] of reference)
      for (const [step, value] of column)
        assert.equal(Math.fround(values[key]?.[step] ?? Number.NaN), Math.fround(value), `${key} at ${step}`);
  });

  it('of LLaMA-Factory count in current steps, and say how many there will be', async () => {
    const row = (step: number) => ({
      current_steps: step,
      total_steps: 30,
      loss: step / 8,
      epoch: 0.1,
      percentage: 1,
      elapsed_time: '0:00:01',
    });
    const contents = await read(written(lines(row(10), row(20)), 'trainer_log.jsonl'));
    assert.equal(contents.facts.plannedSteps, 30);
    assert.deepEqual(valuesOf(contents)['loss'], { 10: 1.25, 20: 2.5 });
    assert.equal(valuesOf(contents)['elapsed_time'], undefined);
  });

  it('of ms-swift have the step in a text beside the numbers, of which some are texts', async () => {
    const row = (step: number, more: object) => ({
      ...more,
      epoch: step / 10,
      'global_step/max_steps': `${step}/3766`,
      percentage: '0.13%',
    });
    const rows = [row(5, { loss: '0.1234', grad_norm: 2.5 }), row(10, { loss: 0.5, grad_norm: 1e-3 }), row(10, { eval_loss: 0.75 })];
    // What its trainer knows in the end.
    const last = { train_dataset: 'x', global_step: 10, best_metric: 3, log_history: rows };
    const contents = await read(written(lines(...rows, last), 'logging.jsonl'));
    assert.equal(contents.place.format, 'jsonl');
    assert.equal(contents.facts.plannedSteps, 3766);
    assert.deepEqual(valuesOf(contents), {
      loss: { 5: 0.1234, 10: 0.5 },
      grad_norm: { 5: 2.5, 10: 1e-3 },
      eval_loss: { 10: 0.75 },
      epoch: { 5: 0.5, 10: 1 },
    });
  });

  it('may have any of the names of a step', async () => {
    for (const name of ['step', 'global_step', '_step', 'iteration', 'training_iteration', 'train/global_step']) {
      const row = (step: number) => ({ loss: step / 2, [name]: step });
      assert.deepEqual((await valuesIn(lines(row(3), row(7))))['loss'], { 3: 1.5, 7: 3.5 }, name);
    }
  });

  it('count themselves where there is no step, and none of them is one that is left out', async () => {
    const text = lines({ loss: 4, grad_norm: 1 }, { loss: 3, grad_norm: 2 }, { loss: 2, grad_norm: 3 });
    assert.deepEqual((await valuesIn(text))['loss'], { 1: 4, 2: 3, 3: 2 });
  });

  it('may be Python’s, with bare NaN and infinities, or JavaScript’s with null', async () => {
    const text = lines('{"step": 1, "loss": NaN}', '{"step": 2, "loss": -Infinity}', { step: 3, loss: null }, '{"step":4,"loss":"inf"}');
    assert.deepEqual(await valuesIn(text), { loss: { 1: Number.NaN, 2: -Infinity, 3: Number.NaN, 4: Infinity } });
  });

  it('have no values where they have texts, truth values and lists', async () => {
    const row = (step: number) => ({ step, loss: 1, note: 'warm', done: false, hist: [1, 2], deep: { on: true, kl: 2 } });
    assert.deepEqual(await valuesIn(lines(row(1), row(2))), { loss: { 1: 1, 2: 1 }, 'deep/kl': { 1: 2, 2: 2 } });
  });

  it('have the time that they were written at, if it is one', async () => {
    const times = async (name: string, time: number) =>
      Array.from((await read(written(lines({ step: 1, loss: 1, [name]: time }, { step: 2, loss: 1, [name]: time + 1 })))).metrics.times);
    for (const name of ['time', 'timestamp', '_timestamp'])
      assert.deepEqual(await times(name, 1_700_000_000.5), [1_700_000_000.5, 1_700_000_001.5]);
    assert.deepEqual(await times('time', 3), [Number.NaN, Number.NaN]);
  });

  it('that come one by one are read as one file would be', async () => {
    const file = written('');
    const told = new Told();
    const reader = formatNamed('jsonl').open({ format: 'jsonl', source: file }, told);
    for (let step = 1; step <= 5; step++) {
      appendFileSync(file, `{"step":${step},"lo`);
      await reader.read();
      appendFileSync(file, `ss":${step}}\n`);
      await reader.read();
    }
    assert.deepEqual(told.steps, [1, 2, 3, 4, 5]);
    assert.deepEqual(told.malformedLines, []);
  });
});

describe('JSON lists with a row for each step', () => {
  it('are read as the same rows one a line are', async () => {
    const rows = [1, 2, 3].map((step) => ({ step, loss: step / 3, reward: { mean: -step } }));
    const list = await read(written(JSON.stringify(rows, undefined, 2), 'history.json'));
    assert.equal(list.place.format, 'json');
    assert.deepEqual(valuesOf(list), await valuesIn(lines(...rows)));
  });

  it('tell of entries that are no rows', async () => {
    const { warnings } = await read(written(JSON.stringify([{ step: 1, loss: 1 }, { step: 2, loss: 1 }, 7]), 'history.json'));
    assert.deepEqual(warnings, ['Entry 3 of the list is not a JSON object; such entries were left out.']);
  });
});

describe('JSON that is no run', () => {
  const others: Readonly<Record<string, string>> = {
    'rollouts of a step': lines(...[0.5, 1].map((score) => ({ input: 'what is 8?', output: '7 8', gts: '8', score, step: 1, acc: 0 }))),
    'samples to train on': lines(...[1, 2].map((id) => ({ id, prompt: 'what is 8?', answer: '7', reward: 0.5 }))),
    chats: lines(...[1, 2].map((step) => ({ step, messages: [{ role: 'user', content: 'hello' }] }))),
    'a config': '{"lr":0.001,"seed":31,"max_steps":100}\n',
    'the parameters of a trial': '{\n  "lr": 0.001,\n  "seed": 31\n}',
    'a list of samples': JSON.stringify([{ question: 'what?', answer: 'that', score: 1 }]),
    'a list of numbers': '[1,2,3]',
  };
  for (const [what, text] of Object.entries(others))
    it(`such as ${what} is not taken for one`, async () => {
      assert.equal(await formatOf(written(text)), undefined);
    });
});
