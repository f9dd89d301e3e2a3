import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';

function tableOf(...rows: readonly (readonly [step: number, data: Record<string, number>])[]): MetricTable {
  const table = new MetricTable();
  for (const [step, data] of rows) table.append({ step, time: step * 10, data });
  return table;
}

describe('a table of metrics', () => {
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
    assert.deepEqual([...table.records()].map(({ step, time, data }) => [step, time, data]), [
      [1, 10, { a: 1, b: 1 }],
      [2, 99, { a: 22 }],
      [3, 30, { a: 3 }],
      [4, 99, { a: 4 }],
    ]);
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
});
