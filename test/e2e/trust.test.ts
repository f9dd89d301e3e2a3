import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { writeRunDirectory } from '../cli/runFixture.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { endlessConfig, exitOf, runsDir } from './runsOnDisk.ts';

const files = { 'tiny.otb.json': endlessConfig() };

vscodeTest(
  'an untrusted workspace starts and installs nothing, and says why, also to another extension that calls the command',
  { files, workspaceTrust: true },
  async (window) => {
    await window.open('tiny.otb.json');
    await window.run('OTB: Start OTB run');
    const refusal = window.notification('OTB does not start runs in a workspace that is not trusted');
    await refusal.waitFor();
    await window.screenshot('untrusted');
    await refusal.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await window.page.locator('.workspace-trust-editor').waitFor();

    await window.host.evaluate(
      (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
      window.file('tiny.otb.json'),
    );
    await window.notification('OTB does not start runs').waitFor();
    await window.host.evaluate((vscode) => void vscode.commands.executeCommand('otb.installTensorflow'));
    await window.notification('OTB does not install an engine for runs in a workspace that is not trusted').waitFor();
    assert.ok(!existsSync(window.file('.otb')));
  },
);

vscodeTest(
  'an untrusted workspace resumes nothing, but its runs can be looked at and deleted',
  { files, workspaceTrust: true },
  async (window) => {
    const dir = writeRunDirectory(runsDir(window), { estimator: 'opo', seed: 1, steps: 30, collapseAt: null, reason: 'stopped' });
    const view = await window.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ label }) => label.includes('opo')));
    const call = (command: string): Promise<unknown> =>
      window.host.evaluate((vscode, name, run) => void vscode.commands.executeCommand(name, run), command, dir);
    await call('otb.resumeRun');
    await window.notification('OTB does not resume runs').waitFor();
    assert.equal(exitOf(dir)?.reason, 'stopped');
    await call('otb.openLog');
    assert.ok((await window.quickInput.labels()).some((label) => label.includes('metrics.jsonl')));
    await window.page.keyboard.press('Escape');
    await call('otb.deleteRun');
    const question = window.dialog('Delete opo seed 1 of fixture?');
    await question.getByRole('button', { name: 'Delete Permanently' }).click();
    await until('the run to be gone', () => !existsSync(path.join(dir, 'run.json')));
  },
);
