import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeRunDirectory } from '../cli/runFixture.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { begun, endlessConfig, goesOn, runsDir, stopAll } from './runsOnDisk.ts';

const noPanel = { 'otb.launch.openPanel': false };
const files = { 'tiny.otb.json': `// the config\n${endlessConfig()}` };
const oneAtATime = { ...files, '.vscode/settings.json': JSON.stringify({ 'otb.launch.parallel': 1 }) };

/** Calls a command on a run, and does not wait for what it asks. */
function call(window: Window, command: string, run: string): Promise<unknown> {
  return window.host.evaluate((vscode, name, about) => void vscode.commands.executeCommand(name, about), command, run);
}

/** The file, and the selected text, of the active editor. */
function active(window: Window): Promise<readonly [string, string] | undefined> {
  return window.host.evaluate((vscode) => {
    const editor = vscode.window.activeTextEditor;
    return editor && ([editor.document.uri.path, editor.document.getText(editor.selection)] as const);
  });
}

async function shows(window: Window, ending: string, selected: string): Promise<void> {
  await until(`${ending} with ${selected} selected`, async () => {
    const [file, text] = (await active(window)) ?? [];
    return file?.endsWith(ending) === true && text === selected;
  });
}

async function startTiny(window: Window): Promise<readonly string[]> {
  await window.host.evaluate(
    (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
    window.file('tiny.otb.json'),
  );
  const dirs = (await begun(window, 2)).map(({ dir }) => dir);
  const view = await window.view('OTB Runs');
  await view.waitFor('both runs', (rows) => rows.filter(({ level }) => level === 2).length === 2);
  return dirs;
}

vscodeTest(
  'a run that goes on is stopped before it is deleted, after a question that names it',
  { files, settings: noPanel },
  async (window) => {
    const [first = '', second = ''] = await startTiny(window);
    await call(window, 'otb.deleteRun', first);
    const question = window.dialog('Delete reinforce seed 1 of tiny?');
    await question.waitFor();
    await window.screenshot('delete-question');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await goesOn(first);

    await call(window, 'otb.deleteRun', first);
    // A remote machine has no trash, so the one question says what will be done.
    await question.getByRole('button', { name: 'Stop and Delete Permanently' }).click();
    await until('the run to be gone', () => !existsSync(first));
    await goesOn(second);
    const view = await window.view('OTB Runs');
    await view.waitFor('one run', (rows) => rows.filter(({ level }) => level === 2).length === 1);
    await stopAll(window);
  },
);

vscodeTest(
  'a group is deleted with the run that began while the user was asked',
  { files: oneAtATime, settings: noPanel },
  async (window) => {
    await window.host.evaluate(
      (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
      window.file('tiny.otb.json'),
    );
    const [first] = await begun(window, 1);
    assert.ok(first);
    const node = { kind: 'group', runsDir: runsDir(window), group: first.group };
    const question = window.dialog('Delete reinforce seed 1 of tiny?');
    await until('the question', async () => {
      await window.host.evaluate((vscode, about) => void vscode.commands.executeCommand('otb.deleteRun', about), node);
      return (await question.count()) > 0;
    });
    process.kill(first.pid, 'SIGTERM');
    const [, second] = await begun(window, 2);
    assert.ok(second);
    await goesOn(second.dir);
    await question.getByRole('button', { name: 'Stop and Delete Permanently' }).click();
    await until('nothing to be left', () => readdirSync(runsDir(window)).length === 0);
  },
);

vscodeTest('the config of a run opens at its estimator; when it is gone, what it said', { files, settings: noPanel }, async (window) => {
  const [, run = ''] = await startTiny(window);
  await stopAll(window);
  await call(window, 'otb.openConfig', run);
  await shows(window, 'tiny.otb.json', '"tir_optimal_token_baseline"');
  rmSync(window.file('tiny.otb.json'));
  await call(window, 'otb.openConfig', run);
  await window.notification('is gone, so this is the config that the run was started with').waitFor();
  const text = await until('the config', () => window.host.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText()));
  assert.equal((JSON.parse(text) as { estimator: string }).estimator, 'tir_optimal_token_baseline');
});

vscodeTest('a failed run offers its errors first; logs, rollouts, paths and metrics of runs are at hand', { files: {} }, async (window) => {
  const dir = writeRunDirectory(runsDir(window), { estimator: 'opo', seed: 1, steps: 12, collapseAt: null, reason: 'failed' });
  const view = await window.view('OTB Runs');
  await view.waitFor('the run with all its steps', (rows) =>
    rows.some(({ label, description }) => label.includes('opo') && /^failed at step 12\//.test(description)),
  );
  for (const name of ['stdout.log', 'stderr.log']) writeFileSync(path.join(dir, name), 'a word\n');
  await call(window, 'otb.openLog', dir);
  const labels = await window.quickInput.labels();
  assert.deepEqual(
    labels.slice(0, 3).map((label) => label.trim()),
    ['stderr.log', 'stdout.log', 'metrics.jsonl'],
  );
  await window.quickInput.pick('metrics.jsonl');
  await until('the metrics', async () => (await active(window))?.[0].endsWith('metrics.jsonl'));
  await call(window, 'otb.openErrors', dir);
  await until('what it said on standard error', async () => (await active(window))?.[0].endsWith('stderr.log'));

  await call(window, 'otb.showRollouts', dir);
  await window.notification('opo seed 1 has written no rollouts; it writes them every 100 steps and is at step 12.').waitFor();

  await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await call(window, 'otb.copyPath', dir);
  await until('the path to be copied', () =>
    window.host.evaluate(async (vscode, wanted) => (await vscode.env.clipboard.readText()) === wanted, dir),
  );

  await call(window, 'otb.exportRun', dir);
  await window.quickInput.pick('CSV');
  await window.quickInput.answerFile('-opo-s1.csv', window.file('out.csv'));
  const csv = await until(
    'the file',
    () => existsSync(window.file('out.csv')) && readFileSync(window.file('out.csv'), 'utf8').trimEnd().split('\n'),
  );
  assert.equal(csv.length, 13);
  assert.match(csv[0] ?? '', /^step,time,actor\/grad_norm,/);
});

vscodeTest('the environment shows what works here, and why anything does not', { files: {} }, async (window) => {
  await window.run('OTB: Check environment');
  const text = await until('the report', () =>
    window.host.evaluate((vscode) => {
      const found = vscode.window.activeTextEditor?.document;
      return found?.uri.path === '/OTB environment' ? found.getText() : undefined;
    }),
  );
  await window.screenshot('environment');
  assert.match(text, /Engines of the built-in trainer\n  ✔ /);
  assert.match(text, /Python/);
  assert.ok(!text.includes('\u001b'), 'no terminal colours');
});

vscodeTest('the walkthrough opens at its first step', { files: {} }, async (window) => {
  await window.run('OTB: Get started');
  await window.page.getByText('Open the demo', { exact: true }).waitFor();
  await window.screenshot('walkthrough');
});

vscodeTest(
  'a step of the walkthrough is ticked when it was done, not when it was cancelled',
  { files, settings: noPanel },
  async (window) => {
    await window.run('OTB: Get started');
    const step = window.page.locator('.getting-started-step', { hasText: 'Start it' });
    const ticks = step.locator('.codicon-getting-started-step-checked');
    await step.waitFor();
    await window.run('OTB: Start OTB run');
    await window.quickInput.rows.first().waitFor();
    await window.page.keyboard.press('Escape');
    await window.run('OTB: New run config…');
    await window.quickInput.rows.first().waitFor();
    await window.page.keyboard.press('Escape');
    assert.equal(await window.page.locator('.codicon-getting-started-step-checked').count(), 0);
    await startTiny(window);
    await ticks.waitFor();
    await stopAll(window);
  },
);
