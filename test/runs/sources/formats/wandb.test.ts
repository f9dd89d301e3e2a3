import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findRuns, formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { wandb } from '../../../../src/runs/sources/formats/wandb.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { field } from '../binary/eventBytes.ts';
import { configRecord, exitRecord, historyRecord, logFile } from '../binary/logBytes.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

function fileOf(bytes: Buffer): string {
  const folder = path.join(temporaryFolder(), 'offline-run-20260101_000000-abc');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'run-abc.wandb'), bytes);
  return path.join(folder, 'run-abc.wandb');
}

async function read(...records: readonly Buffer[]) {
  return readSource({ format: 'wandb', source: fileOf(logFile(...records)) });
}

async function told(bytes: Buffer): Promise<Told> {
  const sink = new Told();
  await wandb.open({ format: 'wandb', source: fileOf(bytes) }, sink).read({ isLast: true });
  return sink;
}

describe('run files that W&B wrote', () => {
  for (const folder of ['wandb-mixed', 'wandb-steps', 'wandb-killed'] as const)
    it(`read as W&B's own reader reads them, to the last digit: ${folder}`, async () => {
      const { places } = await findRuns(path.join(producers, folder));
      assert.equal(places.length, 1, 'what lies beside the file is the same run');
      const { metrics } = await readSource(places[0] ?? assert.fail());
      assertHolds(metrics, readReference(`${folder}/reference.csv`));
      assert.deepEqual(
        [...metrics.times],
        [...metrics.steps].map((_, row) => metrics.column('_timestamp')?.values[row]),
      );
    });

  it('say what the run is, and how it ended', async () => {
    const [mixed] = (await findRuns(path.join(producers, 'wandb-mixed'))).places;
    const { facts, end, malformedLines } = await readSource(mixed ?? assert.fail());
    const { createdAt, ...others } = facts;
    assert.deepEqual(others, {
      name: 'mixed',
      group: 'otb',
      host: 'host',
      estimator: 'grpo',
      seed: 21,
      parameters: { 'algorithm.adv_estimator': 'grpo', seed: 21, lr: 1e-6 },
    });
    assert.equal(createdAt, '2026-11-27T21:00:16.920Z');
    assert.deepEqual([end, malformedLines], [{ state: 'finished', message: '' }, 0]);
    const [killed] = (await findRuns(path.join(producers, 'wandb-killed'))).places;
    assert.equal((await readSource(killed ?? assert.fail())).end, undefined);
  });
});

describe('a run file of W&B', () => {
  it('is called by its display name, else by the folder that W&B made for it, else by its id', async () => {
    const folder = path.join(temporaryFolder(), 'offline-run-20260102_030405-abc');
    mkdirSync(folder);
    const nameIn = async (place: string, ...fields: readonly Buffer[]) => {
      const source = path.join(place, 'run-abc.wandb');
      writeFileSync(source, logFile(field(17, Buffer.concat([field(1, 'abc'), ...fields]))));
      return (await readSource({ format: 'wandb', source })).facts.name;
    };
    assert.equal(await nameIn(folder, field(8, 'swift-lake-1')), 'swift-lake-1');
    assert.equal(await nameIn(folder), 'offline-run-20260102_030405-abc');
    assert.equal(await nameIn(temporaryFolder()), 'abc');
  });

  it('is recognised by its first bytes, or while it is empty by its name', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'a.bin'), logFile());
    writeFileSync(path.join(folder, 'b.wandb'), '');
    writeFileSync(path.join(folder, 'c.wandb'), 'text');
    const formats = await Promise.all(['a.bin', 'b.wandb', 'c.wandb'].map((name) => formatOf(path.join(folder, name))));
    assert.deepEqual(
      formats.map((format) => format?.name),
      ['wandb', 'wandb', undefined],
    );
  });

  it('has nested keys joined with dots, whether as keys or in the value, and no texts, truth values, lists and media', async () => {
    const contents = await read(
      historyRecord(3, {
        'a/b': '0.1',
        'nested.b.c': '1e-7',
        '.old.style': '-0',
        '.dict': '{"x":{"y":2},"z":NaN,"text":"3"}',
        nan: '"NaN"',
        bare: 'NaN',
        inf: '"Infinity"',
        ninf: '"-Infinity"',
        text: '"0.5"',
        flag: 'true',
        none: 'null',
        list: '[1]',
        '.table': '{"_type":"table-file","ncols":2}',
        broken: '1.2.3',
        _timestamp: '1.7958133250464547e+09',
      }),
    );
    const { step, time, data } = contents.metrics.records().next().value ?? assert.fail();
    assert.deepEqual([step, time], [3, 1795813325.0464547]);
    assert.deepEqual(data, {
      'a/b': 0.1,
      'nested.b.c': 1e-7,
      'old.style': -0,
      'dict.x.y': 2,
      'dict.z': Number.NaN,
      nan: Number.NaN,
      bare: Number.NaN,
      inf: Infinity,
      ninf: -Infinity,
      _timestamp: 1795813325.0464547,
    });
  });

  it('takes the step from the item where the record has none; without both it is told', async () => {
    const contents = await read(historyRecord(undefined, { loss: '1', _step: '7' }), historyRecord(undefined, { loss: '2' }));
    assert.deepEqual([...contents.metrics.steps], [7]);
    assert.deepEqual(
      contents.malformed.map(({ unit, why }) => [unit, why]),
      [['byte', 'this record cannot be read: it has no step']],
    );
  });

  it('loses nothing of a step that is logged in parts', async () => {
    const { metrics } = await read(historyRecord(1, { a: '1' }), historyRecord(1, { b: '2' }), historyRecord(1, { a: '3' }));
    assert.deepEqual(metrics.records().next().value?.data, { a: 3, b: 2 });
  });

  it('has the latest config, flattened, and the exit code', async () => {
    const { facts, end } = await read(
      configRecord({ optim: '{"lr":0.1,"name":"adam"}', layers: '[1,2]', _wandb: '{"t":1}' }),
      configRecord({ optim: '{"lr":0.2}', max_grad_norm: '0.5' }),
      exitRecord(137),
    );
    assert.deepEqual(facts.parameters, { 'optim.lr': 0.2, max_grad_norm: 0.5 });
    assert.equal(facts.maxGradNorm, 0.5);
    assert.deepEqual(end, { state: 'failed', message: 'Its process ended with exit code 137.' });
  });

  it('is the same wherever its records cross the borders of blocks', async () => {
    for (let length = 32_600; length < 32_800; length += 3) {
      const bytes = logFile(
        historyRecord(1, { text: `"${'x'.repeat(length)}"`, a: '1' }),
        historyRecord(2, { a: '2' }),
        historyRecord(3, { a: '3' }),
      );
      const sink = await told(bytes);
      assert.deepEqual([sink.steps, sink.malformedLines, sink.notes], [[1, 2, 3], [], []], `${length} characters`);
    }
    const long = await told(logFile(historyRecord(1, { text: `"${'x'.repeat(200_000)}"`, a: '1' }), historyRecord(2, { a: '2' })));
    assert.deepEqual(long.steps, [1, 2]);
  });

  it('loses of damage no more than the record that it is in, where the length is right, else the rest of 32 KiB', async () => {
    const records = Array.from({ length: 2000 }, (_, step) => historyRecord(step, { a: String(step / 3), b: '0.5' }));
    const bytes = logFile(...records);
    for (let at = 8; at < 400; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      const sink = await told(damaged);
      const isInLength = sink.malformedLines[0]?.why.includes('32 KiB') === true;
      assert.equal(sink.steps.length >= (isInLength ? 1000 : 1999), true, `byte ${at}: ${sink.steps.length} steps`);
      assert.equal(sink.malformedLines.length, 1, `byte ${at}`);
    }
  });

  it('that ends within a record is waited for, and read anew when it was truncated', async () => {
    const bytes = logFile(historyRecord(1, { a: '1' }), historyRecord(2, { a: '2' }));
    const file = fileOf(bytes.subarray(0, -3));
    const sink = new Told();
    const reader = wandb.open({ format: 'wandb', source: file }, sink);
    await reader.read();
    assert.deepEqual([sink.steps, sink.notes], [[1], []]);
    await reader.read({ isLast: true });
    assert.match(sink.notes[0] ?? '', /^run-abc.wandb ends within a record at byte \d+/);
    appendFileSync(file, bytes.subarray(-3));
    await reader.read();
    assert.deepEqual(sink.steps, [1, 2]);
    truncateSync(file, 0);
    appendFileSync(file, logFile(historyRecord(5, { a: '5' })));
    await reader.read();
    assert.deepEqual([sink.steps, sink.resets], [[5], 1]);
  });
});
