import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import { panelCsv } from '../../../src/runs/panel/panelCsv.ts';

test('the table of a panel has a column for each metric of any run, and says of each row whose it is', () => {
  const [a, b] = [new MetricTable(), new MetricTable()];
  a.append({ step: 1, time: 10, data: { x: 1 } });
  a.append({ step: 2, time: 20, data: { x: 2, 'y,"z"': 3 } });
  b.append({ step: 1, time: Number.NaN, data: { w: 4 } });
  const runs = [
    { identity: { id: 'first', estimator: 'opo', seed: 1 }, metrics: a },
    { identity: { id: 'second', estimator: 'dr_grpo', seed: 2 }, metrics: b },
  ];
  const [header, ...rows] = panelCsv(runs);
  assert.equal(header, 'run,estimator,seed,step,time,x,"y,""z""",w');
  assert.deepEqual(rows, ['first,opo,1,1,10,1,,', 'first,opo,1,2,20,2,3,', 'second,dr_grpo,2,1,,,,4']);
});
