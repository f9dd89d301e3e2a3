import assert from 'node:assert/strict';
import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findRuns, formatOf } from '../../../../src/runs/sources/findRuns.ts';
import { readSource } from '../../../../src/runs/sources/readSource.ts';
import { tensorboard } from '../../../../src/runs/sources/formats/tensorboard.ts';
import { temporaryFolder } from '../../exampleRun.ts';
import { double, event, eventFile, field, float, framed, scalars, start, version } from '../binary/eventBytes.ts';
import { assertHolds, producers, readReference } from '../reference.ts';
import { Told } from '../told.ts';

/** A folder with event files; the names are in order. */
function runOf(...files: readonly Buffer[]): { readonly folder: string; readonly file: (index: number) => string } {
  const folder = temporaryFolder();
  const file = (index: number) => path.join(folder, `events.out.tfevents.170000000${index}.box-7.example.12.${index}`);
  for (const [index, bytes] of files.entries()) writeFileSync(file(index), bytes);
  return { folder, file };
}

async function read(...files: readonly Buffer[]) {
  return readSource({ format: 'tensorboard', source: runOf(...files).folder });
}

/** Values by step. */
function series({ metrics }: Awaited<ReturnType<typeof read>>, key: string): readonly (readonly [step: number, value: number])[] {
  const { steps = new Float64Array(), values = new Float64Array() } = metrics.series(key) ?? {};
  return Array.from(steps, (step, row) => [step, values[row] as number]);
}

function tensor(type: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([field(1, type), field(2, Buffer.alloc(0)), ...fields]);
}

function tensorEvent(step: number, tag: string, bytes: Buffer): Buffer {
  return event(step, field(5, field(1, Buffer.concat([field(1, tag), field(8, bytes)]))));
}

describe('event files that real programs wrote', () => {
  const folders = ['tb-torch', 'tb-torch-tensors', 'tb-tensorboardx', 'tb-restart-purge', 'tb-restart-nopurge'] as const;
  for (const folder of folders)
    it(`read as TensorBoard reads them, to the last digit: ${folder}`, async () => {
      const root = path.join(producers, folder);
      const { places } = await findRuns(root);
      assert.ok(places.length > 0);
      for (const place of places) {
        const contents = await readSource(place);
        assert.equal(place.format, 'tensorboard');
        assert.equal(contents.malformedLines, 0);
        assertHolds(contents.metrics, readReference(`${folder}/reference.csv`, path.relative(root, place.source)));
      }
    });

  it('are read on behind damage, which is told, where TensorBoard stops', async () => {
    const root = path.join(producers, 'tb-damaged');
    const whole = await readSource({ format: 'tensorboard', source: path.join(root, 'whole') });
    for (const [kind, why] of [
      ['bad-data-crc', 'the data of a record do not match their checksum; it is left out'],
      ['bad-length-crc', 'the length of a record does not match its checksum; reading goes on at the next sound record'],
    ] as const) {
      const damaged = await readSource({ format: 'tensorboard', source: path.join(root, kind) });
      assert.deepEqual(
        damaged.malformed.map(({ line, unit, why: reason }) => [line, unit, reason]),
        [[2153, 'byte', why]],
      );
      const lost = series(whole, 'actor/grad_norm').filter(([step]) => damaged.metrics.row(step) === undefined);
      assert.deepEqual(
        lost.map(([step]) => step),
        [39],
      );
      assertHolds(
        damaged.metrics,
        new Map([['actor/grad_norm', new Map(series(whole, 'actor/grad_norm').filter(([step]) => step !== 39))]]),
      );
    }
  });

  it('that end in zero bytes, or within a record, are read up to there', async () => {
    const root = path.join(producers, 'tb-damaged');
    const zeros = await readSource({ format: 'tensorboard', source: path.join(root, 'zero-tail') });
    assert.equal(zeros.metrics.length, 197);
    assert.match(zeros.malformed[0]?.why ?? '', /^zero bytes/);
    const torn = await readSource({ format: 'tensorboard', source: path.join(root, 'truncated') });
    assert.equal(torn.metrics.length, 199);
    assert.equal(torn.malformedLines, 0);
    assert.match(torn.warnings[0] ?? '', /ends within a record at byte 10735/);
  });

  it('say which parameters torch was told', async () => {
    const { places } = await findRuns(path.join(producers, 'tb-torch'));
    const { facts } = await readSource(places.at(-1) ?? assert.fail());
    assert.deepEqual(facts.parameters, { adv_estimator: 'grpo', lr: 1e-6 });
    assert.equal(facts.host, 'host');
    assert.equal(facts.createdAt?.slice(0, 10), '2026-11-27');
  });
});

describe('an event file', () => {
  it('is recognised by its first record, whatever it is called', async () => {
    const folder = temporaryFolder();
    const bytes = eventFile(version(), scalars(1, { a: 1 }));
    writeFileSync(path.join(folder, 'renamed.log'), bytes);
    writeFileSync(path.join(folder, 'events.out.tfevents.1.h'), '');
    writeFileSync(path.join(folder, 'events.out.tfevents.1.h.profile-empty'), bytes);
    writeFileSync(path.join(folder, 'data.tfrecord'), framed(Buffer.from('an example')));
    const formats = ['renamed.log', 'events.out.tfevents.1.h', 'events.out.tfevents.1.h.profile-empty', 'data.tfrecord'].map((name) =>
      formatOf(path.join(folder, name)),
    );
    assert.deepEqual(
      (await Promise.all(formats)).map((format) => format?.name),
      ['tensorboard', 'tensorboard', undefined, undefined],
    );
    const { places } = await findRuns(folder);
    assert.deepEqual(
      places.map(({ source }) => path.basename(source)),
      [path.basename(folder), 'renamed.log'],
    );
  });

  it('gives the values of a step as one record, of the time of the last of them', async () => {
    const { folder } = runOf(eventFile(version(), scalars(1, { a: 1 }), scalars(1, { b: 2 }), scalars(2, { a: 3, b: 4 })));
    const records: unknown[] = [];
    const told = new Told();
    told.metrics = (all) => records.push(...all);
    await tensorboard.open({ format: 'tensorboard', source: folder }, told).read({ isLast: true });
    assert.deepEqual(records, [
      { step: 1, time: 1.7e9 + 1, data: { a: 1, b: 2 } },
      { step: 2, time: 1.7e9 + 2, data: { a: 3, b: 4 } },
    ]);
  });

  it('holds scalars of each type that TensorBoard takes for a number, and no other', async () => {
    const bytes = (...numbers: readonly number[]) => Buffer.from(numbers);
    const contents = await read(
      eventFile(
        version(),
        tensorEvent(1, 'float', tensor(1, float(5, 0.5))),
        tensorEvent(1, 'packed float', tensor(1, field(5, bytes(0, 0, 0, 0x3f)))),
        tensorEvent(1, 'double', tensor(2, double(6, 0.1))),
        tensorEvent(1, 'double content', tensor(2, field(4, double(0, 0.1).subarray(-8)))),
        tensorEvent(1, 'half', tensor(19, field(13, 0x3555))),
        tensorEvent(1, 'bfloat16', tensor(14, field(13, 0x3eab))),
        tensorEvent(1, 'int32', tensor(3, field(7, BigInt(-5)))),
        tensorEvent(1, 'packed int64', tensor(9, field(10, bytes(0x96, 1)))),
        tensorEvent(1, 'uint8 content', tensor(4, field(4, bytes(200)))),
        tensorEvent(1, 'text', tensor(7, field(8, 'words'))),
        tensorEvent(1, 'bool', tensor(10, field(11, 1))),
        tensorEvent(1, 'vector', Buffer.concat([field(1, 1), field(2, field(2, field(1, 2))), float(5, 1), float(5, 2)])),
        tensorEvent(1, 'wrong length', tensor(2, field(4, bytes(1, 2, 3, 4)))),
      ),
    );
    const { float: first, ...others } = contents.metrics.records().next().value?.data ?? {};
    assert.equal(first, 0.5);
    assert.deepEqual(others, {
      'packed float': 0.5,
      double: 0.1,
      'double content': 0.1,
      half: 0.333251953125,
      bfloat16: 0.333984375,
      int32: -5,
      'packed int64': 150,
      'uint8 content': 200,
    });
    assert.equal(contents.malformedLines, 0);
  });

  it('keeps NaN, infinities, steps far out and below zero', async () => {
    const contents = await read(
      eventFile(
        version(),
        scalars(-3, { a: Number.NaN }),
        scalars(0, { a: Infinity }),
        scalars(5, { a: -Infinity }),
        scalars(2 ** 40, { a: -0 }),
        scalars(2 ** 53 - 1, { a: 1 }),
      ),
    );
    assert.deepEqual(series(contents, 'a'), [
      [-3, Number.NaN],
      [0, Infinity],
      [5, -Infinity],
      [2 ** 40, -0],
      [2 ** 53 - 1, 1],
    ]);
  });

  it('whose metrics come one after the other, each with all its steps, gives whole steps', async () => {
    const of = (key: string) => Array.from({ length: 600 }, (_, step) => scalars(step, { [key]: step / 4 }));
    const contents = await read(eventFile(version(), ...of('a'), ...of('b')));
    assert.deepEqual([contents.metrics.length, contents.warnings, contents.lives.length], [600, [], 1]);
    assert.deepEqual(series(contents, 'a'), series(contents, 'b'));
  });

  it('with a record that is no event is read on behind it', async () => {
    const contents = await read(eventFile(version(), scalars(1, { a: 1 }), Buffer.from([0x0a, 0x7f, 1]), scalars(2, { a: 2 })));
    assert.equal(contents.metrics.length, 2);
    assert.match(contents.malformed[0]?.why ?? '', /^this record is not an event: field 1 goes beyond the end of its message$/);
    assert.equal(contents.malformed[0]?.line, eventFile(version(), scalars(1, { a: 1 })).length);
  });

  it('of which every byte is damaged once loses no more than the records around it', async () => {
    const events = Array.from({ length: 12 }, (_, step) => scalars(step + 1, { a: step, b: -step }));
    const bytes = eventFile(version(), ...events);
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      const { folder } = runOf(damaged);
      const told = new Told();
      await tensorboard.open({ format: 'tensorboard', source: folder }, told).read({ isLast: true });
      assert.ok(told.steps.length >= 11, `byte ${at}: ${told.steps.join()}`);
      assert.equal(told.malformedLines.length, 1, `byte ${at}`);
    }
  });
});

describe('a run in event files', () => {
  it('that was started again forgets what TensorBoard forgets, and says so', async () => {
    const contents = await read(
      eventFile(version(), ...[1, 2, 3, 4, 5].map((step) => scalars(step, { a: step, b: step }))),
      eventFile(version(), start(3), scalars(5, { a: 50 })),
    );
    assert.deepEqual(series(contents, 'a'), [
      [1, 1],
      [2, 2],
      [5, 50],
    ]);
    assert.deepEqual(series(contents, 'b'), [
      [1, 1],
      [2, 2],
    ]);
    assert.match(contents.warnings.join(' '), /started again at step 3/);
  });

  it('in files without a version forgets, metric by metric, what comes after a step that goes back', async () => {
    const contents = await read(
      eventFile(...[1, 2, 3, 4].map((step) => scalars(step, { a: step, b: step })), scalars(2, { a: 20 }), scalars(6, { a: 6 })),
    );
    assert.deepEqual(series(contents, 'a'), [
      [1, 1],
      [2, 20],
      [6, 6],
    ]);
    assert.deepEqual(
      series(contents, 'b').map(([step]) => step),
      [1, 2, 3, 4],
    );
  });

  it('is followed: a torn record is waited for, a new file is found, and a step that goes back is told when it is whole', async () => {
    const bytes = eventFile(version(), scalars(1, { a: 1 }), scalars(2, { a: 2 }), scalars(3, { a: 3, b: 3 }));
    const { folder, file } = runOf(bytes.subarray(0, -7));
    const told = new Told();
    const reader = tensorboard.open({ format: 'tensorboard', source: folder }, told);
    await reader.read();
    assert.deepEqual(told.steps, [1, 2]);
    appendFileSync(file(0), bytes.subarray(-7));
    await reader.read();
    assert.deepEqual(told.steps, [1, 2, 3]);
    writeFileSync(file(1), eventFile(version(), scalars(2, { a: 20 })));
    await reader.read();
    assert.deepEqual(told.table.series('a')?.values, Float64Array.of(1, 2, 3));
    appendFileSync(file(1), eventFile(scalars(2, { b: 21 })));
    await reader.read();
    await reader.read();
    assert.deepEqual(told.table.series('a')?.values, Float64Array.of(1, 20));
    assert.deepEqual(told.table.series('b')?.values, Float64Array.of(21));
    assert.deepEqual([told.notes, told.resets], [[], 0]);
  });

  it('is read anew when a file of it was truncated or deleted', async () => {
    const first = eventFile(version(), scalars(1, { a: 1 }));
    const { folder, file } = runOf(first, eventFile(version(), scalars(2, { a: 2 })));
    const told = new Told();
    const reader = tensorboard.open({ format: 'tensorboard', source: folder }, told);
    await reader.read();
    assert.deepEqual(told.steps, [1, 2]);
    truncateSync(file(0), 20);
    await reader.read();
    assert.deepEqual([told.steps, told.resets], [[2], 1]);
    rmSync(file(1));
    await reader.read();
    assert.deepEqual([told.steps, told.resets], [[], 2]);
    rmSync(folder, { recursive: true });
    await reader.read();
    assert.deepEqual(told.steps, []);
  });
});
