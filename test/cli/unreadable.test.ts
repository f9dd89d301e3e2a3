import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { otb, temporaryFolder } from './otb.ts';
import { writeRunDirectory } from './runFixture.ts';

const run = { estimator: 'grpo', seed: 1, steps: 20, collapseAt: null } as const;

for (const command of ['inspect', 'compare', 'watch']) {
  test(`otb ${command} waits for no pipe and reads no device: it names them`, { skip: process.platform === 'win32' }, async (t) => {
    const folder = temporaryFolder(t);
    const dir = writeRunDirectory(folder, run);
    for (const name of ['metrics.jsonl', 'exit.json', 'run.json']) {
      const file = path.join(dir, name);
      rmSync(file);
      if (name === 'exit.json') symlinkSync('/dev/zero', file);
      else execFileSync('mkfifo', [file]);
      const { code, stdout, stderr } = await otb([command, dir]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /(metrics\.jsonl|exit\.json|run\.json): cannot be read: this is a (named pipe|device), not a regular file/);
    }
  });
}
