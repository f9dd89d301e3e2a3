import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findRunDirectory, parseRunAtStep } from '../../../src/runs/catalog/runReference.ts';
import { RunDirectoryError } from '../../../src/runs/directory/runDirectoryError.ts';
import { temporaryFolder } from '../exampleRun.ts';

const ids = ['20260102-030405-a-grpo-s1', '20260102-030405-a-grpo-s10', '20260103-030405-b-opo-s1'];

function workspace(names: readonly string[] = ids): string {
  const cwd = temporaryFolder();
  for (const name of names) {
    const dir = path.join(cwd, '.otb', 'runs', name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'run.json'), '{}');
  }
  return cwd;
}

const inRuns = (cwd: string, id = ''): string => path.join(cwd, '.otb', 'runs', id);

describe('a run and a step, as somebody writes them', () => {
  it('are taken apart at the last @ before a whole number', () => {
    assert.deepEqual(parseRunAtStep('20260103-b@120'), { run: '20260103-b', step: 120 });
    assert.deepEqual(parseRunAtStep('20260103-b'), { run: '20260103-b', step: null });
    assert.deepEqual(parseRunAtStep('me@host/run@0'), { run: 'me@host/run', step: 0 });
  });

  it('are a run alone where no whole number follows, or nothing stands before', () => {
    for (const text of ['me@host', 'run@', 'run@-1', 'run@1.5', '@12', '', 'run@99999999999999999999'])
      assert.deepEqual(parseRunAtStep(text), { run: text, step: null });
  });
});

describe('a run directory', () => {
  it('is found by its path, by its id, and by the beginning of one', async () => {
    const cwd = workspace();
    for (const reference of [inRuns(cwd, ids[2]), path.join('.otb', 'runs', ids[2]!), ids[2]!, '20260103'])
      assert.equal(await findRunDirectory(reference, cwd), inRuns(cwd, ids[2]));
  });

  it('is the one whose id it is where others only begin so', async () => {
    const cwd = workspace();
    assert.equal(await findRunDirectory(ids[0]!, cwd), inRuns(cwd, ids[0]));
  });

  it('is not guessed: the error names those that it could be', async () => {
    const cwd = workspace();
    const error = await failure('20260102', cwd);
    assert.match(error, /^20260102: the ids of 2 runs begin so\. Write more of one: /);
    for (const id of ids.slice(0, 2)) assert.ok(error.includes(id));
  });

  it('that does not exist is an error that says where was looked and what there is', async () => {
    const cwd = workspace();
    assert.equal(
      await failure('c', cwd),
      `c: there is no such run. In ${path.join(cwd, '.otb', 'runs')} there are ${ids.toReversed().join(', ')}.`,
    );
    assert.match(await failure('', cwd), /^"": there is no such run\./);
    assert.match(await failure('c', temporaryFolder()), /There are no runs in /);
  });

  it('is never found outside by the beginning of a name', async () => {
    const cwd = workspace();
    assert.match(await failure('../../2026', path.join(cwd, '.otb', 'runs')), /there is no such run/);
  });

  it('needs a run.json', async () => {
    const cwd = workspace();
    mkdirSync(path.join(cwd, 'empty'));
    assert.equal(
      await failure('empty', cwd),
      `${path.join(cwd, 'empty')}: there is no run.json in it. Give the directory of a run, or its id.`,
    );
  });

  it('of many is named by the latest few', async () => {
    const many = Array.from({ length: 20 }, (_, i) => `r${String(i).padStart(2, '0')}`);
    assert.match(await failure('x', workspace(many)), /there are r19, r18, r17, r16, r15 and 15 more\.$/);
  });
});

async function failure(reference: string, cwd: string): Promise<string> {
  try {
    return assert.fail(await findRunDirectory(reference, cwd));
  } catch (error) {
    assert.ok(error instanceof RunDirectoryError, String(error));
    return error.message;
  }
}
