import assert from 'node:assert/strict';
import type { CompletionItem, Hover } from 'vscode';
import { estimatorNames } from '../../src/core/estimators/estimator.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';

const good = `// Comments and trailing commas are fine.
{
  "name": "good",
  "estimators": [
    "dr_grpo", // the mean of the group
  ],
}
`;

/** What VS Code says is wrong with a file that is open, with the text that it underlines. */
function problems(window: Window, name: string): Promise<readonly string[]> {
  return window.host.evaluate((vscode, file) => {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
    return document
      ? vscode.languages.getDiagnostics(document.uri).map(({ message, range }) => `${document.getText(range)}: ${message}`)
      : [];
  }, window.file(name));
}

interface Completion {
  readonly label: string;
  readonly documentation: string;
}

/** What VS Code offers behind the first occurrence of a text, once `expected` is among it: others are faster than its JSON support. */
function completions(window: Window, name: string, behind: string, expected: string): Promise<readonly Completion[]> {
  return until(`${expected} among the completions behind ${behind}`, async () => {
    const found = await window.host.evaluate(
      async (vscode, file, text) => {
        const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
        const position = document.positionAt(document.getText().indexOf(text) + text.length);
        const { items } = await vscode.commands.executeCommand<{ readonly items: readonly CompletionItem[] }>(
          'vscode.executeCompletionItemProvider',
          document.uri,
          position,
        );
        return items.map(({ label, documentation = '' }) => ({
          label: typeof label === 'string' ? label : label.label,
          documentation: typeof documentation === 'string' ? documentation : documentation.value,
        }));
      },
      window.file(name),
      behind,
    );
    return found.some(({ label }) => label === expected) && found;
  });
}

function hoverTexts(window: Window, name: string, over: string): Promise<readonly string[]> {
  return window.host.evaluate(
    async (vscode, file, text) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
      const position = document.positionAt(document.getText().indexOf(text) + 1);
      const hovers = await vscode.commands.executeCommand<readonly Hover[]>('vscode.executeHoverProvider', document.uri, position);
      return hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value)));
    },
    window.file(name),
    over,
  );
}

const wrong = {
  'good.otb.json': good,
  'wrong.otb.json': good.replace('"dr_grpo"', '"dr_gripo"').replace('],', '],\n  "steps": 0, "stepps": 1'),
};

vscodeTest(
  'the schema holds for a config as it is typed: wrong values are underlined, comments and trailing commas are not',
  { files: wrong },
  async (window) => {
    await window.open('good.otb.json');
    await window.open('wrong.otb.json', { beside: true });
    const found = await until('all problems', async () => {
      const all = await problems(window, 'wrong.otb.json');
      return all.length >= 3 && all;
    });
    assert.equal(found.length, 3, found.join('\n'));
    assert.match(found.join('\n'), /"dr_gripo": Value is not accepted\. Valid values: "reinforce"/);
    assert.match(found.join('\n'), /0: Value is below the minimum of 1/);
    assert.match(found.join('\n'), /"stepps": Property stepps is not allowed/);
    // The other document was looked at before this one.
    assert.deepEqual(await problems(window, 'good.otb.json'), []);
    await window.screenshot('config-problems');
  },
);

vscodeTest('comments in a config are never underlined, also while VS Code loads', { files: { 'good.otb.json': good } }, async (window) => {
  await window.open('good.otb.json');
  await window.page.addInitScript(() => {
    const seen = globalThis as unknown as { underlined: number };
    seen.underlined = 0;
    new MutationObserver(() => (seen.underlined += document.querySelectorAll('.view-overlays .squiggly-error').length)).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
    });
  });
  await window.reload();
  // By then VS Code's JSON support has looked at the config, with and without its schema.
  await completions(window, 'good.otb.json', '"estimators": [', '"opo"');
  await until('no problems', async () => (await problems(window, 'good.otb.json')).length === 0);
  assert.equal(await window.page.evaluate(() => (globalThis as unknown as { underlined: number }).underlined), 0);
});

vscodeTest(
  'keys and estimators are offered with what they mean',
  { files: { 'a.otb.json': good.replace('],', '],\n  "optimizer": {  },') } },
  async (window) => {
    await window.open('a.otb.json');
    const keys = await completions(window, 'a.otb.json', '"optimizer": { ', 'maxGradNorm');
    assert.deepEqual(keys.map(({ label }) => label).toSorted(), [
      'beta1',
      'beta2',
      'epsilon',
      'learningRate',
      'maxGradNorm',
      'warmupSteps',
    ]);
    assert.match(keys.find(({ label }) => label === 'maxGradNorm')?.documentation ?? '', /above which the gradient is scaled down/);
    const names = await completions(window, 'a.otb.json', '"dr_grpo', '"opo"');
    assert.deepEqual(names.map(({ label }) => label).toSorted(), estimatorNames.map((name) => JSON.stringify(name)).toSorted());
    assert.match(names.find(({ label }) => label === '"opo"')?.documentation ?? '', /weighted by response length[^]*A = R − Σ len·R/);
  },
);

vscodeTest(
  'typing a quote among the estimators offers them',
  { files: { 'a.otb.json': '{\n  "name": "a",\n  "estimators": []\n}\n' } },
  async (window) => {
    const editor = await window.open('a.otb.json');
    await completions(window, 'a.otb.json', '"estimators": [', '"opo"');
    await editor.placeCursor('[]');
    await window.statusBarItem('Ln 3, Col 18').waitFor();
    await window.page.keyboard.type('"tir');
    const suggestion = window.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'tir_optimal_token_baseline' });
    await suggestion.waitFor();
    await window.screenshot('config-completion');
    await suggestion.click();
    await until('the name in the text', async () => (await editor.text()).includes('"estimators": ["tir_optimal_token_baseline"]'));
  },
);

vscodeTest('an empty file offers a config to begin with', { files: { 'new.otb.json': '' } }, async (window) => {
  const editor = await window.open('new.otb.json');
  await completions(window, 'new.otb.json', '', 'OTB run config');
  await editor.locator.click();
  await window.run('Trigger Suggest');
  await window.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: /^OTB run config$/ }).click();
  await until('the config', async () => (await editor.text()).includes('"name": "my-run"'));
  await until('no problems', async () => (await problems(window, 'new.otb.json')).length === 0);
});

vscodeTest('a key explains itself when the pointer rests on it', { files: { 'a.otb.json': good } }, async (window) => {
  const editor = await window.open('a.otb.json');
  const hover = await editor.hover('"estimators"', 'Advantage estimators to compare');
  assert.match(await hover.innerText(), /A command or ray run may name any/, 'code is set as code');
  assert.equal(
    (await hoverTexts(window, 'a.otb.json', '"dr_grpo"')).filter((text) => text.includes('Subtracts')).length,
    1,
    'an estimator is explained once',
  );
});
