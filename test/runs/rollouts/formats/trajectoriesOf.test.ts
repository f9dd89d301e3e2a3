import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReadRow } from '../../../../src/runs/rollouts/formats/jsonLines.ts';
import { trajectoriesOf } from '../../../../src/runs/rollouts/formats/trajectoriesOf.ts';
import { verlMapping } from '../../../../src/runs/rollouts/formats/verlDump.ts';
import type { ReadTrajectory } from '../../../../src/runs/rollouts/rolloutSource.ts';

const row = (input: string, score: number): unknown => ({ input, output: `${input} ${score}`, score, step: 1 });

describe('the trajectories of a file', () => {
  const lines: ReadRow[] = [
    { line: 1, value: row('a', 1) },
    { line: 2, value: row('b', 3) },
    { line: 3, problem: 'is not valid JSON' },
    { line: 4, value: row('a', 0) },
    { line: 5, value: row('b', 1) },
  ];

  async function read(size: number, grown: readonly ReadRow[] = []): Promise<readonly ReadTrajectory[]> {
    let times = 0;
    async function* rows(): AsyncGenerator<ReadRow> {
      yield* times++ === 0 ? lines : [...lines, ...grown];
    }
    const found: ReadTrajectory[] = [];
    for await (const each of trajectoriesOf({ rows, size, mapping: verlMapping, step: 1 })) found.push(each);
    return found;
  }

  it('are the same where a large file is read twice', async () => {
    const [small, large] = [await read(0), await read(Infinity)];
    assert.equal(small.length, 5);
    assert.deepEqual(large, small);
  });

  it('leave what a large file has got meanwhile for the next time', async () => {
    assert.equal((await read(Infinity, [{ line: 6, value: row('c', 1) }])).length, 5);
  });

  it('stand in the order of the file, with the group of their prompt', async () => {
    const groups = (await read(0)).map((each) => (each.kind === 'trajectory' ? each.trajectory.group : each.problem));
    assert.deepEqual(groups, [0, 1, 'is not valid JSON', 0, 1]);
  });
});
