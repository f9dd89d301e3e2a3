import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { stringify } from '../../../src/core/records/json.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { openRollouts } from '../../../src/runs/rollouts/openRollouts.ts';
import { textOfStep } from '../../../src/runs/rollouts/stepFiles.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'otb-rollouts-'));
after(() => rmSync(dir, { recursive: true, force: true }));
mkdirSync(path.join(dir, 'rollouts'));
const source = openRollouts({ format: 'run', path: dir, name: 'grpo seed 1', estimator: 'grpo' });

function write(step: number, content: string | Buffer): void {
  writeFileSync(path.join(dir, 'rollouts', `step-${String(step).padStart(6, '0')}.jsonl`), content);
}

function line(sequence: number, tokens = 2): string {
  const values = Array<number>(tokens).fill(-0.5);
  return stringify({ sequence, group: 0, prompt: ['?'], response: Array<string>(tokens).fill('a'), reward: 1, log_probs: values });
}

async function read(step: number): Promise<readonly (number | string)[]> {
  const found: (number | string)[] = [];
  for await (const each of source.read(step))
    found.push(each.kind === 'trajectory' ? each.trajectory.sequence : `${each.line}: ${each.problem}`);
  return found;
}

const refused = (problem: string) => (error: unknown) => error instanceof RunDirectoryError && error.problem === problem;

describe('the rollouts of a run', () => {
  it('are of the steps that were written, ascending, also of those that come later', async () => {
    assert.deepEqual(await source.steps(), []);
    write(20, line(0));
    write(3, line(0));
    assert.deepEqual(await source.steps(), [3, 20]);
    assert.equal(await textOfStep({ format: 'run', path: dir }, 3), path.join(dir, 'rollouts', 'step-000003.jsonl'));
  });

  it('are read in the order of the file, with what is wrong among them, and a last line that is not closed', async () => {
    const lines = [line(0), '', '{"sequence": 1}', line(2), line(0), line(3).slice(0, 40)];
    write(5, lines.join('\n'));
    assert.deepEqual(await read(5), [0, '3: group is missing', 2, '5: sequence is 0, as in line 1', '6: is not JSON, or is cut off']);
    write(6, `${line(0)}\r\n${line(1)}`);
    assert.deepEqual(await read(6), [0, 1]);
  });

  it('are read whole where lines are longer than what is read at once', async () => {
    write(7, [line(0, 500_000), line(1), line(2, 100_000), line(3)].join('\n'));
    assert.deepEqual(await read(7), [0, 1, 2, 3]);
  });

  it('are refused where there is no file, an empty one, or something else', async () => {
    await assert.rejects(read(99), refused('is gone'));
    write(8, '');
    await assert.rejects(read(8), refused('is empty'));
    write(9, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 0x0a]));
    await assert.rejects(read(9), refused('is not text'));
    mkdirSync(path.join(dir, 'rollouts', 'step-000010.jsonl'));
    await assert.rejects(read(10), /this is a directory, not a regular file/);
  });
});
