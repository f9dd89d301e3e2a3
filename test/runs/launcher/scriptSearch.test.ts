import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { findScripts, readScript, scriptsFor } from '../../../src/runs/launcher/scriptSearch.ts';

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-scripts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const verl = 'python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo $@\n';

test('scripts are found nearest first, and not among what is installed or hidden', async (t) => {
  const folder = folderOf(t, {
    'examples/run.sh': verl,
    'train.py': 'GRPOTrainer()\n',
    'plain.py': 'pass\n',
    'test_train.py': '',
    'notes.md': '',
    '.venv/lib/trl.py': 'GRPOTrainer()\n',
    'venv/x.py': '',
    '__pycache__/y.py': '',
  });
  const scripts = await findScripts(folder);
  assert.deepEqual(
    scripts.map(({ file, framework }) => [file, framework]),
    [
      ['plain.py', null],
      ['train.py', 'trl'],
      ['examples/run.sh', 'verl'],
    ],
  );
  assert.deepEqual(scriptsFor('trl', scripts), scripts.slice(1, 2));
  assert.deepEqual(scriptsFor('ray', scripts), scripts);
});

test('a script that somebody names is read wherever it is; anything else is none', async (t) => {
  const folder = folderOf(t, { 'a/run.sh': verl, 'b.txt': '' });
  assert.equal((await readScript(folder, 'a/run.sh'))?.file, 'a/run.sh');
  assert.equal((await readScript(path.join(folder, 'a'), path.join(folder, 'a/run.sh')))?.file, 'run.sh');
  assert.equal((await readScript(path.join(folder, 'b'), '../a/run.sh'))?.file, path.join(folder, 'a/run.sh'));
  for (const file of ['b.txt', 'none.sh', 'a']) assert.equal(await readScript(folder, file), undefined);
});
