import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { endTree } from '../../../src/runs/process/endTree.ts';
import { findTree } from '../../../src/runs/process/processTree.ts';
import { eventually, temporaryFolder } from '../exampleRun.ts';
import { isAlive, listener, pidIn, signalsOf, startTree } from './commandTree.ts';

/** Longer than a test takes: a stage that must not come to its end. */
const ages = 60_000;
const soon = 300;

describe('the end of a command', { skip: process.platform === 'win32' }, () => {
  it('comes by one SIGINT to each process of its group, as a Ctrl-C does it', async () => {
    const tree = await startTree(`trap : INT; ${listener('a')} & ${listener('b')}; wait`);
    const pids = [await pidIn(tree.folder, 'a'), await pidIn(tree.folder, 'b')];
    const signals: string[] = [];
    // A background process of a shell without job control ignores SIGINT until it asks for it, as this one does.
    const end = await endTree(tree, { interruptMs: ages, terminateMs: ages }, (signal) => signals.push(signal));
    assert.deepEqual([end, signals], [{ how: 'interrupted', left: [] }, ['SIGINT']]);
    for (const name of ['a', 'b']) assert.deepEqual(signalsOf(tree.folder, name), ['SIGINT']);
    for (const pid of pids) assert.equal(await isAlive(pid), false);
  });

  it('reaches who has a session of its own, once, when nobody is left who started it', async () => {
    const tree = await startTree(`setsid ${listener('own', 'none')} & ${listener('main')}; wait`);
    const pids = [await pidIn(tree.folder, 'own'), await pidIn(tree.folder, 'main')];
    assert.equal((await endTree(tree, { interruptMs: ages, terminateMs: ages })).how, 'interrupted');
    assert.deepEqual(signalsOf(tree.folder, 'own'), ['SIGINT']);
    for (const pid of pids) assert.equal(await isAlive(pid), false);
  });

  it('leaves who has a session of its own to its parent, as long as that ends things cleanly', async () => {
    const script = `trap 'kill -TERM $child; wait' INT; setsid ${listener('own', 'none')} & child=$!; wait`;
    const tree = await startTree(script);
    await pidIn(tree.folder, 'own');
    assert.equal((await endTree(tree, { interruptMs: ages, terminateMs: ages })).how, 'interrupted');
    assert.deepEqual(signalsOf(tree.folder, 'own'), ['SIGTERM']);
  });

  it('reaches a process that was forked twice, lost its parent, and left the session', async () => {
    const tree = await startTree(`(setsid ${listener('lost', 'none')} &) ; exec sleep 300`);
    const pid = await pidIn(tree.folder, 'lost');
    assert.ok((await findTree(tree)).some((process) => process.pid === pid));
    assert.equal((await endTree(tree, { interruptMs: ages, terminateMs: ages })).how, 'interrupted');
    assert.equal(await isAlive(pid), false);
  });

  it('reaches who has cleared the environment and lost its parent, after the command itself has ended', async () => {
    const tree = await startTree(`(env -i ${listener('bare')} &) ; exit 0`);
    const pid = await pidIn(tree.folder, 'bare');
    await eventually(async () => !(await isAlive(tree.leader.pid)), 'the command has ended');
    assert.deepEqual(
      (await findTree(tree)).map((process) => process.pid),
      [pid],
    );
    assert.equal((await endTree(tree, { interruptMs: ages, terminateMs: ages })).how, 'interrupted');
  });

  it('comes by SIGTERM where SIGINT is ignored, and by SIGKILL where that is, too', async () => {
    const polite = await startTree(`exec ${listener('a', 'SIGINT')}`);
    await pidIn(polite.folder, 'a');
    assert.equal((await endTree(polite, { interruptMs: soon, terminateMs: ages })).how, 'terminated');
    assert.deepEqual(signalsOf(polite.folder, 'a'), ['SIGINT', 'SIGTERM']);
    const deaf = await startTree(`setsid ${listener('b', 'SIGINT', 'SIGTERM')} & exec ${listener('a', 'SIGINT', 'SIGTERM')}`);
    const pids = [await pidIn(deaf.folder, 'a'), await pidIn(deaf.folder, 'b')];
    const signals: string[] = [];
    const end = await endTree(deaf, { interruptMs: soon, terminateMs: soon }, (signal) => signals.push(signal));
    assert.deepEqual([end, signals], [{ how: 'killed', left: [] }, ['SIGINT', 'SIGTERM', 'SIGKILL']]);
    for (const pid of pids) assert.equal(await isAlive(pid), false);
  });

  it('reaches who was known by its parent alone, when that has ended first', async () => {
    const tree = await startTree(`trap 'exit 0' TERM; setsid env -i ${listener('bare', 'SIGTERM')} & wait`);
    const pid = await pidIn(tree.folder, 'bare');
    assert.equal((await endTree(tree, { interruptMs: 0, terminateMs: soon })).how, 'killed');
    assert.equal(await isAlive(pid), false);
  });

  it('lets a stopped process go on, so that it can end', async () => {
    const tree = await startTree(`exec ${listener('a', 'SIGINT')}`);
    const pid = await pidIn(tree.folder, 'a');
    process.kill(pid, 'SIGSTOP');
    await eventually(async () => (await findTree(tree)).some(({ isStopped }) => isStopped), 'it is stopped');
    assert.equal((await endTree(tree, { interruptMs: 0, terminateMs: ages })).how, 'terminated');
    assert.deepEqual(signalsOf(tree.folder, 'a'), ['SIGTERM']);
  });

  it('keeps up with a command that forks without end', async () => {
    // Each process starts the next one, in a session of its own, and ends.
    const tree = await startTree(
      'exec 2>/dev/null; next() { (sleep 0.01; next) & }; next; echo $$ > ready; while :; do setsid sleep 300 & sleep 0.01; done',
    );
    await pidIn(tree.folder, 'ready');
    assert.equal((await endTree(tree, { interruptMs: 0, terminateMs: 0 })).how, 'killed');
    assert.deepEqual(await findTree(tree), []);
  });

  it('harms nobody else: not the same program, and not the one that asks', async () => {
    const folder = temporaryFolder();
    const bystander = spawn('sh', ['-c', `exec ${listener('bystander')}`], { cwd: folder, stdio: 'ignore' });
    const other = await startTree(`exec ${listener('a')}`);
    const tree = await startTree(`exec ${listener('a')}`);
    const pids = [await pidIn(folder, 'bystander'), await pidIn(other.folder, 'a')];
    await pidIn(tree.folder, 'a');
    await endTree(tree, { interruptMs: soon, terminateMs: soon });
    for (const pid of pids) assert.equal(await isAlive(pid), true);
    for (const [place, name] of [
      [folder, 'bystander'],
      [other.folder, 'a'],
    ] as const)
      assert.deepEqual(signalsOf(place, name), []);
    bystander.kill('SIGKILL');
    await endTree(other, { interruptMs: 0, terminateMs: 0 });
  });

  it('is no signal to a process that has got the pid of another', async () => {
    const tree = await startTree(`exec ${listener('a')}`);
    const pid = await pidIn(tree.folder, 'a');
    const stale = { mark: 'nobody has this', leader: { pid, processStartTime: 'another boot:1' } };
    assert.deepEqual(await endTree(stale, { interruptMs: soon, terminateMs: soon }), { how: 'gone', left: [] });
    assert.equal(await isAlive(pid), true);
    await endTree(tree, { interruptMs: 0, terminateMs: 0 });
  });
});
