import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  hasCollapsed,
  hasEnded,
  hasFailed,
  isLive,
  isResumable,
  processActions,
  stateAfter,
  whyNotResumable,
} from '../../../src/core/records/runState.ts';
import type { RunPhase } from '../../../src/core/records/runState.ts';
import { runRow } from '../../../src/editor/view/runRow.ts';
import { describeRun } from '../../../src/runs/panel/describeRun.ts';
import { exampleRecord, overviewOf } from '../../runs/exampleRun.ts';
import { everyEnd, exitOf } from '../../runs/everyEnd.ts';

describe('what a run can do', () => {
  it('is decided by how its process stands', () => {
    const table: Readonly<Record<RunPhase, string>> = {
      waiting: '',
      starting: 'live',
      running: 'live',
      finished: 'ended',
      stopped: 'ended resumable',
      failed: 'ended failed resumable',
      lost: 'ended failed resumable',
      cancelled: 'ended',
      idle: 'ended',
    };
    for (const [phase, expected] of Object.entries(table)) {
      const run = { process: phase as RunPhase };
      const is = { live: isLive(run), ended: hasEnded(run), failed: hasFailed(run), resumable: isResumable(run) };
      const holding = Object.entries(is).filter(([, holds]) => holds);
      assert.equal(holding.map(([name]) => name).join(' '), expected, phase);
    }
  });

  it('is nothing once its directory was deleted', () => {
    for (const process of ['stopped', 'failed', 'lost'] as const) {
      assert.ok(!isResumable({ process, isDeleted: true }));
      assert.match(whyNotResumable({ process, isDeleted: true }) ?? '', /was deleted/);
    }
  });

  it('is to go on only where nothing of its own ended it, and else it says why and what to do instead', () => {
    const said = (reason: Parameters<typeof exitOf>[0]): string | undefined => {
      const exit = exitOf(reason);
      return whyNotResumable({ process: exit === null ? 'lost' : stateAfter(exit), exit });
    };
    assert.deepEqual([said('stopped'), said('failed'), said(null)], [undefined, undefined, undefined]);
    assert.match(said('completed') ?? '', /has taken all its steps/);
    assert.match(said('collapsed') ?? '', /"onCollapse": "warn"/);
    assert.match(said('dead') ?? '', /"earlyStop"/);
    assert.match(said('diverged') ?? '', /"optimizer.learningRate"/);
    assert.match(whyNotResumable({ process: 'running' }) ?? '', /still running/);
  });

  it('is offered by the runs view and by the panel alike, however the run ended', () => {
    for (const [reason, resumes] of everyEnd) {
      const exit = exitOf(reason);
      const process = exit === null ? 'lost' : stateAfter(exit);
      const run = overviewOf({ dir: '/runs/a', record: exampleRecord(), step: 3, process, exit });
      assert.equal(runRow(run, true).context, resumes ? 'run.ended.resumable' : 'run.ended', `runs view: ${reason}`);
      const shown = describeRun({ run, phase: process, label: 'a', series: 'a', parameters: {}, repeatOf: null }, undefined);
      assert.deepEqual(processActions(shown), resumes ? ['resume'] : [], `panel: ${reason}`);
    }
  });
});

it('a run that recovered did collapse; one that was unstable did not', () => {
  assert.ok(hasCollapsed({ onsetStep: 12 }));
  assert.ok(!hasCollapsed({ onsetStep: null }));
});
