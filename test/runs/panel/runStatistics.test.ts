import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summarizeRun } from '../../../src/core/comparison/runSummary.ts';
import type { RunSummary } from '../../../src/core/comparison/runSummary.ts';
import { tableCurve } from '../../../src/core/comparison/tableCurve.ts';
import { Random } from '../../../src/core/random.ts';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { MetricTable } from '../../../src/core/records/metricTable.ts';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';
import { RunStatistics } from '../../../src/runs/panel/runStatistics.ts';

const { gradNorm, score } = metricNames;
const random = new Random(7);

/** Steps may be missing, and so may either metric; a gradient norm may be no number. */
function randomStep(step: number): MetricsRecord {
  const norm = random.uniform() < 0.02 ? Number.NaN : 10 * random.uniform();
  return {
    step,
    time: step,
    data: { ...(random.uniform() < 0.9 && { [gradNorm]: norm }), ...(random.uniform() < 0.5 && { [score]: random.uniform() }) },
  };
}

function summaryOf(table: MetricTable): RunSummary {
  const outcome = { state: 'healthy', onsetStep: null, detectedStep: null } as const;
  return summarizeRun({ estimator: 'opo', seed: 1, curve: tableCurve(table, { gradNorm, score }), outcome });
}

function assertClose(actual: number | null, expected: number | null): void {
  if (actual === null || expected === null) assert.equal(actual, expected);
  else assert.ok(actual === expected || Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe('numbers of a growing run', () => {
  it('are those of its summary at every moment, also after steps were written again', () => {
    for (let round = 0; round < 40; round++) {
      const table = new MetricTable();
      const statistics = new RunStatistics();
      let step = 0;
      for (let part = 0; part < 8; part++) {
        if (part > 0 && random.uniform() < 0.3) step = Math.floor(step * random.uniform());
        const records = Array.from({ length: Math.floor(random.uniform() * 30) }, () =>
          randomStep((step += 1 + Math.floor(random.uniform() * 3))),
        );
        statistics.changed(table.appendAll(records));
        while (statistics.update(table, { gradNorm, score }, true));
        const summary = summaryOf(table);
        assertClose(statistics.numbers.bestScore, summary.bestScore);
        assertClose(statistics.numbers.finalScore, summary.finalScore);
        assertClose(statistics.numbers.medianGradNorm, summary.medianGradNorm);
        assertClose(statistics.numbers.maxGradNorm, summary.maxGradNorm);
      }
    }
  });

  it('have a median of nearly all rows while the run goes on, and of all when it has ended', () => {
    const table = new MetricTable();
    const statistics = new RunStatistics();
    const append = (from: number, to: number): void => {
      for (let step = from; step <= to; step++) table.append({ step, time: step, data: { [gradNorm]: step } });
    };
    append(1, 1000);
    while (statistics.update(table, { gradNorm, score }, false));
    assert.equal(statistics.numbers.medianGradNorm, 500.5);
    append(1001, 1005);
    while (statistics.update(table, { gradNorm, score }, false));
    assert.deepEqual([statistics.numbers.medianGradNorm, statistics.numbers.maxGradNorm], [500.5, 1005]);
    while (statistics.update(table, { gradNorm, score }, true));
    assert.equal(statistics.numbers.medianGradNorm, 503);
  });

  it('take a long run in bit by bit', () => {
    const table = new MetricTable();
    for (let step = 1; step <= 600_000; step++) table.append({ step, time: step, data: { [gradNorm]: step % 1000 } });
    const statistics = new RunStatistics();
    let turns = 0;
    while (statistics.update(table, { gradNorm, score }, true)) turns++;
    assert.equal(turns, 15);
    assert.deepEqual([statistics.numbers.medianGradNorm, statistics.numbers.maxGradNorm], [499.5, 999]);
  });
});
