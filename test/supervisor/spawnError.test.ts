import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { spawnProblem } from '../../src/supervisor/spawnError.ts';
import type { SpawnProblem, Started } from '../../src/supervisor/spawnError.ts';
import { temporaryFolder } from '../runs/exampleRun.ts';

/** What is told of a command that really cannot be started. */
async function problemOf(command: readonly string[], changes: Partial<Started> = {}): Promise<SpawnProblem> {
  const started = { of: 'command' as const, command, cwd: temporaryFolder(), env: { PATH: '/usr/bin:/bin' }, ...changes };
  const [program = '', ...args] = command;
  try {
    const child = spawn(program, args, { cwd: started.cwd, env: started.env, stdio: 'ignore' });
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    return spawnProblem(error, started);
  } catch (error) {
    // Of some things it is told at once.
    return spawnProblem(error as NodeJS.ErrnoException, started);
  }
}

/** A file with these permissions in a new folder. */
function fileWith(name: string, content: string, mode: number): { readonly folder: string; readonly file: string } {
  const folder = temporaryFolder();
  const file = path.join(folder, name);
  writeFileSync(file, content, { mode });
  return { folder, file };
}

describe('a command that cannot be started', { skip: process.platform === 'win32' }, () => {
  it('has a program that is not there', async () => {
    assert.deepEqual(await problemOf(['torchrunn', 'x.py']), {
      sentence: 'The program torchrunn is not found in PATH.',
      remedy: 'Install it, write its whole path in "command", or add its folder to PATH in "env".',
    });
    const { folder } = fileWith('run.sh', '#!/bin/sh\n', 0o755);
    assert.match((await problemOf(['run.sh'], { cwd: folder })).remedy, /write "\.\/run\.sh"/);
    const missing = await problemOf(['./scripts/run.sh'], { cwd: folder });
    assert.equal(missing.sentence, `The program ./scripts/run.sh is not found in ${path.join(folder, 'scripts')}.`);
    assert.match((await problemOf(['python train.py'])).remedy, /each argument as an entry of its own/);
    const bin = fileWith('python3', '', 0o755);
    assert.match((await problemOf(['python'], { env: { PATH: bin.folder } })).remedy, /"python3", or "\$\{python\}"/);
  });

  it('has a program that is not executable, or a directory', async () => {
    const { folder, file } = fileWith('train.py', 'print(1)\n', 0o644);
    assert.deepEqual(await problemOf(['./train.py'], { cwd: folder }), {
      sentence: `${file} is not executable.`,
      remedy: `Make it executable: chmod +x ${file}, or put "python3" before it in "command".`,
    });
    mkdirSync(path.join(folder, 'sub'));
    assert.match((await problemOf(['./sub'], { cwd: folder })).sentence, /is a directory, not a program/);
  });

  it('has a script whose interpreter is not there, or whose lines end as on Windows', async () => {
    const { folder, file } = fileWith('run', '#!/opt/nowhere/python -u\n', 0o755);
    assert.equal(
      (await problemOf(['./run'], { cwd: folder })).sentence,
      `The script ${file} is to be run by /opt/nowhere/python, which is not there.`,
    );
    const windows = fileWith('run.sh', '#!/bin/bash\r\necho\r\n', 0o755);
    const problem = await problemOf(['./run.sh'], { cwd: windows.folder });
    assert.match(problem.sentence, /line ends of Windows/);
    assert.match(problem.remedy, /sed -i/);
  });

  it('has a working directory that is not there, or is none', async () => {
    const { folder, file } = fileWith('file', '', 0o644);
    const cwd = path.join(folder, 'nowhere');
    assert.equal((await problemOf(['sh'], { cwd })).sentence, `The working directory ${cwd} is not there.`);
    assert.equal((await problemOf(['sh'], { cwd: file })).sentence, `The working directory ${file} is a file.`);
  });

  it('has too much to be told', async () => {
    const problem = await problemOf(['sh', '-c', 'x'.repeat(1 << 20)]);
    assert.match(problem.sentence, /longer than the system allows/);
  });

  it('is told of in the words of the system where it has no others', () => {
    const started = { of: 'command' as const, command: ['sh'], cwd: temporaryFolder(), env: { PATH: '/bin' } };
    const error = Object.assign(new Error('spawn sh EWHAT'), { code: 'EWHAT' });
    assert.equal(spawnProblem(error, started).sentence, 'sh cannot be started: spawn sh EWHAT.');
    const full = Object.assign(new Error('spawn sh EAGAIN'), { code: 'EAGAIN' });
    assert.match(spawnProblem(full, started).remedy, /ulimit/);
  });
});
