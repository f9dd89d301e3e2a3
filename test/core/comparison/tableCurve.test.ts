import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tableCurve } from '../../../src/core/comparison/tableCurve.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';

describe('the curve of a table', () => {
  it('tells a gradient norm that overflowed from one that was not logged', () => {
    const table = new MetricTable();
    table.append({ step: 1, time: 0, data: { 'actor/grad_norm': 0.5, 'critic/score/mean': 0.1 } });
    table.append({ step: 2, time: 0, data: { 'critic/score/mean': 0.2 } });
    table.append({ step: 5, time: 0, data: { 'actor/grad_norm': Number.NaN } });
    const { steps, gradNorm, score } = tableCurve(table, { gradNorm: 'actor/grad_norm', score: 'critic/score/mean' });
    assert.deepEqual([...Array.from(steps)], [1, 2, 5]);
    assert.deepEqual([...Array.from(gradNorm)], [0.5, Number.NaN, Infinity]);
    assert.deepEqual([...Array.from(score)], [0.1, 0.2, Number.NaN]);
  });

  it('is a gap where a metric is never logged', () => {
    const table = new MetricTable();
    table.append({ step: 1, time: 0, data: { loss: 1 } });
    assert.deepEqual(
      [...Array.from(tableCurve(table, { gradNorm: 'actor/grad_norm', score: 'critic/score/mean' }).gradNorm)],
      [Number.NaN],
    );
  });
});
