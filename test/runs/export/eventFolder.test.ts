import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { OtherEventsError, writeEventFolder } from '../../../src/runs/export/eventFolder.ts';
import { readSource } from '../../../src/runs/sources/readSource.ts';
import { temporaryFolder } from '../exampleRun.ts';

function tableOf(...records: Parameters<MetricTable['append']>[0][]): MetricTable {
  const table = new MetricTable();
  table.appendAll(records);
  return table;
}

describe('an event file that was written', () => {
  it('holds every value, step and time to the last bit', async () => {
    const table = tableOf(
      { step: -2, time: 0, data: { a: 0.1 } },
      { step: 0, time: 1700000000.123456, data: { a: Number.NaN, 'b/ü': Infinity } },
      { step: 1, time: 1700000001.5, data: { a: -Infinity } },
      { step: 300, time: 1700000002, data: { a: -0, 'b/ü': Number.MIN_VALUE } },
      { step: 2 ** 53 - 1, time: 1700000003, data: { a: Math.PI, 'b/ü': Number.MAX_VALUE } },
    );
    const folder = path.join(temporaryFolder(), 'runs', 'new');
    assert.deepEqual((await writeEventFolder(folder, table)).steps, 5);
    const { metrics, malformedLines } = await readSource({ format: 'tensorboard', source: folder });
    assert.deepEqual([...metrics.records()], [...table.records()]);
    assert.equal(malformedLines, 0);
  });

  it('is replaced by the next one, and mixed with no others', async () => {
    const folder = temporaryFolder();
    await writeEventFolder(folder, tableOf({ step: 1, time: 1, data: { a: 1 } }, { step: 2, time: 2, data: { a: 2 } }));
    await writeEventFolder(folder, tableOf({ step: 1, time: 1, data: { a: 3 } }));
    assert.equal(readdirSync(folder).length, 1);
    const { metrics } = await readSource({ format: 'tensorboard', source: folder });
    assert.deepEqual([...metrics.records()], [{ step: 1, time: 1, data: { a: 3 } }]);
    writeFileSync(path.join(folder, 'events.out.tfevents.1.box'), '');
    await assert.rejects(writeEventFolder(folder, metrics), OtherEventsError);
  });

  it('leaves out steps that are no integers, and says how many', async () => {
    const folder = temporaryFolder();
    const { steps, leftOut } = await writeEventFolder(
      folder,
      tableOf({ step: 1, time: 1, data: { a: 1 } }, { step: 1.5, time: 2, data: { a: 2 } }),
    );
    assert.deepEqual([steps, leftOut], [1, 1]);
    assert.deepEqual([...(await readSource({ format: 'tensorboard', source: folder })).metrics.steps], [1]);
  });

  it('comes in pieces, of long runs as well', async () => {
    const records = Array.from({ length: 20_000 }, (_, step) => ({ step, time: step, data: { a: step / 7, b: -step } }));
    const folder = temporaryFolder();
    const table = tableOf(...records);
    await writeEventFolder(folder, table);
    const { metrics } = await readSource({ format: 'tensorboard', source: folder });
    assert.deepEqual(metrics.series('a'), table.series('a'));
    assert.deepEqual(metrics.series('b'), table.series('b'));
  });
});
