import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupNode } from '../../../src/editor/runSelection.ts';
import { WaitingRows } from '../../../src/editor/view/waitingRows.ts';
import { nothingWaits } from '../../../src/runs/launcher/waitingRuns.ts';
import type { Waiting } from '../../../src/runs/launcher/waitingRuns.ts';
import { examplePlans } from '../../runs/exampleRun.ts';

const node: GroupNode = { kind: 'group', runsDir: '/runs', group: 'g' };

function rowsOf(waiting: Partial<Waiting>): { readonly rows: WaitingRows; readonly shown: readonly string[] } {
  const rows = new WaitingRows();
  const groups = rows.update({ waitingGroups: [node], waitingIn: () => ({ ...nothingWaits, ...waiting }) });
  return { rows, shown: groups.flatMap((group) => group.waiting) };
}

describe('the rows of runs that wait', () => {
  const runs = examplePlans('/', { seeds: Array.from({ length: 1000 }, (_, index) => index + 1) });
  const dirs = runs.map(({ id }) => `/runs/${id}`);

  it('are those of the next to begin, of which the last says how many more there are', () => {
    const { rows, shown } = rowsOf({ runs, reasons: { [dirs[0] ?? '']: 'waits for its turn' } });
    assert.deepEqual(shown, dirs.slice(0, 20));
    const [first, last] = [shown[0], shown.at(-1)].map((dir) => rows.get(dir ?? ''));
    assert.deepEqual([first?.node, first?.plan.seed, first?.waits, first?.more], [node, 1, 'waits for its turn', 0]);
    assert.equal(last?.more, 980);
    assert.equal(rows.get(dirs[20] ?? ''), undefined);
  });

  it('wait for nothing where nothing will begin them', () => {
    const { rows, shown } = rowsOf({ runs: runs.slice(0, 2), isLost: true });
    assert.deepEqual(
      shown.map((dir) => rows.get(dir)?.waits),
      [null, null],
    );
  });

  it('are none of runs that have begun before, which have theirs and say what they wait for', () => {
    const { rows, shown } = rowsOf({ resuming: ['/runs/a'], reasons: { '/runs/a': 'the queue is paused' } });
    assert.deepEqual([shown, rows.reasonOf('/runs/a'), rows.reasonOf('/runs/b')], [[], 'the queue is paused', undefined]);
  });
});
