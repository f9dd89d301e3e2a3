import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupRow, runRow, statusText, waitingRow } from '../../../src/editor/view/runRow.ts';
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

  it('of a silent run begins with since when, and has a warning in the place of a flame', () => {
    const silence = { type: 'silent', step: 150, onsetStep: 121, time: 0, message: '', advice: '', data: {} } as const;
    const silent = { ...running, collapse: 'silent', collapseEvents: [silence] } as const;
    assert.match(runRow(silent, true).description, /^silent since step 121 · step 3/);
    assert.deepEqual([runRow(silent, true).icon.id, runRow(silent, false).icon.id], ['warning', 'pulse']);
    assert.match(
      runRow({ ...silent, onsetStep: 40, detectedStep: 50 }, true).description,
      /^silent since step 121 · recovered from 40 · step 3/,
    );
  });

  it('has the name that somebody gave it, then what it is, and its tags', () => {
    const row = (label: NonNullable<RunOverview['identity']['label']>, changes: Partial<RunOverview> = {}) =>
      runRow({ ...running, ...changes, identity: { ...running.identity, label } }, true);
    const { label, description, spoken } = row({ name: 'the good one', tags: ['paper', 'lr'] });
    assert.deepEqual(
      [label, description],
      ['the good one', `dr_grpo · s2 · step 3/${steps} · score 0.42 · |g| 0.313 · 1 s left · #paper · #lr`],
    );
    assert.match(spoken, /^the good one, running, dr_grpo, s2, step 3/);
    const put = row({ isArchived: true }, { process: 'finished', ...exit('completed') });
    assert.deepEqual(
      [put.label, put.description, put.context],
      ['dr_grpo · s2', 'archived · score 0.42 · |g| 0.313 · 3 steps', 'run.ended.archived'],
    );
    // Whatever was said of it before: something goes on.
    assert.equal(row({ isArchived: true }).context, 'run.live');
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
  it('has the title of the group, and no time besides where that says it; runs of several names say theirs', () => {
    const row = (title: string): readonly string[] => {
      const runs = [{ ...running, group: { title, isOfRuns: true } }];
      const { label, description } = groupRow({ waiting: 0, isQueueLost: false, runs }, true);
      return [label, description];
    };
    assert.deepEqual(row('ledger'), ['ledger', '0 of 1 ended · 2 Jan, 03:04']);
    assert.deepEqual(row('ledger · 2 Jan, 03:04'), ['ledger · 2 Jan, 03:04', '0 of 1 ended']);
    const other = overviewOf({ dir: '/runs/b', record: { ...record, name: 'other' } });
    assert.equal(runRow(other, true, { isNamed: true }).label, 'other · dr_grpo · s2');
  });

  it('says that it is archived where all of its runs are', () => {
    const ended: RunOverview = { ...running, process: 'finished' };
    const put = { ...ended, identity: { ...ended.identity, label: { isArchived: true } } } as const;
    const row = (...runs: readonly RunOverview[]): readonly (string | undefined)[] => {
      const { description, context } = groupRow({ waiting: 0, isQueueLost: false, runs }, true);
      return [description.split(' · ')[0], context];
    };
    assert.deepEqual(row(put, put), ['archived', 'group.ended.archived']);
    assert.deepEqual(row(put, ended), ['2 ended', 'group.ended']);
  });

  const ended: RunOverview = { ...running, process: 'finished', ...exit('completed') };

  it('counts what has ended, waits, has collapsed and has failed', () => {
    const runs = [running, ended, { ...ended, ...collapsed }, { ...ended, process: 'lost' } as const];
    const { label, description, icon, context } = groupRow({ runs, waiting: 2, isQueueLost: false }, true);
    assert.deepEqual([label, description], [record.group, '3 of 6 ended · 2 waiting · 1 collapsed · 1 failed · 2 Jan, 03:04']);
    assert.deepEqual([icon, context], [{ id: 'layers-active', color: 'errorForeground' }, 'group.live']);
  });

  it('goes on while runs wait that will be started, and no longer when nothing will start them', () => {
    assert.equal(groupRow({ runs: [ended], waiting: 1, isQueueLost: false }, true).context, 'group.live');
    const lost = groupRow({ runs: [ended], waiting: 1, isQueueLost: true }, true);
    assert.deepEqual([lost.context, lost.description], ['group.ended.resumable', '1 of 2 ended · 1 never started · 2 Jan, 03:04']);
    assert.equal(groupRow({ runs: [ended, ended], waiting: 0, isQueueLost: false }, true).description, '2 ended · 2 Jan, 03:04');
  });
});

describe('the row of a run that waits', () => {
  const plan = { name: 'ledger', estimator: 'opo', seed: 3 };
  const waits = 'waits for 2 GPUs: 0 and 1 are taken by grpo seed 1 of qwen';

  it('says what for, and can be reordered', () => {
    const { label, description, spoken, context } = waitingRow({ plan, waits, more: 0 });
    assert.deepEqual([label, description, context], ['opo · s3', waits, 'waiting.queued']);
    assert.equal(spoken, `opo seed 3, ${waits}`);
  });

  it('says how many more wait where it is the last that is shown', () => {
    assert.equal(waitingRow({ plan, waits: 'the queue is paused', more: 980 }).description, 'the queue is paused · 980 more behind it');
  });

  it('has nothing to be reordered where nothing will begin it', () => {
    const { description, context } = waitingRow({ plan, waits: null, more: 0 });
    assert.deepEqual([description, context], ['never started', 'waiting.lost']);
  });

  it('is that of the run where that has begun before, with what it waits for first', () => {
    const stopped = { ...running, process: 'stopped', ...exit('stopped') } as const;
    const { description, context } = runRow(stopped, true, { waits });
    assert.ok(description.startsWith(`${waits} · stopped at step 3/${steps}`), description);
    assert.equal(context, 'run.ended.queued');
  });
});

describe('the row of a group of which nothing has begun', () => {
  it('is called like its config, and says nothing of a start', () => {
    const row = groupRow({ runs: [], title: 'ledger', waiting: 3, isQueueLost: false }, true);
    assert.deepEqual([row.label, row.description, row.context], ['ledger', '0 of 3 ended · 3 waiting', 'group.live']);
    assert.equal(row.spoken, 'Group ledger, 0 of 3 ended, 3 waiting');
  });
});

describe('the status bar', () => {
  const silent = { ...running, collapse: 'silent' } as const;

  it('says how many runs are active, how many collapses are new, and how many runs are silent', () => {
    assert.deepEqual(statusText({ live: [], unseen: [] }), { text: '$(pulse) OTB', spoken: 'OTB: no run is active, 0 new collapses' });
    assert.equal(statusText({ live: [running, silent], unseen: [] }).text, '$(warning) 2 runs · 1 silent');
    assert.deepEqual(statusText({ live: [silent], unseen: [{ ...running, ...collapsed }] }), {
      text: '$(flame) 1 run · 1 collapsed · 1 silent',
      spoken: 'OTB: 1 run active, 1 new collapse, 1 silent',
    });
  });
});
