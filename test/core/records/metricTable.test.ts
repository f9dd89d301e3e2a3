import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import type { MetricRows } from '../../../src/core/records/metricTable.ts';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';

function tableOf(...rows: readonly (readonly [step: number, data: Record<string, number>])[]): MetricTable {
  const table = new MetricTable();
  for (const [step, data] of rows) table.append({ step, time: step * 10, data });
  return table;
}

describe('a table of metrics', () => {
  it('has one piece of memory for its columns as it grows, a metric that comes late included', () => {
    const table = new MetricTable();
    for (let step = 1; step <= 5000; step++) table.put({ step, time: step, data: { a: step, ...(step > 900 && { b: -step }) } });
    const { steps, times, columns } = table.data;
    assert.equal(new Set([steps, times, ...columns.map(({ values }) => values)].map(({ buffer }) => buffer)).size, 1);
    assert.deepEqual([table.length, table.steps[4999], table.times[0]], [5000, 5000, 1]);
    assert.deepEqual([table.series('a')?.values[63], table.series('a')?.values[64]], [64, 65]);
    assert.deepEqual([table.series('b')?.steps[0], table.series('b')?.values.at(-1)], [901, -5000]);
  });

  it('gives each metric over the steps that have it', () => {
    const table = tableOf([1, { a: 1 }], [2, { a: 2, b: 20 }], [5, { b: 50 }]);
    assert.deepEqual(table.series('a'), { steps: Float64Array.of(1, 2), values: Float64Array.of(1, 2) });
    assert.deepEqual(table.series('b'), { steps: Float64Array.of(2, 5), values: Float64Array.of(20, 50) });
    assert.equal(table.series('c'), undefined);
  });

  it('tells a value that is NaN from a value that is not there', () => {
    const table = tableOf([1, { a: Number.NaN, b: 1 }], [2, { b: 1 }]);
    assert.deepEqual(table.series('a'), { steps: Float64Array.of(1), values: Float64Array.of(Number.NaN) });
  });

  it('lets the later value win when steps go back, and keeps what only the earlier had', () => {
    const table = tableOf([1, { a: 1, b: 1 }], [2, { a: 2 }], [3, { a: 3 }]);
    assert.equal(table.append({ step: 2, time: 99, data: { a: 22 } }), false);
    assert.equal(table.append({ step: 4, time: 99, data: { a: 4 } }), true);
    assert.deepEqual(
      [...table.records()].map(({ step, time, data }) => [step, time, data]),
      [
        [1, 10, { a: 1, b: 1 }],
        [2, 99, { a: 22 }],
        [3, 30, { a: 3 }],
        [4, 99, { a: 4 }],
      ],
    );
  });

  it('gives records with some metrics alone, also of steps that have none of them', () => {
    const table = tableOf([1, { a: 1, b: 2, c: 3 }], [2, { b: 4 }]);
    assert.deepEqual(
      [...table.records(['c', 'a', 'd'])].map(({ step, data }) => [step, data]),
      [
        [1, { a: 1, c: 3 }],
        [2, {}],
      ],
    );
  });

  it('is the same as a map by step, whatever the order', () => {
    const random = new Random(7);
    const table = new MetricTable();
    const map = new Map<number, MetricsRecord>();
    for (let i = 0; i < 2000; i++) {
      const step = random.integer(500);
      const data = { [`m${random.integer(3)}`]: random.uniform() };
      table.append({ step, time: i, data });
      map.set(step, { step, time: i, data: { ...map.get(step)?.data, ...data } });
    }
    const expected = [...map.values()].sort((a, b) => a.step - b.step);
    assert.deepEqual([...table.records()], expected);
    assert.deepEqual([table.length, table.firstStep, table.lastStep], [expected.length, expected[0]?.step, expected.at(-1)?.step]);
  });

  it('tells the first row that changed', () => {
    const table = tableOf([1, { a: 1 }], [2, { a: 2 }], [4, { a: 4 }]);
    assert.equal(table.appendAll([5, 6].map((step) => ({ step, time: 0, data: {} }))), 3);
    assert.equal(table.appendAll([6, 2, 7].map((step) => ({ step, time: 0, data: {} }))), 1);
    assert.equal(table.appendAll([{ step: 3, time: 0, data: {} }]), 2);
    assert.equal(table.appendAll([]), table.length);
    assert.deepEqual([...table.steps], [1, 2, 3, 4, 5, 6, 7]);
  });

  it('finds the row of a step', () => {
    const table = tableOf([1, {}], [5, {}]);
    assert.deepEqual(
      [0, 1, 3, 5, 6].map((step) => table.row(step)),
      [undefined, 0, undefined, 1, undefined],
    );
  });

  it('shows a metric by row, with NaN where it is missing', () => {
    const table = tableOf([1, { all: 1, early: 1 }], [2, { all: 2, late: 2 }], [3, { all: 3, late: Number.NaN }]);
    assert.deepEqual(table.column('all'), { values: Float64Array.of(1, 2, 3), present: undefined });
    assert.deepEqual(table.column('early'), { values: Float64Array.of(1, Number.NaN, Number.NaN), present: Uint8Array.of(1, 0, 0) });
    assert.deepEqual(table.column('late'), { values: Float64Array.of(Number.NaN, 2, Number.NaN), present: Uint8Array.of(0, 1, 1) });
    assert.equal(table.column('none'), undefined);
    assert.deepEqual(table.times, Float64Array.of(10, 20, 30));
  });

  it('takes many rows at once as it takes them one by one, whatever their order', () => {
    const random = new Random(11);
    for (let round = 0; round < 100; round++) {
      const oneByOne = new MetricTable();
      const atOnce = new MetricTable();
      for (let block = 0; block < 8; block++) {
        const from = random.integer(40) + (random.integer(2) === 0 ? 10 * block : 0);
        const rows = randomRows(random, from);
        const before = oneByOne.length;
        const changed = rows.records.reduce(
          (row, record) => (oneByOne.append(record), Math.min(row, oneByOne.row(record.step) ?? Infinity)),
          before,
        );
        assert.equal(atOnce.appendRows(rows), changed);
        for (const key of atOnce.keys) assert.deepEqual(atOnce.column(key), oneByOne.column(key), `${key} in round ${round}`);
      }
      assert.deepEqual([...atOnce.records()], [...oneByOne.records()]);
    }
  });

  it('leaves out what would fill the memory, counted: a new metric in every step is no log of a run', () => {
    const table = new MetricTable();
    for (let step = 1; step <= 20_000; step++) table.append({ step, time: 0, data: { loss: step, [`metric ${step}`]: 1 } });
    assert.equal(table.series('loss')?.values.length, 20_000);
    assert.equal(table.leftOut, 20_000 - (table.keys.length - 1));
    const { columns } = table.data;
    assert.ok(columns.reduce((sum, { values }) => sum + values.length, 0) < 1 << 27);
    assert.equal(tableOf([1, Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`layer ${index}`, 1]))]).leftOut, 0);
  });

  it('is the same after its arrays went to another thread', () => {
    const table = tableOf([1, { a: 1, b: 2 }], [2, { a: 2 }], [3, { b: 3 }]);
    const { data } = table;
    const moved = MetricTable.from(
      structuredClone(data, { transfer: [data.steps.buffer, data.times.buffer, ...data.columns.map(({ values }) => values.buffer)] }),
    );
    moved.append({ step: 4, time: 40, data: { a: 4, c: 4 } });
    assert.deepEqual([...moved.records()], [...tableOf([1, { a: 1, b: 2 }], [2, { a: 2 }], [3, { b: 3 }], [4, { a: 4, c: 4 }]).records()]);
    assert.deepEqual(moved.series('c'), { steps: Float64Array.of(4), values: Float64Array.of(4) });
  });
});

/** Up to 20 rows from `from` on, now and then with a step back; each metric in all of them, or in some. */
function randomRows(random: Random, from: number): MetricRows & { readonly records: readonly MetricsRecord[] } {
  const count = 1 + random.integer(20);
  let step = from;
  const steps = Float64Array.from({ length: count }, () => (step += random.integer(20) === 0 ? -random.integer(5) : 1 + random.integer(2)));
  const times = steps.map(() => random.uniform());
  const keys = ['a', 'b', 'c'].filter(() => random.integer(4) > 0);
  const columns = keys.map((key) => {
    const present = random.integer(2) === 0 ? undefined : Uint8Array.from(steps, () => random.integer(2));
    return { key, present, values: steps.map(() => random.uniform()) };
  });
  const records = Array.from(steps, (at, row) => {
    const data = columns.filter(({ present }) => present?.[row] !== 0).map(({ key, values }) => [key, values[row] as number]);
    return { step: at, time: times[row] as number, data: Object.fromEntries(data) as Record<string, number> };
  });
  return { steps, times, columns, records };
}
