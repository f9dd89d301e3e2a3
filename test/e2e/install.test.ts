import assert from 'node:assert/strict';
import { extensionId } from './harness/installation.ts';
import { vscodeTest } from './harness/vscodeTest.ts';

vscodeTest(
  'the package installs, and the extension stays asleep in a workspace without runs',
  { files: { 'notes.md': '# Notes\n' } },
  async ({ host }) => {
    const extension = await host.evaluate((vscode, id) => {
      const found = vscode.extensions.getExtension(id);
      return found === undefined ? null : { isActive: found.isActive, version: String(found.packageJSON.version) };
    }, extensionId);
    assert.deepEqual(extension, { isActive: false, version: '0.1.0' });
  },
);

vscodeTest('an empty window offers the runs view and a folder to open', { empty: true }, async (window) => {
  await window.view('OTB Runs');
  await window.page.locator('.part.sidebar .welcome-view', { hasText: 'Open folder' }).waitFor();
  await window.screenshot('empty-window');
});

vscodeTest(
  'a part that cannot start is told of in one message, and does not take the others along',
  { files: { 'notes.md': '# Notes\n' } },
  async (window) => {
    // Another extension has taken a name of ours before ours begins.
    await window.host.evaluate((vscode) => void vscode.commands.registerCommand('otb.copyPath', () => undefined));
    await window.run('OTB: New run config…');
    await window.quickInput.rows.first().waitFor();
    await window.page.keyboard.press('Escape');
    const message = window.notification('OTB has started without commands on the files of runs');
    await message.waitFor();
    assert.match(await message.innerText(), /otb\.copyPath/);
    await window.view('OTB Runs');
    await window.page.locator('.part.sidebar .welcome-view', { hasText: 'No runs in this workspace yet' }).waitFor();
    await message.getByRole('button', { name: 'Open Log' }).click();
    await window.page.locator('.part.panel .view-line').first().waitFor();
  },
);

vscodeTest('the palette finds the start of a run', { files: { 'notes.md': '# Notes\n' } }, async (window) => {
  assert.deepEqual((await window.commands('OTB: Start OTB run')).slice(0, 1), ['OTB: Start OTB run']);
});
