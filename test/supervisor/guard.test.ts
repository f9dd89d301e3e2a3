import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endTree } from '../../src/runs/process/endTree.ts';
import { processStartTime } from '../../src/runs/process/processStartTime.ts';
import { findTree, newMark, treeVariables } from '../../src/runs/process/processTree.ts';
import { Guard, orphanedCommand } from '../../src/supervisor/guard.ts';
import { isAlive, pidIn, writtenIn } from '../runs/process/commandTree.ts';
import { eventually, temporaryFolder } from '../runs/exampleRun.ts';

/** This file is also the program of a supervisor, and what its guard starts. */
const entry = fileURLToPath(import.meta.url);
const [, , mode = '', folder = '', ...more] = process.argv;
const script = 'echo $$ > command; setsid sh -c "echo \\$\\$ > own; exec sleep 300" & trap "" INT; sleep 300';

if (mode === '--after') await after();
else if (mode === 'supervise') await supervise(more);
else describe('a guard', { skip: process.platform === 'win32' }, tests);

async function after(): Promise<void> {
  const orphaned = orphanedCommand(process.argv.slice(2));
  const end = orphaned && (await endTree(orphaned.tree, { interruptMs: 100, terminateMs: 100 }));
  writeFileSync(path.join(folder, 'after'), end?.how ?? 'not asked');
}

/** Starts a command with a guard, as a supervisor does, and lives until it is killed, or until a file says that all is done. */
async function supervise([mark = '', knows = '']: readonly string[]): Promise<void> {
  const guard = new Guard({ runDir: folder, mark, entry }, (error) => assert.fail(error));
  const env = { ...process.env, [treeVariables.mark]: mark };
  const child = spawn('sh', ['-c', script], { cwd: folder, env, detached: true, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  if (knows !== '') guard.watch({ pid, processStartTime: await processStartTime(pid) });
  writeFileSync(path.join(folder, 'guard'), String(guard.pid));
  const done = setInterval(() => {
    if (!existsSync(path.join(folder, 'done'))) return;
    clearInterval(done);
    child.unref();
    void guard.release();
  }, 10);
}

interface Supervised {
  readonly folder: string;
  readonly mark: string;
  readonly supervisor: ChildProcess;
  readonly guard: number;
  readonly processes: readonly number[];
}

async function supervised(...flags: readonly string[]): Promise<Supervised> {
  const folder = temporaryFolder();
  const mark = newMark();
  const supervisor = spawn(process.execPath, [entry, 'supervise', folder, mark, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
  const processes = [await pidIn(folder, 'command'), await pidIn(folder, 'own')];
  return { folder, mark, supervisor, guard: await pidIn(folder, 'guard'), processes };
}

function tests(): void {
  it('ends all processes of the command when the supervisor is killed', async () => {
    for (const flags of [[], ['knows the command']]) {
      const { folder, mark, supervisor, guard, processes } = await supervised(...flags);
      supervisor.kill('SIGKILL');
      assert.match(await writtenIn(folder, 'after'), /^(terminated|killed)$/);
      for (const pid of processes) assert.equal(await isAlive(pid), false);
      assert.deepEqual(await findTree({ mark, leader: null }), []);
      await eventually(async () => !(await isAlive(guard)), 'the guard is gone');
    }
  });

  it('goes, and does nothing, when the supervisor has said that all is done', async () => {
    const { folder, supervisor, guard, processes } = await supervised();
    writeFileSync(path.join(folder, 'done'), '');
    await eventually(() => supervisor.exitCode !== null, 'the supervisor has ended');
    await eventually(async () => !(await isAlive(guard)), 'the guard is gone');
    assert.equal(existsSync(path.join(folder, 'after')), false);
    for (const pid of processes) {
      assert.equal(await isAlive(pid), true);
      process.kill(pid, 'SIGKILL');
    }
  });

  it('survives what ends the group of the command, and is not found by the name of the supervisor', async () => {
    const { folder, supervisor, guard, processes } = await supervised();
    const [command = 0] = processes;
    process.kill(-command, 'SIGKILL');
    assert.equal(await isAlive(guard), true);
    if (process.platform === 'linux') assert.ok(!readFileSync(`/proc/${guard}/cmdline`, 'utf8').includes(entry));
    supervisor.kill('SIGKILL');
    await writtenIn(folder, 'after');
    for (const pid of processes) assert.equal(await isAlive(pid), false);
  });

  it('that cannot be started is told of, and the supervisor goes on', async () => {
    const errors: Error[] = [];
    const guard = new Guard({ runDir: path.join(temporaryFolder(), 'x'), mark: 'm', entry, shell: '/nowhere/sh' }, (error) =>
      errors.push(error),
    );
    await eventually(() => errors.length > 0, 'the error is told');
    guard.watch({ pid: 1, processStartTime: null });
    await guard.release();
  });
}
