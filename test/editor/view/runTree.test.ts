import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeId } from '../../../src/editor/runSelection.ts';
import type { GroupNode } from '../../../src/editor/runSelection.ts';
import { RunTree } from '../../../src/editor/view/runTree.ts';
import { exampleRecord, overviewOf } from '../../runs/exampleRun.ts';

const old: GroupNode = { kind: 'group', runsDir: '/runs', group: 'old' };
const fresh: GroupNode = { kind: 'group', runsDir: '/runs', group: 'fresh' };
const begun = overviewOf({ dir: '/runs/old-1', record: exampleRecord({ id: 'old-1', group: 'old' }) });

describe('the tree of runs', () => {
  it('has those that wait below the others of their group, and their groups on top where nothing has begun', () => {
    const tree = new RunTree();
    tree.update([begun], 'newest', [
      { node: old, waiting: ['/runs/old-2'] },
      { node: fresh, waiting: ['/runs/fresh-1', '/runs/fresh-2'] },
    ]);
    const rows = tree.groups.flatMap(({ node }) => [nodeId(node), ...tree.children(node).map(nodeId)]);
    assert.deepEqual(rows, [
      'group:/runs:fresh',
      'waiting:/runs/fresh-1',
      'waiting:/runs/fresh-2',
      'group:/runs:old',
      'run:/runs/old-1',
      'waiting:/runs/old-2',
    ]);
  });

  it('tells which groups have other rows: a run begins, or the order is another', () => {
    const tree = new RunTree();
    const waiting = ['/runs/old-2', '/runs/old-3'];
    tree.update([begun], 'newest', [{ node: old, waiting }]);
    assert.deepEqual(tree.update([begun], 'newest', [{ node: old, waiting }]), []);
    assert.deepEqual(tree.update([begun], 'newest', [{ node: old, waiting: waiting.toReversed() }]), [old]);
    const second = overviewOf({ dir: '/runs/old-2', record: exampleRecord({ id: 'old-2', group: 'old' }) });
    assert.deepEqual(tree.update([second, begun], 'newest', [{ node: old, waiting: ['/runs/old-3'] }]), [old]);
    assert.equal(tree.update([second, begun], 'newest', [{ node: fresh, waiting: ['/runs/fresh-1'] }]), undefined);
  });

  it('keeps its elements for as long as what they stand for is there', () => {
    const tree = new RunTree();
    const rows = [{ node: old, waiting: ['/runs/old-2'] }];
    tree.update([begun], 'newest', rows);
    const before = tree.children(old);
    tree.update([begun], 'newest', rows);
    assert.ok(tree.children(old).every((node, index) => node === before[index]));
  });
});
