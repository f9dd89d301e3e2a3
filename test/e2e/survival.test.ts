import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseMetrics } from '../../src/core/records/metrics.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { begun, ended, endlessConfig, exitOf, goesOn, runsDir, runsOf, stepsOf, stopAll } from './runsOnDisk.ts';

const noPanel = { 'otb.launch.openPanel': false };
const files = { 'tiny.otb.json': endlessConfig() };
const oneAtATime = { ...files, '.vscode/settings.json': JSON.stringify({ 'otb.launch.parallel': 1 }) };
const single = { 'tiny.otb.json': endlessConfig({ estimators: ['opo'] }) };

async function startIn(window: Window): Promise<void> {
  await window.host.evaluate(
    (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
    window.file('tiny.otb.json'),
  );
}

/** Pid of the process that starts what waits. */
function queuePid(window: Window): number {
  const name = readdirSync(runsDir(window)).find((file) => file.endsWith('.queue.json')) ?? '';
  return (JSON.parse(readFileSync(path.join(runsDir(window), name), 'utf8')) as { pid: number }).pid;
}

/** How often a process has begun to work on a run. */
function starts(dir: string): number {
  return readFileSync(path.join(dir, 'events.jsonl'), 'utf8').split('"type":"started"').length - 1;
}

vscodeTest(
  'runs and what waits for them go on when the extension host is killed',
  { files: oneAtATime, settings: noPanel },
  async (window) => {
    await startIn(window);
    const [first] = await begun(window, 1);
    assert.ok(first);
    const queue = queuePid(window);
    await window.crashExtensionHost();
    await goesOn(first.dir);
    // Asked by a file, as the command line does: nothing of the window takes part.
    process.kill(first.pid, 'SIGTERM');
    await ended(first.dir);
    const second = (await begun(window, 2)).find(({ dir }) => dir !== first.dir);
    assert.ok(second, 'the queue starts the next run with no window there');
    process.kill(queue, 0);
    const view = await window.view('OTB Runs');
    await view.waitFor('both runs in the new extension host', (rows) => rows.filter(({ level }) => level === 2).length === 2);
    await stopAll(window);
  },
);

vscodeTest(
  'a window that is closed and opened again shows the same runs',
  { files: single, settings: noPanel },
  async (window, openWindow) => {
    await startIn(window);
    const [run] = await begun(window, 1);
    assert.ok(run && window.workspace !== null);
    await window.reload();
    await goesOn(run.dir);
    const other = await openWindow({ folder: window.workspace });
    const view = await other.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ label }) => label.includes('opo')));
    await stopAll(other);
  },
);

vscodeTest(
  'after a reload in mid-run view, lens and panel count the same runs, and the view goes on with them',
  { files: { ...oneAtATime, 'tiny.otb.json': endlessConfig({ estimators: ['opo', 'grpo'], seeds: [1, 2] }) } },
  async (window) => {
    const editor = await window.open('tiny.otb.json');
    await startIn(window);
    await begun(window, 1);
    const view = await window.view('OTB Runs');
    const inPanel = async (): Promise<void> => (await window.panel()).locator('.chip', { hasText: '3 waiting' }).waitFor();
    await inPanel();
    for (let reload = 0; reload < 3; reload++) {
      await window.reload();
      await view.waitFor('one run that goes on and three that wait', ([group]) =>
        /^0 of 4 ended · 3 waiting/.test(group?.description ?? ''),
      );
      await editor.lens('1 of 4 running, 3 waiting…').waitFor();
      await inPanel();
      const first = await view.waitFor('a step', (rows) => /(^|· )step \d/.test(rows[1]?.description ?? ''));
      await view.waitFor('a later step', (rows) => rows[1] !== undefined && rows[1].description !== first[1]?.description);
    }
    await stopAll(window);
    await view.waitFor('all to have ended', ([group]) => /^1 ended · \d/.test(group?.description ?? ''));
    await editor.lens('Start').waitFor();
  },
);

vscodeTest(
  'a trainer that is killed is lost, and goes on from its checkpoint when resumed',
  { files: single, settings: noPanel },
  async (window) => {
    await startIn(window);
    const [run] = await begun(window, 1);
    assert.ok(run);
    await until('steps after a checkpoint', () => existsSync(path.join(run.dir, 'checkpoints', 'step-000200')) && stepsOf(run.dir) > 200);
    process.kill(run.pid, 'SIGKILL');
    const view = await window.view('OTB Runs');
    await view.waitFor('the run to be lost', (rows) =>
      rows.some(({ label, description }) => label.includes('opo') && /lost/.test(description)),
    );
    await window.screenshot('lost');
    const before = stepsOf(run.dir);
    await window.run('OTB: Resume run');
    await window.quickInput.accept.click();
    await until('the run to go on', () => stepsOf(run.dir) > before + 20);
    assert.equal(starts(run.dir), 2);
    const added = readFileSync(path.join(run.dir, 'metrics.jsonl'), 'utf8').split('\n').slice(before, -1);
    // The first of these lines may be one that the killed process could not finish.
    const [first = 0] = added.flatMap((line) => parseMetrics(line)?.step ?? []);
    assert.ok(first > 200 && first % 200 === 1, `right after a checkpoint, not at step ${first}`);
    await stopAll(window);
  },
);

vscodeTest(
  'two windows that resume one run at once start one process',
  { files: single, settings: noPanel },
  async (window, openWindow) => {
    await startIn(window);
    const [run] = await begun(window, 1);
    assert.ok(run && window.workspace !== null);
    await goesOn(run.dir);
    await stopAll(window);
    const other = await openWindow({ folder: window.workspace });
    const resume = ({ host }: Window): Promise<unknown> =>
      host.evaluate((vscode, dir) => vscode.commands.executeCommand('otb.resumeRun', dir), run.dir);
    await until('both windows to know that the run has stopped', async () => {
      const rows = await Promise.all([window, other].map(async (each) => (await each.view('OTB Runs')).rows()));
      return rows.every((those) => those.some(({ label, description }) => label.includes('opo') && description.includes('stopped')));
    });
    await Promise.all([resume(window), resume(other)]);
    assert.equal(exitOf(run.dir), undefined);
    await goesOn(run.dir);
    assert.equal(starts(run.dir), 2);
    await stopAll(window);
  },
);

vscodeTest('what a lost queue has left can be started from its group', { files: oneAtATime, settings: noPanel }, async (window) => {
  await startIn(window);
  const [first] = await begun(window, 1);
  assert.ok(first);
  process.kill(queuePid(window), 'SIGKILL');
  process.kill(first.pid, 'SIGTERM');
  await ended(first.dir);
  const group = { kind: 'group', runsDir: runsDir(window), group: first.group } as const;
  const view = await window.view('OTB Runs');
  await view.waitFor(
    'a run that has stopped and one that never started',
    ([all, run]) => all?.description.includes('1 never started') === true && run?.description.includes('stopped') === true,
  );
  await window.host.evaluate((vscode, node) => vscode.commands.executeCommand('otb.resumeRun', node), group);
  const runs = await begun(window, 2);
  assert.equal(runs.length, 2);
  await goesOn(runs[1]?.dir ?? '');
  assert.ok(runsOf(window).every(({ group: name }) => name === first.group));
  await stopAll(window);
});

vscodeTest(
  'a group that is resumed goes on one run at a time, and no further when it is stopped',
  { files: oneAtATime, settings: noPanel },
  async (window) => {
    await startIn(window);
    const [first] = await begun(window, 1);
    assert.ok(first);
    const stop = (dir: string): Promise<unknown> =>
      window.host.evaluate((vscode, run) => vscode.commands.executeCommand('otb.stopRun', run), dir);
    const view = await window.view('OTB Runs');
    const rowsOf = (state: RegExp, count: number): Promise<unknown> =>
      view.waitFor(`${count} rows with ${state}`, (rows) => rows.filter(({ description }) => state.test(description)).length === count);
    await rowsOf(/step \d/, 1);
    await stop(first.dir);
    const second = (await begun(window, 2)).find(({ dir }) => dir !== first.dir);
    assert.ok(second);
    await rowsOf(/(^|· )stopped/, 1);
    await rowsOf(/(^|· )step \d/, 1);

    // Nothing waits any more, but the one place is taken.
    await window.host.evaluate((vscode, run) => void vscode.commands.executeCommand('otb.resumeRun', run), first.dir);
    await rowsOf(/ended · 1 waiting/, 1);
    assert.equal(starts(first.dir), 1);
    await stop(second.dir);
    await until('the first run to go on', () => starts(first.dir) === 2);
    await goesOn(first.dir);
    await stopAll(window);

    await rowsOf(/(^|· )stopped/, 2);
    const group = { kind: 'group', runsDir: runsDir(window), group: first.group } as const;
    await window.host.evaluate((vscode, node) => void vscode.commands.executeCommand('otb.resumeRun', node), group);
    await rowsOf(/ended · 1 waiting/, 1);
    await until('one of them to go on', () => starts(first.dir) + starts(second.dir) === 4);
    await stopAll(window);
    await until('nothing to wait', () => !readdirSync(runsDir(window)).some((name) => name.includes('.queue.')));
    assert.equal(starts(first.dir) + starts(second.dir), 4);
  },
);
