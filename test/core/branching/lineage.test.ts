import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharedPasts } from '../../../src/core/branching/lineage.ts';

const run = (id: string, of?: string, step = 0) => ({ id, branchedFrom: of === undefined ? undefined : { id: of, step } });

describe('the past of a branch', () => {
  const runs = [run('a'), run('b', 'a', 20), run('c', 'b', 30), run('d', 'gone', 10)];

  it('is that of the run that it comes from, where this is there', () => {
    assert.deepEqual(
      [...sharedPasts(runs)],
      [
        ['b', 20],
        ['c', 30],
      ],
    );
  });

  it('is its own where that is hidden, but for what it has in common with an earlier one', () => {
    assert.deepEqual(
      [...sharedPasts(runs, (id) => id !== 'b')],
      [
        ['b', 20],
        ['c', 20],
      ],
    );
    assert.deepEqual([...sharedPasts(runs, (id) => id === 'c')], []);
  });

  it('has an end, whatever somebody has written', () => {
    assert.deepEqual([...sharedPasts([run('a', 'b', 1), run('b', 'a', 2)], () => false)], []);
    assert.deepEqual([...sharedPasts([run('a', 'a', 1)])], []);
  });
});
