import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';

/** What VS Code says is wrong with a file of the workspace, with the text that it underlines. */
function problems(window: Window, name: string): Promise<readonly string[]> {
  return window.host.evaluate(
    async (vscode, file) => {
      const uri = vscode.Uri.file(file);
      const document = await vscode.workspace.openTextDocument(uri);
      return vscode.languages.getDiagnostics(uri).map(({ message, range }) => `${document.getText(range)}: ${message}`);
    },
    window.file(name),
  );
}

vscodeTest('x', { files: { 'a.otb.json': '// top\n{\n  "name": "a", // c\n  "steps": 0,\n  "estimators": [\n    "dr_grpo",\n    ""\n  ],\n}\n' } }, async (window) => {
  await window.open('a.otb.json');
  await until('problems', async () => (await problems(window, 'a.otb.json')).length > 0);
  console.log(await problems(window, 'a.otb.json'));
  await new Promise((r) => setTimeout(r, 5000));
  console.log(await problems(window, 'a.otb.json'));
  console.log(await window.host.evaluate(async (vscode, file) => {
    const list = await vscode.commands.executeCommand<import('vscode').CompletionList>('vscode.executeCompletionItemProvider', vscode.Uri.file(file), new vscode.Position(6, 5));
    return list.items.map((i) => JSON.stringify([i.label, i.documentation, i.insertText, i.detail]));
  }, window.file('a.otb.json')));
  console.log(await window.host.evaluate(async (vscode, file) => {
    const list = await vscode.commands.executeCommand<import('vscode').Hover[]>('vscode.executeHoverProvider', vscode.Uri.file(file), new vscode.Position(5, 8));
    return list.map((i) => JSON.stringify(i));
  }, window.file('a.otb.json')));
  await window.screenshot('config-1');
  assert.ok(true);
});
