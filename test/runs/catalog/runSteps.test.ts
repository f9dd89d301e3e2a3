import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricNames } from '../../../src/core/records/metricNames.ts';
import { RunStanding } from '../../../src/runs/catalog/runStanding.ts';

/** Where a run stands after its first steps, each with a score of its number. */
function standingAfter(steps: number): RunStanding {
  const standing = new RunStanding();
  for (let step = 1; step <= steps; step++)
    standing.addMetrics({ step, time: step, data: { [metricNames.gradNorm]: step, [metricNames.score]: step } });
  return standing;
}

function standsAt({ step, gradNorm, score, stepsPerSecond }: RunStanding): number[] {
  return [step, gradNorm, score, stepsPerSecond];
}

describe('where a run stands', () => {
  it('is the same after a second line of its last step, or a late one of an earlier step', () => {
    const standing = standingAfter(4);
    for (const step of [4, 2]) standing.addMetrics({ step, time: 4.5, data: { 'val/acc': 1 } });
    assert.deepEqual(standsAt(standing), [4, 4, 2.5, 1]);
  });

  it('is an earlier step where the run was resumed, and its averages begin anew', () => {
    const standing = standingAfter(4);
    standing.addMetrics({ step: 3, time: 9, data: { [metricNames.gradNorm]: 7, [metricNames.score]: 8 } });
    assert.deepEqual(standsAt(standing).slice(0, 3), [3, 7, 8]);
  });

  it('is no time stamp that stands in the place of a step, unless the run goes on there', () => {
    const standing = standingAfter(20);
    const far = (step: number): boolean => standing.addMetrics({ step, time: 21, data: { [metricNames.gradNorm]: 1 } });
    assert.deepEqual([far(1_700_000_000), standing.step], [false, 20]);
    assert.deepEqual([far(1_700_000_001), standing.step], [true, 1_700_000_001]);
  });
});
