import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { stringify } from '../../src/core/records/json.ts';
import { runFiles } from '../../src/core/records/run.ts';
import { stepName } from '../../src/runs/directory/checkpoints.ts';
import { writeRunDirectory } from '../cli/runFixture.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { runsDir } from './runsOnDisk.ts';

function lines(step: number): string {
  const values = [-0.5, null, -0.25];
  return [0, 1, 2, 3]
    .map((sequence) =>
      stringify({
        ...{ sequence, group: Math.floor(sequence / 2), prompt: ['What', ' is', ' it?'], response: ['Step', ' gives', ` answer${step}`] },
        ...{ reward: sequence % 2, turns: 1, truncated: false, log_probs: values, sum_pi_squared: [0.5, null, 0.7] },
        ...{ advantages: { opo: 0.5 - (sequence % 2) }, baselines: { opo: 0.5 } },
      }),
    )
    .join('\n');
}

/** A run of 120 steps that has ended; with rollouts of some of them. */
async function ranWith(window: Window, contents: Readonly<Record<number, string | Buffer>>): Promise<string> {
  const dir = writeRunDirectory(runsDir(window), { estimator: 'opo', seed: 1, steps: 120, collapseAt: null });
  for (const [step, content] of Object.entries(contents)) write(dir, Number(step), content);
  const view = await window.view('OTB Runs');
  await view.waitFor('the run', (rows) => rows.some(({ label }) => label.includes('opo')));
  return dir;
}

function write(dir: string, step: number, content: string | Buffer): void {
  mkdirSync(path.join(dir, runFiles.rollouts), { recursive: true });
  writeFileSync(fileOf(dir, step), content);
}

function fileOf(dir: string, step: number): string {
  return path.join(dir, runFiles.rollouts, `${stepName(step)}.jsonl`);
}

/** Calls the command as a menu does, and does not wait for what it shows. */
function show(window: Window, on: string | { kind: 'run'; dir: string } | { step: number; runs: string[] }): Promise<unknown> {
  return window.host.evaluate((vscode, about) => void vscode.commands.executeCommand('otb.showRollouts', about), on);
}

async function shows(lens: FrameLocator, text: string | RegExp): Promise<void> {
  await lens.getByText(text).first().waitFor();
}

vscodeTest(
  'the rollouts of a run open at the last step, at the one that a chart is asked about, and again after a reload',
  { files: {} },
  async (window) => {
    const dir = await ranWith(window, { 40: lines(40), 80: lines(80), 120: lines(120) });
    await show(window, { kind: 'run', dir });
    const lens = await window.panel();
    await lens.getByRole('heading', { name: 'opo seed 1' }).waitFor();
    await shows(lens, /answer120/);
    await window.page.locator('.tab', { hasText: 'OTB: rollouts of opo seed 1' }).waitFor();
    await window.screenshot('lens');

    await show(window, { step: 97, runs: [dir] });
    await shows(lens, /answer80/);
    await until('the one lens', async () => (await window.page.locator('.tab', { hasText: 'OTB: rollouts' }).count()) === 1);
    await window.reload();
    await shows(await window.panel(), /answer80/);
  },
);

vscodeTest('steps that a run writes are there without being asked for', { files: {} }, async (window) => {
  const dir = await ranWith(window, { 40: lines(40) });
  await show(window, dir);
  const lens = await window.panel();
  await shows(lens, /answer40/);
  write(dir, 60, lines(60));
  await until('the new step', async () => {
    await lens.locator('body').press(']');
    return (await lens.getByText(/answer60/).count()) > 0;
  });
});

vscodeTest('rollouts that cannot be read say why, and the lens goes on', { files: {} }, async (window) => {
  const dir = await ranWith(window, {
    10: lines(10),
    20: '',
    30: Buffer.from([0x7f, 0, 1, 2, 0x0a]),
    40: `${lines(40)}\n${lines(40).slice(0, 50)}`,
    50: lines(50),
  });
  await show(window, { step: 40, runs: [dir] });
  const lens = await window.panel();
  await shows(lens, /answer40/);
  await lens.getByText('1 line of the file is left out').click();
  await shows(lens, /is not JSON, or is cut off/);
  await show(window, { step: 30, runs: [dir] });
  await shows(lens, /is not text/);
  await show(window, { step: 20, runs: [dir] });
  await shows(lens, /is empty/);
  await show(window, { step: 10, runs: [dir] });
  await shows(lens, /answer10/);
  rmSync(fileOf(dir, 50));
  await until('the step to be gone', async () => {
    await show(window, { step: 50, runs: [dir] });
    return (await lens.getByText(/answer40/).count()) > 0;
  });
});
