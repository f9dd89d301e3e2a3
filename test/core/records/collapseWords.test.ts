import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { laterSurges, laterSurgesText, silenceSentences, silenceWords } from '../../../src/core/records/collapseWords.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';

function said(type: CollapseEvent['type'], step: number, onsetStep = step): CollapseEvent {
  return { type, step, onsetStep, message: `${type} ${onsetStep}.`, advice: `Look at ${type}.`, data: {} };
}

describe('a silent run', () => {
  const events = [said('silent', 30, 1), said('settled', 40, 1), said('silent', 150, 121), said('plateau', 160)];

  it('is told of with the onset, the message and the advice of its present silence', () => {
    assert.equal(silenceWords({ collapse: 'silent', events }), 'silent since step 121');
    assert.equal(silenceSentences({ collapse: 'silent', events }), 'silent 121. Look at silent.');
  });

  it('is called so also where nobody said since when', () => {
    assert.equal(silenceWords({ collapse: 'silent', events: [] }), 'silent');
    assert.equal(silenceSentences({ collapse: 'silent', events: [] }), '');
  });

  it('is so no longer when its silence has passed', () => {
    for (const collapse of ['healthy', 'collapsed', 'recovered'] as const)
      assert.deepEqual([silenceWords({ collapse, events }), silenceSentences({ collapse, events })], ['', '']);
  });
});

describe('the surges after a collapse', () => {
  const first = [said('unstable', 40, 35), said('collapse', 50, 41), said('unstable', 70, 66), said('settled', 80, 66)];

  it('are those that came between it and its recovery', () => {
    const events = [...first, said('recovered', 120, 41), said('unstable', 150, 140)];
    assert.deepEqual(laterSurges(events, 50), [events[2]]);
    assert.equal(laterSurgesText(events, 50), 'Later, at step 70: unstable 66.');
  });

  it('are those of the collapse that was noticed at the step, not of one before', () => {
    const events = [...first, said('recovered', 120, 41), said('nan', 200), said('unstable', 220, 210)];
    assert.deepEqual(
      laterSurges(events, 200).map(({ onsetStep }) => onsetStep),
      [210],
    );
  });

  it('are none of a run that has not collapsed', () => {
    assert.deepEqual([laterSurges(first.slice(0, 1), null), laterSurges([], 50), laterSurgesText([], null)], [[], [], '']);
  });
});
