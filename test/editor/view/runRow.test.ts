import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupRow, runRow } from '../../../src/editor/view/runRow.ts';
import type { RunOverview } from '../../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../../runs/exampleRun.ts';

const record = exampleRecord({ estimator: 'dr_grpo', seed: 2, name: 'ledger', createdAt: new Date(2026, 0, 2, 3, 4).toISOString() });
const steps = record.config.steps;
const running = overviewOf({ dir: '/runs/a', record, step: 3, gradNorm: 0.3127, score: 0.421, stepsPerSecond: 4 });
const collapsed = { collapse: 'collapsed', onsetStep: 2, detectedStep: 3 } as const;

function exit(reason: 'completed' | 'dead' | 'stopped'): Pick<RunOverview, 'exit'> {
  return { exit: { code: 0, signal: null, lastStep: 3, reason, message: '', time: 0 } };
}

describe('the row of a run', () => {
  it('shows where a live run stands', () => {
    const { label, description, icon, spoken, context } = runRow(running, true);
    assert.deepEqual([label, description], ['dr_grpo · s2', `step 3/${steps} · score 0.42 · |g| 0.313 · 1 s left`]);
    assert.deepEqual([icon.id, context], ['pulse', 'run.live']);
    assert.equal(spoken, `dr_grpo seed 2, running, step 3/${steps}, score 0.42, gradient norm 0.313, 1 s left`);
  });

  it('shows how far the start is', () => {
    const starting = { ...running, process: 'starting', step: 0, gradNorm: Number.NaN, score: Number.NaN } as const;
    assert.deepEqual([runRow(starting, true).description, runRow(starting, true).icon.id], ['starting', 'loading~spin']);
    assert.equal(runRow({ ...starting, warmStart: 0.25 }, true).description, 'warm start 25 %');
  });

  it('begins with the collapse, and marks it by its icon where the setting says so', () => {
    assert.equal(
      runRow({ ...running, ...collapsed }, true).description,
      `collapsed at 2 · step 3/${steps} · score 0.42 · |g| 0.313 · 1 s left`,
    );
    assert.deepEqual(
      [runRow({ ...running, ...collapsed }, true).icon.id, runRow({ ...running, ...collapsed }, false).icon.id],
      ['flame', 'pulse'],
    );
    assert.match(runRow({ ...running, ...collapsed, collapse: 'recovered' }, true).description, /^recovered from 2 · step 3/);
  });

  it('says what is the matter with the gradient norm of a run, or that it cannot be judged, once there is a step', () => {
    const first = (changes: Partial<RunOverview>): string | undefined =>
      runRow({ ...running, ...changes }, true).description.split(' · ')[0];
    assert.equal(first({ collapse: 'unknown' }), 'not judged');
    assert.equal(first({ collapse: 'unknown', process: 'starting', step: 0 }), 'starting');
    assert.equal(first({ collapse: 'silent' }), 'silent');
    assert.equal(first({ collapse: 'unstable' }), 'unstable');
    assert.equal(first({ collapse: 'spike' }), `step 3/${steps}`);
  });

  it('says how a run ended, and whether it can go on', () => {
    const row = (changes: Partial<RunOverview>): readonly string[] => {
      const { description, context } = runRow({ ...running, gradNorm: Number.NaN, score: Number.NaN, ...changes }, true);
      return [description, context];
    };
    assert.deepEqual(row({ process: 'finished', ...exit('completed') }), ['3 steps', 'run.ended']);
    assert.deepEqual(row({ process: 'finished', ...exit('completed'), score: 0.5 }), ['score 0.50 · 3 steps', 'run.ended']);
    assert.deepEqual(row({ process: 'finished', ...exit('dead') }), [`ended at step 3/${steps}`, 'run.ended']);
    assert.deepEqual(row({ process: 'stopped', ...exit('stopped') }), [`stopped at step 3/${steps}`, 'run.ended.resumable']);
    assert.deepEqual(row({ process: 'lost' }), [`lost at step 3/${steps}`, 'run.ended.resumable']);
    assert.deepEqual(row({ process: 'failed', step: 0 }), ['failed before the first step', 'run.ended.resumable']);
  });
});

describe('the row of a group', () => {
  it('has the name of its runs; of runs with several names, its own, and they say theirs', () => {
    const state = { waiting: 0, isQueueLost: false };
    const other = overviewOf({ dir: '/runs/b', record: { ...record, name: 'other' } });
    assert.equal(groupRow({ ...state, runs: [running] }, true).label, 'ledger');
    assert.equal(groupRow({ ...state, runs: [running, other] }, true).label, record.group);
    assert.equal(runRow(other, true, true).label, 'other · dr_grpo · s2');
  });

  const ended: RunOverview = { ...running, process: 'finished', ...exit('completed') };

  it('counts what has ended, waits, has collapsed and has failed', () => {
    const runs = [running, ended, { ...ended, ...collapsed }, { ...ended, process: 'lost' } as const];
    const { label, description, icon, context } = groupRow({ runs, waiting: 2, isQueueLost: false }, true);
    assert.deepEqual([label, description], ['ledger', '3 of 6 ended · 2 waiting · 1 collapsed · 1 failed · 2 Jan, 03:04']);
    assert.deepEqual([icon, context], [{ id: 'layers-active', color: 'errorForeground' }, 'group.live']);
    const timed = groupRow({ runs, waiting: 2, isQueueLost: false, left: 740 }, true);
    assert.match(timed.description, /1 failed · 12 min left · 2 Jan/);
  });

  it('goes on while runs wait that will be started, and no longer when nothing will start them', () => {
    assert.equal(groupRow({ runs: [ended], waiting: 1, isQueueLost: false }, true).context, 'group.live');
    const lost = groupRow({ runs: [ended], waiting: 1, isQueueLost: true }, true);
    assert.deepEqual([lost.context, lost.description], ['group.ended.resumable', '1 of 2 ended · 1 never started · 2 Jan, 03:04']);
    assert.equal(groupRow({ runs: [ended, ended], waiting: 0, isQueueLost: false }, true).description, '2 ended · 2 Jan, 03:04');
  });
});
