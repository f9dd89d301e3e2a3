import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { commandLinePython, withPythonFirst } from '../../../src/runs/launcher/pythonChoice.ts';

const posix = { skip: process.platform === 'win32' };

function environment(t: TestContext, name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-python-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin', name), '');
  return folder;
}

test('the Python that is named comes first, as a path from the working folder or as a name', () => {
  const env = { VIRTUAL_ENV: os.tmpdir() };
  assert.equal(commandLinePython('venv/bin/python', env, '/work').program, path.resolve('/work/venv/bin/python'));
  assert.equal(commandLinePython('python3.12', env, '/work').program, 'python3.12');
});

test('the active virtual environment comes next, then the one of Conda', posix, (t) => {
  const virtual = environment(t, 'python');
  const conda = environment(t, 'python3');
  assert.deepEqual(commandLinePython(undefined, { VIRTUAL_ENV: virtual, CONDA_PREFIX: conda }, '/'), {
    program: path.join(virtual, 'bin/python'),
    source: 'that of VIRTUAL_ENV',
  });
  assert.deepEqual(commandLinePython(undefined, { CONDA_PREFIX: conda }, '/'), {
    program: path.join(conda, 'bin/python3'),
    source: 'that of CONDA_PREFIX',
  });
});

test('python3 is taken where no environment is active, or the active one is gone', posix, () => {
  assert.equal(commandLinePython(undefined, {}, '/').program, 'python3');
  assert.equal(commandLinePython(undefined, { VIRTUAL_ENV: '/no/such/folder', CONDA_PREFIX: '' }, '/').program, 'python3');
});

test('a script that says python3 gets the chosen one', posix, () => {
  assert.deepEqual(withPythonFirst({ PATH: '/usr/bin:/envs/rl/bin', HOME: '/h' }, '/envs/rl/bin/python'), {
    PATH: '/envs/rl/bin:/usr/bin',
    HOME: '/h',
  });
  assert.deepEqual(withPythonFirst({}, '/envs/rl/bin/python'), { PATH: '/envs/rl/bin' });
  assert.deepEqual(withPythonFirst({ PATH: '/usr/bin' }, 'python3'), { PATH: '/usr/bin' });
});
