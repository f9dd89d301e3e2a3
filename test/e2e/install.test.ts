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

vscodeTest('the palette finds the start of a run', { files: { 'notes.md': '# Notes\n' } }, async (window) => {
  assert.deepEqual((await window.commands('OTB: Start OTB run')).slice(0, 1), ['OTB: Start OTB run']);
});
