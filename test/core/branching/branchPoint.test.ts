import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chosenBranchPoint, defaultBranchPoint } from '../../../src/core/branching/branchPoint.ts';
import type { CollapseEvent } from '../../../src/core/records/events.ts';

function event(type: CollapseEvent['type'], step: number, onsetStep: number, surge = 5): CollapseEvent {
  return { type, step, onsetStep, message: '', advice: '', data: { surge } };
}

const healthy = { events: [], onsetStep: null, detectedStep: null, checkpoints: [20, 40, 60], remedy: 'Write more.' };
const collapsed = { ...healthy, events: [event('unstable', 52, 45), event('collapse', 58, 45)], onsetStep: 45, detectedStep: 58 };

describe('a branch begins of itself', () => {
  it('at the last checkpoint of a run that has not collapsed', () => {
    assert.deepEqual(defaultBranchPoint(healthy), { step: 60, why: 'the last checkpoint' });
  });

  it('before the onset of a collapse, not before the step at which it was noticed', () => {
    const why = 'the last checkpoint before the gradient norm began to surge at step 45';
    assert.deepEqual(defaultBranchPoint(collapsed), { step: 40, why });
    assert.deepEqual(defaultBranchPoint({ ...collapsed, checkpoints: [44, 45, 60] }), { step: 44, why });
  });

  it('says that the collapse began where there was no surge', () => {
    const events = [event('collapse', 58, 45, 0)];
    assert.deepEqual(defaultBranchPoint({ ...collapsed, events }), {
      step: 40,
      why: 'the last checkpoint before its collapse began at step 45',
    });
  });

  it('not in an instability that passed, but after it', () => {
    const events = [event('unstable', 35, 30), event('settled', 41, 30), ...collapsed.events];
    assert.deepEqual(defaultBranchPoint({ ...collapsed, events }), {
      step: 20,
      why: 'the last healthy checkpoint before the gradient norm began to surge at step 45',
    });
    assert.equal((defaultBranchPoint({ ...collapsed, events, checkpoints: [20, 40, 42] }) as { step: number }).step, 42);
  });

  it('also in a spike, and in a silence', () => {
    const events = [event('spike', 40, 40), event('settled', 43, 40), event('silent', 44, 39), ...collapsed.events];
    assert.equal((defaultBranchPoint({ ...collapsed, events }) as { step: number }).step, 40);
  });

  it('nowhere without a checkpoint, and says what to do', () => {
    assert.deepEqual(defaultBranchPoint({ ...healthy, checkpoints: [] }), {
      problem: 'there is no checkpoint to branch from',
      remedy: 'Write more.',
    });
    assert.deepEqual(defaultBranchPoint({ ...collapsed, checkpoints: [60] }), {
      problem: 'all its checkpoints were written after the gradient norm began to surge at step 45, the first at step 60',
      remedy: 'Name one to branch from it all the same. Write more.',
    });
  });
});

describe('a branch of which somebody says where it begins', () => {
  it('may begin at any checkpoint, also after a collapse', () => {
    assert.equal((chosenBranchPoint(60, collapsed) as { step: number }).step, 60);
  });

  it('names the nearest checkpoints where there is none of that step', () => {
    assert.deepEqual(chosenBranchPoint(41, healthy), {
      problem: 'there is no checkpoint of step 41',
      remedy: 'The nearest are those of step 40 and 60.',
    });
    assert.deepEqual(chosenBranchPoint(99, healthy), {
      problem: 'there is no checkpoint of step 99',
      remedy: 'The nearest is that of step 60.',
    });
  });
});
