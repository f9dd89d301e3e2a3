import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MetricsRecord } from '../../../src/core/records/metrics.ts';
import { RunStanding } from '../../../src/runs/catalog/runStanding.ts';

const steps = (first: number, last: number, data: (step: number) => Record<string, number>): MetricsRecord[] =>
  Array.from({ length: last - first + 1 }, (_, index) => ({ step: first + index, time: first + index, data: data(first + index) }));

function standing(records: readonly MetricsRecord[], isPartial = false): RunStanding {
  const stands = new RunStanding();
  stands.isPartial = isPartial;
  for (const record of records) stands.addMetrics(record);
  return stands;
}

const norm = { 'actor/grad_norm': 0.4 };
const score = { 'critic/score/mean': 0.5 };

describe('where a run stands', () => {
  it('is unknown before its first step, which is nothing to speak of', () => {
    const { collapse, notJudged } = standing([]);
    assert.deepEqual([collapse, notJudged], ['unknown', '']);
  });

  it('is unknown while it logs no gradient norm, and healthy from the first on', () => {
    const stands = standing(steps(1, 20, () => score));
    assert.equal(stands.collapse, 'unknown');
    assert.equal(stands.notJudged, 'The run logs no gradient norm (actor/grad_norm), so a surge cannot be seen.');
    stands.addMetrics({ step: 21, time: 21, data: { ...norm, ...score } });
    assert.deepEqual([stands.collapse, stands.notJudged], ['healthy', '']);
  });

  it('is judged by the metrics that are known to be its gradient norm and score, and says where none is', () => {
    const stands = new RunStanding();
    stands.keys = { gradNorm: 'grad_norm' };
    for (const record of steps(1, 20, () => ({ grad_norm: 0.4, reward: 1 }))) stands.addMetrics(record);
    assert.equal(stands.notJudged, 'No metric is known as its score, so a fall of the score cannot be seen.');
  });

  it('took as long to begin as from its start to the first step after it, also where it was resumed', () => {
    const started = (step: number, time: number) => ({ type: 'started', step, time, data: { pid: 1, processStartTime: null } }) as const;
    const startup = (first: number, start: ReturnType<typeof started>): number => {
      const stands = new RunStanding();
      stands.addEvent(start);
      for (const record of steps(first, first + 5, () => norm)) stands.addMetrics(record);
      return stands.startupSeconds;
    };
    assert.equal(startup(1, started(0, -59)), 60);
    assert.equal(startup(41, started(40, 31)), 10);
    assert.equal(startup(570, started(0, -59)), Number.NaN, 'only the end of it was read');
  });

  it('is in its warm start until its first step, whatever its process printed last', () => {
    const stands = standing([]);
    stands.addOutput('warm start: step 30 of 120');
    assert.equal(stands.warmStart, 0.25);
    stands.addMetrics({ step: 1, time: 1, data: norm });
    stands.addOutput('warm start: step 30 of 120');
    assert.ok(Number.isNaN(stands.warmStart));
  });

  it('misses no score that comes rarely, or late', () => {
    const rare = standing(steps(1, 500, (step) => ({ ...norm, ...(step % 50 === 0 && score) })));
    assert.equal(rare.notJudged, '');
    const late = standing(steps(1, 90, (step) => ({ ...norm, ...(step > 80 && score) })));
    assert.equal(late.notJudged, '');
  });

  it('says from where on a metric has not been logged any more', () => {
    const stands = standing(steps(1, 90, (step) => ({ ...(step <= 60 && norm), ...score })));
    assert.equal(stands.collapse, 'healthy');
    assert.match(
      stands.notJudged,
      /^No gradient norm \(actor\/grad_norm\) is logged after step 60, so a surge cannot be seen from there on\.$/,
    );
  });

  it('claims nothing of what it has not read', () => {
    const tail = steps(1000, 1020, () => norm);
    const stands = standing(tail, true);
    assert.deepEqual([stands.collapse, stands.notJudged], ['healthy', '']);
    stands.isPartial = false;
    assert.match(stands.notJudged, /no score/);
    stands.addEarlier({ step: 500, time: 500, data: score });
    for (const record of steps(1021, 1500, () => norm)) stands.addMetrics(record);
    assert.equal(stands.notJudged, '');
  });
});
