import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leftWords, progressWords, secondsLeft, secondsLeftOfAll } from '../../../src/core/records/progress.ts';
import type { RunProgress } from '../../../src/core/records/progress.ts';

const running: RunProgress = {
  process: 'running',
  step: 418,
  steps: 600,
  stepsPerSecond: 1,
  warmStart: Number.NaN,
  startupSeconds: Number.NaN,
};
const starting: RunProgress = { ...running, process: 'starting', step: 0, stepsPerSecond: Number.NaN };
const waiting: RunProgress = { ...starting, process: 'waiting' };

describe('how far a run is, in words', () => {
  it('from its turn in the queue on', () => {
    const words = [waiting, { ...waiting, process: 'cancelled' as const }, starting, { ...starting, warmStart: 0.42 }, running].map(
      progressWords,
    );
    assert.deepEqual(words, ['waiting', 'never started', 'starting', 'warm start 42 %', 'step 418/600']);
    assert.equal(progressWords({ ...running, steps: Number.NaN }), 'step 418');
  });

  it('with the time left, no finer than it is known', () => {
    assert.deepEqual([0.2, 7, 38, 59, 182, 7500, 200_000].map(leftWords), [
      '1 s left',
      '7 s left',
      '40 s left',
      '1 min left',
      '3 min left',
      '2 h 05 min left',
      '2 d 07 h left',
    ]);
    assert.deepEqual([Number.NaN, 0, Infinity].map(leftWords), ['', '', '']);
  });
});

describe('the time left', () => {
  it('of a run is that of its steps at the present speed, and not known of one that takes none', () => {
    assert.equal(secondsLeft(running), 182);
    const unknown = [{ ...running, process: 'stopped' as const }, { ...running, step: 600 }, { ...running, steps: Number.NaN }, starting];
    assert.deepEqual(unknown.map(secondsLeft), [Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('of a group counts those that start and wait as going as fast as the others, as many at once as do now', () => {
    const timed = { ...running, startupSeconds: 60 };
    assert.equal(secondsLeftOfAll([timed]), 182);
    // Half of the warm start and 600 steps.
    assert.equal(secondsLeftOfAll([timed, { ...starting, warmStart: 0.5 }]), 630);
    assert.equal(secondsLeftOfAll([timed, waiting, waiting]), 182 + 660 + 660);
    assert.equal(secondsLeftOfAll([timed, timed, waiting, waiting]), (182 + 182 + 660 + 660) / 2);
    assert.equal(secondsLeftOfAll([timed, { ...waiting, process: 'cancelled' }]), 182);
    assert.deepEqual([secondsLeftOfAll([]), secondsLeftOfAll([starting]), secondsLeftOfAll([waiting])], [NaN, NaN, NaN]);
  });
});
