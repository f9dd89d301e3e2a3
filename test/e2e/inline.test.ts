import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { PlannedRun } from '../../src/core/records/run.ts';
import type { TextEditor } from './harness/textEditor.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { recordRuns } from './recordedRuns.ts';
import type { RunCourse } from './recordedRuns.ts';

const config = 'ledger.otb.json';
const text = `// Three baselines, side by side.
{
  "name": "ledger",
  "estimators": [
    "dr_grpo", // the mean of the group
    "opo",
    "tir_optimal_token_baseline"
  ],
  "seeds": [1, 2],
  "steps": 300,
  "optimizer": { "learningRate": 8e-3, "maxGradNorm": null } // no clipping
}
`;

/** dr_grpo collapses: seed 1 at step 120, seed 2 at 160. */
function drGrpoCollapses({ estimator, seed }: PlannedRun): RunCourse {
  return { steps: 300, collapseAt: estimator === 'dr_grpo' ? 80 + 40 * seed : null };
}

const healthy = (): RunCourse => ({ steps: 300, collapseAt: null });

async function ourProblems(
  window: Window,
  editor: TextEditor,
): Promise<readonly { readonly at: string; readonly message: string; readonly severity: number; readonly related: readonly string[] }[]> {
  return window.host.evaluate((vscode, file) => {
    const uri = vscode.Uri.file(file);
    // To open the document would keep it open.
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    const ours = document ? vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'OTB') : [];
    return ours.map(({ message, range, severity, relatedInformation = [] }) => ({
      at: document?.getText(range) ?? '',
      message,
      severity,
      related: relatedInformation.map((related) => related.message),
    }));
  }, editor.file);
}

/** Our problem, once both seeds are known: runs are read one by one. */
function oneProblem(window: Window, editor: TextEditor) {
  return until('a problem of ours', async () =>
    (await ourProblems(window, editor)).find(({ message }) => message.includes('2 of 2 runs collapsed')),
  );
}

const noProblem = (window: Window, editor: TextEditor): Promise<boolean> =>
  until('no problem of ours', async () => (await ourProblems(window, editor)).length === 0);

async function replaceText(window: Window, editor: TextEditor, from: string, to: string): Promise<void> {
  await window.host.evaluate(
    async (vscode, file, wanted, written) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
      const offset = document.getText().indexOf(wanted);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(document.positionAt(offset), document.positionAt(offset + wanted.length)), written);
      await vscode.workspace.applyEdit(edit);
    },
    editor.file,
    from,
    to,
  );
}

async function set(window: Window, setting: string, value: boolean): Promise<void> {
  await window.host.evaluate(
    (vscode, name, wanted) =>
      vscode.workspace
        .getConfiguration('otb')
        .update(name, wanted, vscode.ConfigurationTarget.Global)
        .then(() => null),
    setting,
    value,
  );
}

vscodeTest(
  'a collapse is marked at the estimator that is responsible, with its numbers around it',
  { files: { [config]: text } },
  async (window) => {
    await recordRuns(window.file('.'), config, drGrpoCollapses);
    const editor = await window.open(config);
    const problem = await oneProblem(window, editor);
    assert.equal(problem.at, '"dr_grpo"');
    assert.match(
      problem.message,
      /^dr_grpo: 2 of 2 runs collapsed, onset at step 1[12]\d \(seed 1\) and 1[56]\d \(seed 2\)\. .*gradient norm/,
    );
    assert.ok(problem.related.includes('optimizer.maxGradNorm is null'), problem.related.join('; '));
    await editor.squiggles('warning').first().waitFor();
    await editor.decoration(/^[▁▂▃▅▇]+ 2 of 2 collapsed, first at 1[12]\d$/);
    await editor.decoration(/^[▁▂▃▅▇]+ 2 runs · 300 steps · score 0\.\d\d · \|g\| 0\.\d+$/);
    await editor.lens(/last: 2 of 6 collapsed, best \w+ 0\.\d\d/).waitFor();
    await editor.lens('Start').waitFor();
    await editor.lens('Compare').waitFor();
    await (await window.problem('2 of 2 runs collapsed')).waitFor();
    await window.screenshot('inline-collapse');
  },
);

const sized = (width: number): string =>
  JSON.stringify({ name: 'sized', estimators: ['dr_grpo'], policy: { kind: 'transformer', width, layers: 2, heads: 2 } }, null, 2);

vscodeTest(
  'the hover over a policy says how PyTorch would do at its size, or that this was not measured',
  { files: { 'small.otb.json': sized(64), 'wide.otb.json': sized(1024) } },
  async (window) => {
    const small = await (await window.open('small.otb.json')).hover('"width"', 'PyTorch');
    assert.match(
      await small.innerText(),
      /At this size [^]*PyTorch[^]*Measured with PyTorch [\d.]+ and \d threads? on .+, without a GPU\./,
    );
    await window.screenshot('inline-hover-size');
    const wide = await (await window.open('wide.otb.json')).hover('"policy"', 'PyTorch');
    assert.match(await wide.innerText(), /How PyTorch [\d.]+ would do at this size was not measured: measured were transformers of width /);
  },
);

for (const theme of ['Dark Modern', 'Light Modern'] as const) {
  vscodeTest(
    `the hover over an estimator explains it, with numbers and a picture of its runs, in ${theme}`,
    { files: { [config]: text }, theme },
    async (window) => {
      await recordRuns(window.file('.'), config, drGrpoCollapses);
      const editor = await window.open(config);
      await oneProblem(window, editor);
      const hover = await editor.hover('dr_grpo', 'Subtracts the mean reward');
      const picture = hover.locator('img[src^="data:image/svg+xml"]');
      await picture.waitFor();
      await until('the picture to load', () =>
        picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
      );
      assert.match(await hover.innerText(), /A = R − mean\(R\)[^]*Show panel[^]*seed[^]*collapsed at 1[12]\d[^]*300\/300/);
      await hover.getByText('Show panel').waitFor();
      await hover.getByText('Compare').waitFor();
      assert.equal((await hover.innerText()).split('Subtracts the mean reward').length, 2, 'said once');
      await window.screenshot(`inline-hover-${theme.split(' ')[0]?.toLowerCase()}`);
      await window.page.keyboard.press('Escape');
      await editor.hover('opo', 'weighted by response length');
      await window.screenshot(`inline-hover-healthy-${theme.split(' ')[0]?.toLowerCase()}`);
    },
  );
}

vscodeTest('quick fixes change the config and leave its layout and comments alone', { files: { [config]: text } }, async (window) => {
  await recordRuns(window.file('.'), config, drGrpoCollapses);
  const editor = await window.open(config);
  await oneProblem(window, editor);
  const titles = await editor.quickFixes('dr_grpo');
  await window.screenshot('inline-fixes');
  assert.deepEqual(titles.map((title) => title.replace(/at [\d.]+ /, 'at X ')).slice(0, 3), [
    'Remove dr_grpo',
    'Clip the gradient norm at X (optimizer.maxGradNorm)',
    'Stop runs at collapse (onCollapse: "stop")',
  ]);
  await window.page.keyboard.press('Escape');
  await editor.applyQuickFix('dr_grpo', 'Stop runs at collapse');
  await until('the edit', async () => (await editor.text()).includes('// no clipping\n  "onCollapse": "stop"\n'));
  assert.equal((await oneProblem(window, editor)).severity, 1, 'still a warning: that changes nothing about the collapse');
  await editor.applyQuickFix('dr_grpo', 'Clip the gradient norm');
  const limit = await until('the edit', async () => /"maxGradNorm": ([\d.]+) \}, \/\/ no clipping/.exec(await editor.text())?.[1]);
  assert.ok(Number(limit) > 0.5 && Number(limit) < 2, limit);
  const changed = await until('the changed config to be noticed', async () =>
    (await ourProblems(window, editor)).find(({ severity }) => severity === 2),
  );
  assert.match(changed.message, new RegExp(`The config has changed since: optimizer\\.maxGradNorm was null and is ${limit}\\.`));
  await editor.applyQuickFix('dr_grpo', 'Remove dr_grpo');
  await until('the edit', async () => !(await editor.text()).includes('dr_grpo'));
  assert.match(await editor.text(), /"estimators": \[\n {4}"opo",\n {4}"tir_optimal_token_baseline"\n {2}\]/);
  await noProblem(window, editor);
});

vscodeTest(
  'the token baseline takes the place of the estimator where it is not in the list yet',
  { files: { [config]: text.replace(',\n    "tir_optimal_token_baseline"', '').replaceAll('\n', '\r\n') } },
  async (window) => {
    await recordRuns(window.file('.'), config, drGrpoCollapses);
    const editor = await window.open(config);
    await oneProblem(window, editor);
    await editor.applyQuickFix('dr_grpo', 'Use tir_optimal_token_baseline instead');
    await until('the edit', async () =>
      (await editor.text()).includes('    "tir_optimal_token_baseline", // the mean of the group\r\n    "opo"\r\n'),
    );
    await noProblem(window, editor);
  },
);

vscodeTest(
  'a problem goes where its estimator goes while the text is typed, and away with newer runs that hold',
  { files: { [config]: text } },
  async (window) => {
    await recordRuns(window.file('.'), config, drGrpoCollapses);
    const editor = await window.open(config);
    await oneProblem(window, editor);
    await replaceText(window, editor, '"estimators": [', '"estimators": [\n    "rloo" ');
    const found = await until('the estimator to be found in broken text', async () =>
      (await ourProblems(window, editor)).find(({ at }) => at === '"dr_grpo"'),
    );
    assert.match(found.message, /collapsed/);
    await replaceText(window, editor, '\n    "rloo" ', '');
    // VS Code may have saved the broken text by itself, and the runs to come are those of the file.
    await until('the file to be whole', () => readFileSync(editor.file, 'utf8') === text);
    await recordRuns(window.file('.'), config, healthy, new Date(2026, 0, 2, 12));
    await noProblem(window, editor);
    await editor.lens(/last: none of 6 collapsed/).waitFor();
  },
);

vscodeTest(
  'while runs go on the text behind each estimator follows, in every editor of the config, and the lens can stop them',
  { files: { [config]: text } },
  async (window) => {
    const editor = await window.open(config);
    await editor.lens('Start').waitFor();
    const runs = await recordRuns(window.file('.'), config, ({ estimator }) => ({
      steps: 20,
      collapseAt: estimator === 'dr_grpo' ? 100 : null,
      live: true,
    }));
    await editor.lens(/6 of 6 running…/).waitFor();
    await editor.lens('Stop all').waitFor();
    await until('no lens to start', async () => (await editor.lens('Start').count()) === 0);
    await editor.decoration(/ 2 runs · step 20\/300 · score/);
    await window.open(config, { beside: true });
    for (const run of runs) run.advance(40);
    const texts = () =>
      window.page
        .locator('.view-lines [class*="ced-"]')
        .evaluateAll((elements) => elements.map((element) => getComputedStyle(element, '::after').content));
    await until(
      'both editors to follow',
      async () => (await texts()).filter((content) => content.includes('step') && content.includes('40/300')).length >= 6,
    );
    await window.screenshot('inline-live');
    for (const run of runs) run.advance(200);
    await oneProblem(window, editor);
    await editor.decoration(/2 of 2 collapsed, first at \d+ · step 200\/300/);
    await editor.lens(/6 of 6 running, 2 collapsed…/).waitFor();
    for (const run of runs) run.finish();
    await editor.lens(/last: 2 of 6 collapsed/).waitFor();
  },
);

vscodeTest(
  'estimators on one line have short texts between them',
  { files: { [config]: text.replace(/\[\n[^\]]*\]/, '["dr_grpo", "opo", "tir_optimal_token_baseline"]') } },
  async (window) => {
    await recordRuns(window.file('.'), config, drGrpoCollapses);
    const editor = await window.open(config);
    await editor.decoration(/^[▁▂▃▅▇]{1,8} 2\/2 collapsed$/);
    await editor.decoration(/^[▁▂▃▅▇]{1,8} 0\.\d\d$/);
    await editor.lens('Compare').waitFor();
    await window.screenshot('inline-one-line');
  },
);

vscodeTest(
  'a lens is there again however soon after it was switched off, also if the editor has asked meanwhile',
  { files: { [config]: text } },
  async (window) => {
    const editor = await window.open(config);
    await editor.lens('Start').waitFor();
    await window.host.evaluate(async (vscode, file) => {
      const update = (name: string, value: boolean) =>
        vscode.workspace.getConfiguration('otb').update(name, value, vscode.ConfigurationTarget.Global);
      const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      await update('statusBar', false);
      await update('inline.lens', false);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(vscode.Uri.file(file), new vscode.Position(0, 0), '\n');
      await vscode.workspace.applyEdit(edit);
      await pause(250);
      await update('inline.lens', true);
      return null;
    }, editor.file);
    await window.page.waitForTimeout(1500);
    await editor.lens('Start').waitFor();
  },
);

vscodeTest('each of them can be switched off, and on again, while the config is open', { files: { [config]: text } }, async (window) => {
  await recordRuns(window.file('.'), config, drGrpoCollapses);
  const editor = await window.open(config);
  await oneProblem(window, editor);

  await set(window, 'inline.quickFixes', false);
  const fixes = () =>
    window.host.evaluate(async (vscode, file) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
      const at = document.positionAt(document.getText().indexOf('dr_grpo'));
      const actions = await vscode.commands.executeCommand<readonly { readonly title: string }[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        new vscode.Range(at, at),
      );
      return actions.map(({ title }) => title).filter((title) => title === 'Remove dr_grpo');
    }, editor.file);
  await until('no quick fix', async () => (await fixes()).length === 0);
  await set(window, 'inline.quickFixes', true);
  await until('the quick fix', async () => (await fixes()).join() === 'Remove dr_grpo');

  await set(window, 'inline.afterText', false);
  await until('no text behind the estimators', async () => (await editor.decorations()).length === 0);
  await set(window, 'inline.afterText', true);
  await editor.decoration(/collapsed/);

  await set(window, 'inline.lens', false);
  await until('no lens', async () => (await editor.lenses.count()) === 0);
  await set(window, 'inline.lens', true);
  await editor.lens('Start').waitFor();

  await set(window, 'inline.hover', false);
  const hovers = () =>
    window.host.evaluate(async (vscode, file) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
      const found = await vscode.commands.executeCommand<readonly { readonly contents: readonly { readonly value?: string }[] }[]>(
        'vscode.executeHoverProvider',
        document.uri,
        document.positionAt(document.getText().indexOf('dr_grpo')),
      );
      return found.flatMap(({ contents }) => contents.map(({ value = '' }) => value)).filter((value) => value.includes('Subtracts')).length;
    }, editor.file);
  await until('no hover', async () => (await hovers()) === 0);
  await set(window, 'inline.hover', true);
  await until('the hover', async () => (await hovers()) === 1);

  await set(window, 'collapse.diagnostic', false);
  await noProblem(window, editor);
  await set(window, 'collapse.diagnostic', true);
  await oneProblem(window, editor);
});

vscodeTest('a config that is closed has no problems any more', { files: { [config]: text } }, async (window) => {
  await recordRuns(window.file('.'), config, drGrpoCollapses);
  const editor = await window.open(config);
  await oneProblem(window, editor);
  await window.run('View: Close All Editors');
  await until('no problems', () =>
    window.host.evaluate((vscode) => vscode.languages.getDiagnostics().every(([, found]) => found.every(({ source }) => source !== 'OTB'))),
  );
});

const script = `#!/usr/bin/env bash
set -x
python3 -m verl.trainer.main_ppo \\
    algorithm.adv_estimator=grpo \\
    trainer.nnodes=1 "$@"
`;
const started = JSON.stringify({
  name: 'mine',
  trainer: 'command',
  command: ['bash', 'run.sh', 'algorithm.adv_estimator=${estimator}'],
  estimators: ['grpo', 'opo'],
  seeds: [1, 2],
});

vscodeTest(
  'a collapse is marked in the script that a config starts, once its runs are known, and the script is changed as its framework has it',
  { files: { 'mine.otb.json': started, 'run.sh': script } },
  async (window) => {
    const editor = await window.open('run.sh');
    await window.page.waitForTimeout(1000);
    assert.equal(await editor.lenses.count(), 0, 'no run of it is known');
    await recordRuns(window.file('.'), 'mine.otb.json', ({ estimator, seed }) => ({
      steps: 300,
      collapseAt: estimator === 'grpo' ? 80 + 40 * seed : null,
    }));
    const problem = await oneProblem(window, editor);
    assert.equal(problem.at, 'algorithm.adv_estimator=grpo');
    assert.match(problem.message, /^grpo: 2 of 2 runs collapsed, onset at step 1[12]\d \(seed 1\)/);
    assert.ok(problem.related.includes('the config that started it'), problem.related.join('; '));
    await editor.squiggles('warning').first().waitFor();
    await editor.decoration(/^[▁▂▃▅▇]+ 2 of 2 collapsed, first at 1[12]\d$/);
    await editor.lens(/last: 2 of 4 collapsed/).waitFor();
    await editor.lens('Start').waitFor();
    await editor.hover('algorithm.adv_estimator', 'collapsed at 1');
    await window.screenshot('inline-script');
    await window.page.keyboard.press('Escape');
    await editor.applyQuickFix('adv_estimator=grpo', 'Use optimal_token_baseline instead');
    const changed = [
      '    algorithm.adv_estimator=optimal_token_baseline \\',
      '    actor_rollout_ref.actor.calculate_sum_pi_squared=True \\',
      '    trainer.nnodes=1 "$@"',
    ].join('\n');
    await until('the edit', async () => (await editor.text()).includes(changed));
    await noProblem(window, editor);
  },
);
