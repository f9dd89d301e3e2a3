import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readStartTime } from '../../src/runs/process/processStartTime.ts';
import { writeFakeNpm } from '../runs/tensorflow/fakeNpm.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';

const command = 'OTB: Install TensorFlow engine…';
const files = { 'notes.md': '# Notes\n' };
/** A package in whose place the plain JavaScript of TensorFlow.js computes. */
const standIn = `
const kernels = globalThis._tfGlobals.get('kernelRegistry');
for (const kernel of [...kernels.values()].filter(({ backendName }) => backendName === 'cpu'))
  kernels.set('tensorflow_' + kernel.kernelName, { ...kernel, backendName: 'tensorflow' });
const engine = globalThis._tfengine;
engine.registerBackend('tensorflow', () => engine.findBackend('cpu'));
`;

/** Lets the extension host find no npm but one that downloads nothing. */
async function fakeNpm(window: Window, how: string): Promise<{ readonly calls: string; readonly remove: () => void }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'otb-npm-'));
  const { calls } = writeFakeNpm(folder, standIn);
  await window.host.evaluate(
    (_vscode, bin, does) => {
      process.env['PATH'] = `${bin}:${process.env['PATH']}`;
      process.env['FAKE_NPM'] = does;
    },
    folder,
    how,
  );
  return { calls, remove: () => rmSync(folder, { recursive: true }) };
}

interface Call {
  readonly cwd: string;
  readonly pids?: readonly number[];
}

function called(calls: string): readonly Call[] {
  if (!existsSync(calls)) return [];
  return readFileSync(calls, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Call);
}

/** The extension's storage, which all windows of a server share. */
function storageOf(calls: string): string {
  return path.dirname(called(calls)[0]!.cwd);
}

/** What is left of installations that did not come to their end. */
function unfinished(calls: string): readonly string[] {
  return readdirSync(storageOf(calls)).filter((name) => name.startsWith('tensorflow.'));
}

vscodeTest('the TensorFlow engine is installed on request, and found after a restart', { files }, async (window) => {
  const { calls, remove } = await fakeNpm(window, 'ok');
  await window.run(command);
  await window.quickInput.rows.first().waitFor();
  await window.screenshot('tensorflow-choice');
  await window.quickInput.pick('CPU');
  const done = window.notification('The TensorFlow engine is installed, for the CPU.');
  await done.waitFor();
  await window.screenshot('tensorflow-installed');
  await window.reload();
  await window.run('OTB: Check environment');
  await until('the engine to be found', () =>
    window.host.evaluate((vscode) => vscode.window.visibleTextEditors.some(({ document }) => /✔ tfjs-tensorflow/.test(document.getText()))),
  );
  await window.screenshot('tensorflow-found');
  rmSync(path.join(storageOf(calls), 'tensorflow'), { recursive: true });
  remove();
});

vscodeTest(
  'an engine whose library cannot be reached is not installed, one message says why and what to do, and a cancelled one ends all that it has started',
  { files },
  async (window) => {
    const unreachable = await fakeNpm(window, 'unreachable');
    const choose = async (): Promise<void> => {
      await window.run(command);
      await window.quickInput.pick('CPU');
    };
    await choose();
    const failure = window.notification('The TensorFlow engine was not installed');
    await failure.waitFor();
    assert.match(await failure.innerText(), /storage\.googleapis\.com cannot be reached .*TFJS_NODE_CDN_STORAGE/);
    await window.screenshot('tensorflow-unreachable');
    assert.deepEqual(unfinished(unreachable.calls), []);
    unreachable.remove();

    const { calls, remove } = await fakeNpm(window, 'hangs');
    await choose();
    const pids = await until('the download', () => called(calls).find((call) => call.pids !== undefined)?.pids);
    const progress = window.notification('Downloading libtensorflow');
    await progress.waitFor();
    await window.screenshot('tensorflow-progress');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await window.statusBarItem('The installation was cancelled').waitFor();
    for (const pid of pids) assert.equal((await readStartTime(pid)).kind, 'gone');
    assert.deepEqual(unfinished(calls), []);
    remove();
  },
);
