import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ConfigError } from '../../../src/runs/config/configError.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { requireFiles } from '../../../src/runs/planning/requireFiles.ts';
import { temporaryFolder } from '../exampleRun.ts';

async function problemsOf(config: Readonly<Record<string, unknown>>, cwd: string): Promise<readonly string[]> {
  const usual = { name: 'a', trainer: 'trl', estimators: ['grpo'], model: 'org/model', dataset: 'org/data', reward: 'number' };
  try {
    await requireFiles(parseConfig(JSON.stringify({ ...usual, ...config }), 'a.otb.json'), cwd);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ key, message, remedy }) => `${key}: ${message}. ${remedy}`);
  }
  return [];
}

describe('the files that a config of trl names', () => {
  it('are missed before anything starts', async () => {
    const cwd = temporaryFolder();
    const remedy = '"cwd" says where else the runs are to work.';
    assert.deepEqual(await problemsOf({ dataset: { path: 'a.jsonl' }, reward: ['number', 'my.py:exact'], model: './model' }, cwd), [
      `model: there is no folder ./model in ${cwd}, the working directory of the runs. Correct the path, or put the folder there; ${remedy}`,
      `dataset.path: there is no file a.jsonl in ${cwd}, the working directory of the runs. Correct the path, or put the file there; ${remedy}`,
      `reward[1]: there is no file my.py in ${cwd}, the working directory of the runs. Correct the path, or put the file there; ${remedy}`,
    ]);
  });

  it('are looked for in the working directory of the runs', async () => {
    const cwd = temporaryFolder();
    mkdirSync(path.join(cwd, 'work'));
    for (const name of ['a.csv', 'my.py', 'tools.py']) writeFileSync(path.join(cwd, 'work', name), '');
    const config = { dataset: 'a.csv', reward: 'my.py:exact', tools: ['calculator', 'tools.py:search'] };
    assert.deepEqual(await problemsOf({ ...config, cwd: 'work' }, cwd), []);
    assert.equal((await problemsOf(config, cwd)).length, 3);
  });

  it('are no folders', async () => {
    const cwd = temporaryFolder();
    mkdirSync(path.join(cwd, 'my.py'));
    assert.match((await problemsOf({ reward: 'my.py:exact' }, cwd))[0] ?? '', /It is something else: name a file\.$/);
  });

  it('are not names on the Hugging Face Hub', async () => {
    assert.deepEqual(await problemsOf({ model: 'gpt2', dataset: 'imdb' }, temporaryFolder()), []);
    assert.equal((await problemsOf({ model: 'a/b/c', dataset: './data' }, temporaryFolder())).length, 2);
  });
});
