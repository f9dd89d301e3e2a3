import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodesCalledOn } from '../../src/editor/runSelection.ts';
import type { Node } from '../../src/editor/runSelection.ts';

const [a, b, c]: readonly [Node, Node, Node] = [
  { kind: 'run', dir: '/runs/a' },
  { kind: 'run', dir: '/runs/b' },
  { kind: 'group', runsDir: '/runs', group: 'g' },
];

describe('what a command is called on', () => {
  it('is the row that has the focus, and all selected ones where it is one of them', () => {
    assert.deepEqual(nodesCalledOn([c], [a, b]), [c]);
    assert.deepEqual(nodesCalledOn([b], [a, b]), [a, b]);
  });

  it('is what a menu says, and what other callers name', () => {
    assert.deepEqual(nodesCalledOn([a, [a, b]], [c]), [a, b]);
    assert.deepEqual(nodesCalledOn([{ ...a }], [a, b]), [a]);
    assert.deepEqual(nodesCalledOn([['/runs/x']], [a]), [{ kind: 'run', dir: '/runs/x' }]);
  });

  it('is nothing where nothing is said', () => {
    assert.deepEqual(nodesCalledOn([], [a]), []);
    assert.deepEqual(nodesCalledOn([null], [a]), []);
  });
});
