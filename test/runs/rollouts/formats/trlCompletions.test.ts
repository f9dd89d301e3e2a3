import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parquetRows } from '../../../../src/runs/rollouts/formats/parquet.ts';
import { TrlCompletions } from '../../../../src/runs/rollouts/formats/trlCompletions.ts';
import { textOfStep } from '../../../../src/runs/rollouts/stepFiles.ts';
import { folderOf, readStep } from './readStep.ts';

const folder = path.resolve('test/data/producers/trl-completions/completions');
const first = readFileSync(path.join(folder, 'completions_00001.parquet'));

describe("TRL's completions", () => {
  const source = new TrlCompletions({ format: 'trl', path: folder }, 'completions', null);

  it('have a step a file', async () => {
    assert.deepEqual(await source.steps(), [1, 2]);
    assert.equal(await textOfStep({ format: 'trl', path: folder }, 1), null);
  });

  it('are read in groups of equal prompts', async () => {
    const { trajectories, malformed } = await readStep(source, 1);
    assert.deepEqual(malformed, []);
    assert.deepEqual(
      trajectories.map(({ group }) => group),
      [0, 0, 0, 0, 1, 1, 1, 1],
    );
    assert.deepEqual([trajectories[0]?.prompt, trajectories[0]?.response], [['2 + 2 ='], ['= maybe 1 + = 7 1']]);
  });

  it('have as reward the sum of the reward functions, without other columns, which are facts', async () => {
    const { trajectories } = await readStep(source, 2);
    assert.deepEqual(
      trajectories.map(({ reward }) => reward),
      [2, 1, 1, 0.5, 1.5, 0, 1, 0],
    );
    const { facts } = trajectories[0]!;
    assert.deepEqual([facts['threes'], facts['is_short'], facts['characters'], facts['step']], [2, null, 18, 2]);
    assert.ok(Math.abs((facts['advantage'] as number) - 1.390538) < 1e-6);
  });

  it("have the advantages of our estimators, of which grpo's is TRL's own", async () => {
    const { trajectories } = await readStep(source, 2);
    for (const { advantages, facts } of trajectories)
      assert.ok(Math.abs((advantages.grpo as number) - (facts['advantage'] as number)) < 1e-3);
  });

  it('that are no parquet files, or half of one, say so', async () => {
    const damaged = first.map((byte, i) => (i > 100 && i < 400 ? 255 - byte : byte));
    const odd = folderOf({
      'completions_00001.parquet': '',
      'completions_00002.parquet': 'PAR1 not really',
      'completions_00003.parquet': first.subarray(0, 1000),
      'completions_00004.parquet': damaged,
    });
    const broken = new TrlCompletions({ format: 'trl', path: odd }, 'odd', null);
    assert.deepEqual(await broken.steps(), [1, 2, 3, 4]);
    for (const step of [1, 2, 3, 4])
      await assert.rejects(readStep(broken, step), /this is no parquet file, or a damaged one: .*have it written anew/);
    await assert.rejects(readStep(broken, 5), /there is no file of step 5 any more/);
  });
});

describe('a parquet file', () => {
  it('gives whole numbers as numbers', async () => {
    for await (const row of parquetRows(path.join(folder, 'completions_00001.parquet'))) assert.equal(row['step'], 1);
  });
});
