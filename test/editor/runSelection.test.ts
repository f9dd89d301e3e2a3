import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodesCalledOn, runsOf } from '../../src/editor/runSelection.ts';
import type { RunOverview } from '../../src/runs/catalog/runOverview.ts';
import { exampleRecord, overviewOf } from '../runs/exampleRun.ts';
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

describe('a group stands for', () => {
  const run = (id: string, isArchived = false): RunOverview => {
    const overview = overviewOf({ dir: `/runs/${id}`, record: exampleRecord({ id, group: 'g' }), process: 'finished' });
    return isArchived ? { ...overview, identity: { ...overview.identity, label: { isArchived } } } : overview;
  };
  const members = (runs: readonly RunOverview[], archived?: boolean): string =>
    runsOf([c], { all: runs, get: () => undefined }, archived)
      .map(({ identity }) => identity.id)
      .join();

  it('its runs without the archived ones, unless all are, or all are meant', () => {
    assert.equal(members([run('x'), run('y', true)]), 'x');
    assert.equal(members([run('x', true), run('y', true)]), 'x,y');
    assert.equal(members([run('x'), run('y', true)], true), 'x,y');
  });
});
