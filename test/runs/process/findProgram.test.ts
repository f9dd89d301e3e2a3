import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findProgram, isProgramFile } from '../../../src/runs/process/findProgram.ts';
import { temporaryFolder } from '../exampleRun.ts';

function file(folder: string, name: string, mode: number): string {
  const written = path.join(folder, name);
  mkdirSync(path.dirname(written), { recursive: true });
  writeFileSync(written, '#!/bin/sh\n');
  chmodSync(written, mode);
  return written;
}

describe('a program', { skip: process.platform === 'win32' }, () => {
  it('is what its path leads to from the working directory, and by its name the first in PATH that may be started', () => {
    const cwd = temporaryFolder();
    const [plain, program] = [file(cwd, 'one/run', 0o644), file(cwd, 'two/run', 0o755)];
    const env = { PATH: ['one', 'two'].map((name) => path.join(cwd, name)).join(path.delimiter) };
    assert.equal(findProgram('run', cwd, env), program);
    assert.equal(findProgram('run', cwd, { PATH: path.join(cwd, 'one') }), plain, 'one that may not be started is better than none');
    assert.equal(findProgram('./one/run', cwd, env), plain);
    assert.equal(findProgram('./run', cwd, env), undefined);
    assert.equal(findProgram('walk', cwd, env), undefined);
    assert.equal(findProgram('run', cwd, {}), undefined);
  });

  it('is a file that may be started, and no folder', () => {
    const cwd = temporaryFolder();
    assert.equal(isProgramFile(file(cwd, 'a', 0o755)), true);
    assert.equal(isProgramFile(file(cwd, 'b', 0o644)), false);
    assert.equal(isProgramFile(cwd), false);
    assert.equal(isProgramFile(path.join(cwd, 'c')), false);
  });
});
