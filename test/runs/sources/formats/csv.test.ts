import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import { findRuns, formatOf } from '../../../../src/runs/sources/findRuns.ts';
import type { RunFacts } from '../../../../src/runs/sources/format.ts';
import { csv } from '../../../../src/runs/sources/formats/csv.ts';
import type { MetricsRecord } from '../../../../src/core/records/metrics.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { assertHolds, producers, readReference } from '../reference.ts';

const read = (file: string) => readSource({ format: 'csv', source: file });
const ofProducer = (file: string) => read(path.join(producers, file));

function written(text: string, name = 'progress.csv'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

/** Values by metric and step. */
async function valuesOf(text: string): Promise<Record<string, Record<number, number>>> {
  const { metrics } = await read(written(text));
  return Object.fromEntries(metrics.keys.map((key) => [key, stepsOf(metrics.series(key))]));
}

function stepsOf(series: { readonly steps: Float64Array; readonly values: Float64Array } | undefined): Record<number, number> {
  return Object.fromEntries(Array.from(series?.steps ?? [], (step, row) => [step, series?.values[row] as number]));
}

describe('CSV tables', () => {
  it('of SB3 count in total timesteps, whatever the order of their columns', async () => {
    const { metrics, malformedLines } = await ofProducer('sb3/logs/progress.csv');
    assertHolds(metrics, readReference('sb3/reference.csv'));
    assert.equal(malformedLines, 0);
  });

  it('of a monitor have a step for each episode, and the time at which it ended', async () => {
    for (const name of ['0.monitor.csv', '1.monitor.csv']) {
      const { metrics, facts } = await ofProducer(`sb3/logs/${name}`);
      assertHolds(metrics, readReference('sb3/reference-monitor.csv', name));
      assert.deepEqual(facts.parameters, { env_id: 'CartPole-v1' });
      assert.equal(Math.floor((metrics.times[0] ?? 0) / 10), 179581425);
    }
  });

  it('of Ray Tune and RLlib count in training iterations; the parameters stand beside them', async () => {
    const { metrics, facts, warnings } = await ofProducer('ray-tune/trial/progress.csv');
    const reference = new Map(readReference('ray-tune/reference.csv'));
    // pandas, which read the reference, takes a value that is no number for none.
    const rewards = new Map([[1, Number.NaN], [2, Number.NaN], ...(reference.get('episode_reward_mean') ?? [])]);
    assertHolds(metrics, new Map([...reference, ['episode_reward_mean', rewards]]));
    assert.deepEqual(facts, { parameters: { lr: 0.001, seed: 31 }, seed: 31 });
    assert.deepEqual(warnings, []);
  });

  it('of Lightning have all rows of a step in that step', async () => {
    const { metrics, warnings } = await ofProducer('lightning-csv/run/version_0/metrics.csv');
    assertHolds(metrics, readReference('lightning-csv/reference.csv'));
    assert.deepEqual(warnings, []);
  });

  it('may have quoted cells with delimiters, quotes and newlines, a byte order mark and the line ends of Windows', async () => {
    const text = '\ufeff"loss, mean",step,"say ""hi""",note\r\n1.5,1,2,"two\r\nlines, and ""more"""\r\n2.5,2,3,\r\n';
    assert.deepEqual(await valuesOf(text), { 'loss, mean': { 1: 1.5, 2: 2.5 }, step: { 1: 1, 2: 2 }, 'say "hi"': { 1: 2, 2: 3 } });
  });

  it('are what an export wrote, without steps and times as metrics', async () => {
    const text = 'step,time,training/global_step,loss\n0,1700000000.5,,0.5\n1,,1,0.25\n';
    assert.deepEqual(await valuesOf(text), { 'training/global_step': { 1: 1 }, loss: { 0: 0.5, 1: 0.25 } });
    assert.deepEqual([...(await read(written(text))).metrics.times], [1700000000.5, Number.NaN]);
  });

  it('may be separated by tabs or semicolons', async () => {
    assert.deepEqual(await valuesOf('Epoch\tAverageEpRet\n0\t-1.5\n1\t2\n'), { Epoch: { 0: 0, 1: 1 }, AverageEpRet: { 0: -1.5, 1: 2 } });
    assert.deepEqual(await valuesOf('step;loss\n3;0.5\n'), { step: { 3: 3 }, loss: { 3: 0.5 } });
  });

  it('have NaN and infinities in any spelling; what is no number is left out', async () => {
    const values = await valuesOf('step,a,b\n1,nan,inf\n2,NaN,-Infinity\n3,-inf,None\n4,0x10,[1]\n5,True,False\n');
    assert.deepEqual(values['a'], { 1: Number.NaN, 2: Number.NaN, 3: -Infinity, 5: 1 });
    assert.deepEqual(values['b'], { 1: Infinity, 2: -Infinity, 5: 0 });
  });

  it('tell which rows do not fit the header, and keep the others', async () => {
    const { metrics, malformed } = await read(written('step,loss\n1,0.5\n2,0.50.4,3,1\n,0.4\n4,0.3\n'));
    assert.deepEqual(stepsOf(metrics.series('loss')), { 1: 0.5, 4: 0.3 });
    assert.deepEqual(malformed, [
      { line: 3, why: 'it has 4 cells, and the header 2' },
      { line: 4, why: 'step, its step, is ""' },
    ]);
  });

  it('lose one line to a quote that nobody closed, and not the rest of the file', async () => {
    const rows = Array.from({ length: 3000 }, (_, step) => `${step},0.5,x`);
    rows[1] = '1,0.5,"x';
    const { metrics, malformed } = await read(written(`step,loss,note\n${rows.join('\n')}\n`));
    assert.equal(metrics.length, 2999);
    assert.deepEqual(malformed, [{ line: 3, why: 'a quoted cell does not end within 1000 lines' }]);
  });

  it('have no value in a last cell that may be cut off', async () => {
    assert.deepEqual(await valuesOf('step,loss,kl\n1,0.5,0.25\n2,0.4,0.1'), {
      step: { 1: 1, 2: 2 },
      loss: { 1: 0.5, 2: 0.4 },
      kl: { 1: 0.25 },
    });
  });

  it('may get another header when a program goes on with them', async () => {
    assert.deepEqual(await valuesOf('step,loss\n1,0.5\nkl,step\n0.1,2\n'), { step: { 1: 1, 2: 2 }, loss: { 1: 0.5 }, kl: { 2: 0.1 } });
  });

  it('are read on as they grow, also within a step and a cell', async () => {
    const file = written('step,loss,kl,note\n1,0.5,,"a\n');
    const told: MetricsRecord[] = [];
    let facts: RunFacts = {};
    const unexpected = () => assert.fail();
    const reader = csv.open(
      { format: 'csv', source: file },
      {
        facts: (more) => (facts = { ...facts, ...more }),
        metrics: (records) => told.push(...records),
        reset: () => told.splice(0),
        forget: unexpected,
        stretches: unexpected,
        malformed: unexpected,
        note: unexpected,
        end: unexpected,
      },
    );
    await reader.read();
    assert.deepEqual(told, []);
    appendFileSync(file, 'b"\n');
    await reader.read();
    appendFileSync(file, '1,,0.1,\n');
    await reader.read();
    assert.deepEqual(told, [
      { step: 1, time: Number.NaN, data: { step: 1, loss: 0.5 } },
      { step: 1, time: Number.NaN, data: { kl: 0.1 } },
    ]);
    // SB3 and Lightning write the file anew where a metric is new.
    writeFileSync(path.join(path.dirname(file), 'params.json'), '{"lr": 0.1}');
    writeFileSync(file, 'step,loss,kl,entropy\n1,0.5,0.1,\n2,0.4,0.2,0.3\n');
    await reader.read();
    assert.deepEqual(
      told.map(({ data }) => data),
      [
        { step: 1, loss: 0.5, kl: 0.1 },
        { step: 2, loss: 0.4, kl: 0.2, entropy: 0.3 },
      ],
    );
    assert.deepEqual(facts.parameters, { lr: 0.1 });
  });
});

describe('which files are CSV tables of a run', () => {
  const surely = async (text: string, name?: string) => (await formatOf(written(text, name)))?.name;

  it('is told by their columns', async () => {
    assert.equal(await surely('Wall time,Step,Value\n1795814170.9,1,0.5\n', 'export.csv'), 'csv');
    assert.equal(await surely('"Step","run - loss","run - loss__MIN"\n0,0.5,0.5\n', 'wandb_export.csv'), 'csv');
    assert.equal(await surely('epoch,train_loss,val_acc\n0,0.5,0.5\n', 'log.csv'), 'csv');
    assert.equal(await surely(',reward,loss\n0,1,0.5\n', 'history.csv'), 'csv');
    assert.equal(await surely('step,loss\n', 'log.csv'), 'csv');
  });

  it('leaves out other tables, and other texts with commas', async () => {
    assert.equal(await surely('sepal_length,sepal_width,species\n5.1,3.5,setosa\n', 'iris.csv'), undefined);
    assert.equal(await surely('id,question,answer\n1,"what, why",42\n', 'train.csv'), undefined);
    assert.equal(await surely('run,metric,step,value\na,loss,1,0.5\n', 'long.csv'), undefined);
    assert.equal(await surely('index, name, power.draw [W]\n0, NVIDIA H100, 71.5 W\n', 'smi.csv'), undefined);
    assert.equal(await surely('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}\n', 'log.jsonl'), 'jsonl');
    assert.equal(await surely('1,2\n3,4\n', 'numbers.csv'), undefined);
    assert.equal(await surely('step,text\n1,hello\nand,more\n', 'text.csv'), undefined);
  });

  it('finds those of a folder', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'version_0'));
    writeFileSync(path.join(folder, 'version_0', 'metrics.csv'), 'epoch,step,loss\n0,4,0.5\n');
    writeFileSync(path.join(folder, 'data.csv'), 'a,b\n1,2\n');
    assert.deepEqual((await findRuns(folder)).places, [{ format: 'csv', source: path.join(folder, 'version_0', 'metrics.csv') }]);
  });
});
