import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/runs/config/loadConfig.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { begun, ended, endlessConfig, family, goesOn, runsDir, runsOf, stopAll } from './runsOnDisk.ts';

const files = { 'tiny.otb.json': endlessConfig() };
/** Settings of the workspace: over a remote connection, settings of the machine do not come from the user's. */
const workspaceSettings = (settings: Readonly<Record<string, unknown>>): Record<string, string> => ({
  '.vscode/settings.json': JSON.stringify(settings),
});
const badGroup = endlessConfig({ rollout: { promptsPerStep: 2, groupSize: 1 } });
const noEngine = { ...files, ...workspaceSettings({ 'otb.launch.engine': 'abacus' }) };
const oneAtATime = { ...files, ...workspaceSettings({ 'otb.launch.parallel': 1 }) };
const start = 'OTB: Start OTB run';

vscodeTest(
  'the palette starts the runs of the open config, in processes that are none of the extension host’s',
  { files },
  async (window) => {
    await window.open('tiny.otb.json');
    await window.run(start);
    const runs = await begun(window, 2);
    assert.deepEqual(
      runs.map(({ estimator }) => estimator),
      ['reinforce', 'tir_optimal_token_baseline'],
    );
    const host = family(window.host.pid);
    for (const { dir, pid, cwd } of runs) {
      const run = family(pid);
      assert.deepEqual([run.group, run.session], [pid, pid], 'a process group and session of its own');
      assert.notEqual(run.parent, window.host.pid);
      assert.notEqual(family(run.parent).session, host.session, 'nor is what starts the runs a part of the window');
      assert.equal(cwd, window.workspace);
      await goesOn(dir);
    }
    assert.equal(readFileSync(window.file('.otb/.gitignore'), 'utf8'), '*\n');
    const view = await window.view('OTB Runs');
    await view.waitFor('both runs', (rows) => rows.filter(({ level }) => level === 2).length === 2);
    await window.panel();
    await window.screenshot('started');
    await stopAll(window);
  },
);

vscodeTest('starting shows the view and the panel, and leaves the keyboard to the editor', { files }, async (window) => {
  await window.open('tiny.otb.json');
  await window.run(start);
  await window.page.locator('.part.sidebar .composite.title', { hasText: 'OTB Runs' }).waitFor();
  await window.panel();
  await window.page.keyboard.type('// typed');
  await until('what was typed to be in the config', () =>
    window.host.evaluate((vscode) => vscode.window.visibleTextEditors.some(({ document }) => document.getText().startsWith('// typed'))),
  );
  await stopAll(window);
});

vscodeTest(
  'a run stopped alone gives way to the next, and what waits never begins when its group is stopped',
  { files: oneAtATime },
  async (window) => {
    await window.open('tiny.otb.json');
    await window.run(start);
    const [first] = await begun(window, 1);
    assert.ok(first);
    assert.ok(existsSync(path.join(runsDir(window), `${first.group}.queue.json`)));
    const view = await window.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ label }) => label.startsWith('reinforce')));
    await window.open('tiny.otb.json');
    await window.run('OTB: Stop run');
    await window.quickInput.rows.first().waitFor();
    assert.match((await window.quickInput.labels())[0] ?? '', /^reinforce seed 1/);
    await window.quickInput.accept.click();
    assert.equal((await ended(first.dir)).reason, 'stopped');
    const second = (await begun(window, 2)).find(({ dir }) => dir !== first.dir);
    assert.ok(second);
    await view.waitFor('the second run', (rows) =>
      // Until then it is the row of what waits, which is another one.
      rows.some(({ label, description }) => label.startsWith('tir_optimal_token_baseline') && /step \d/.test(description)),
    );
    // What is selected in the view is not asked for.
    const row = view.row(/^tir_optimal_token_baseline/);
    await row.click();
    await until('the row to be selected', async () => (await row.getAttribute('aria-selected')) === 'true');
    await window.run('OTB: Stop run');
    assert.equal((await ended(second.dir)).reason, 'stopped');

    await window.open('tiny.otb.json');
    await window.run(start);
    const third = (await begun(window, 3)).find(({ group }) => group !== first.group);
    assert.ok(third);
    await view.waitFor('the new group', (rows) => rows.filter(({ level }) => level === 1).length === 2);
    const stopsGroups = async (text: RegExp): Promise<boolean> => {
      const menu = await view.menuOf(text);
      await menu.getByText('Compare runs').waitFor();
      const count = await menu.getByText('Stop all runs of the group').count();
      await window.page.keyboard.press('Escape');
      return count > 0;
    };
    assert.equal(await stopsGroups(/^tiny · .*0 of 2 ended/), true);
    assert.equal(await stopsGroups(/^tiny · (?!.*of 2 ended).*2 ended/), false, 'nothing of it goes on');
    await window.run('OTB: Stop all runs of the group');
    // Two groups are called alike: the time tells which.
    await window.quickInput.rows
      .filter({ hasText: /^tiny · / })
      .first()
      .click();
    assert.equal((await ended(third.dir)).reason, 'stopped');
    await window.statusBarItem('1 run stopped, 1 waiting cancelled').waitFor();
    await until('nothing to wait', () => !readdirSync(runsDir(window)).some((name) => name.includes('.queue.')));
    assert.equal(runsOf(window).length, 3);
  },
);

vscodeTest('unsaved changes are saved first, and count', { files }, async (window) => {
  const editor = await window.open('tiny.otb.json');
  await editor.placeCursor('"reinforce"');
  await window.host.evaluate(async (vscode) => {
    const active = vscode.window.activeTextEditor;
    if (active === undefined) throw new Error('no editor');
    const text = active.document.getText();
    const at = active.document.positionAt(text.indexOf('reinforce'));
    await active.edit((edit) => edit.replace(new vscode.Range(at, at.translate(0, 'reinforce'.length)), 'opo'));
  });
  await window.run(start);
  const runs = await begun(window, 2);
  assert.deepEqual(
    runs.map(({ estimator }) => estimator),
    ['opo', 'tir_optimal_token_baseline'],
  );
  assert.match(readFileSync(window.file('tiny.otb.json'), 'utf8'), /"opo"/);
  await stopAll(window);
});

vscodeTest(
  'without a config it offers those of the workspace and the presets',
  { files: { ...files, '.otb/old/hidden.otb.json': '{}' } },
  async (window) => {
    await window.run(start);
    const labels = await window.quickInput.labels();
    assert.deepEqual(labels.filter((label) => /^[\w.-]+$/.test(label)).slice(0, 3), ['tiny.otb.json', 'demo', 'figure1']);
    await window.screenshot('start-pick');
    await window.quickInput.pick('tiny.otb.json');
    assert.equal((await begun(window, 2)).length, 2);
    await stopAll(window);
  },
);

vscodeTest(
  'a preset is copied under a name that is free, and opened',
  { files: { 'demo.otb.json': '{ "name": "mine" }' } },
  async (window) => {
    for (const copy of ['demo-2.otb.json', 'demo-3.otb.json']) {
      await window.run('OTB: New run config…');
      await window.quickInput.pick('Built-in trainer');
      await window.quickInput.pick('demo');
      await until(`${copy} to be open`, () =>
        window.host.evaluate((vscode, name) => vscode.window.activeTextEditor?.document.fileName.endsWith(name), copy),
      );
      assert.equal(readFileSync(window.file(copy), 'utf8'), readFileSync('presets/demo.otb.json', 'utf8'));
    }
    assert.equal(readFileSync(window.file('demo.otb.json'), 'utf8'), '{ "name": "mine" }');
  },
);

vscodeTest(
  'a new config for a script of verl is written from what the script says, opened, and valid',
  { files: { 'scripts/run_qwen.sh': 'python3 -m verl.trainer.main_ppo algorithm.adv_estimator=grpo "$@"\n', 'other.py': 'pass\n' } },
  async (window) => {
    await window.run('OTB: New run config…');
    await window.quickInput.pick('verl');
    await window.quickInput.pick('scripts/run_qwen.sh');
    await until('the config to be open', () =>
      window.host.evaluate((vscode) => vscode.window.activeTextEditor?.document.fileName.endsWith('run_qwen.otb.json')),
    );
    const { config } = await loadConfig(window.file('run_qwen.otb.json'));
    assert.deepEqual(config.command?.slice(0, 3), ['bash', 'scripts/run_qwen.sh', 'algorithm.adv_estimator=${estimator}']);
    assert.deepEqual(config.estimators, ['grpo', 'optimal_token_baseline']);
    await window.screenshot('new-config');
  },
);

vscodeTest('a new config of TRL needs no script', { files: { 'other.py': 'pass\n' } }, async (window) => {
  await window.run('OTB: New run config…');
  await window.quickInput.pick('TRL');
  await window.quickInput.pick('trl-ledger');
  await until('the config to be open', () =>
    window.host.evaluate((vscode) => vscode.window.activeTextEditor?.document.fileName.endsWith('trl-ledger.otb.json')),
  );
  assert.equal((await loadConfig(window.file('trl-ledger.otb.json'))).config.trainer, 'trl');
});

vscodeTest('a config that breaks a rule starts nothing, and says where', { files: { 'bad.otb.json': badGroup } }, async (window) => {
  const editor = await window.open('bad.otb.json');
  await editor.squiggles('error').first().waitFor();
  await window.run(start);
  const message = window.notification('bad.otb.json cannot be started');
  await message.waitFor();
  await window.screenshot('bad-config');
  await message.getByRole('button', { name: 'Show' }).click();
  const wanted = readFileSync(window.file('bad.otb.json'), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('groupSize'));
  await until('the place to be shown', () =>
    window.host.evaluate((vscode, line) => vscode.window.activeTextEditor?.selection.active.line === line, wanted),
  );
  const problem = await window.problem(/groupSize/);
  await problem.waitFor();
  assert.ok(!existsSync(window.file('.otb')));
});

const badName = '{ "name": "x", "estimators": ["grop"] }';
vscodeTest('a config that breaks its schema starts nothing either', { files: { 'bad.otb.json': badName } }, async (window) => {
  await window.open('bad.otb.json');
  await window.run(start);
  await window.notification('Did you mean "grpo"?').waitFor();
  assert.ok(!existsSync(window.file('.otb')));
});

vscodeTest('an engine that is not there is an error with its log', { files: noEngine }, async (window) => {
  await window.open('tiny.otb.json');
  await window.run(start);
  const message = window.notification('The runs of tiny.otb.json did not start: No run began. There is no engine "abacus".');
  await message.waitFor();
  await window.screenshot('engine-missing');
  await message.getByRole('button', { name: 'Open Log' }).click();
  await until('the log to be open', () =>
    window.host.evaluate((vscode) => vscode.window.activeTextEditor?.document.fileName.endsWith('stderr.log')),
  );
  assert.equal(runsOf(window).length, 0);
});

vscodeTest('without a folder it says so and offers to open one', { empty: true }, async (window) => {
  await window.run(start);
  const message = window.notification('no folder is open');
  await message.waitFor();
  await message.getByRole('button', { name: 'Open Folder' }).waitFor();
});

const deep = { 'a/tiny.otb.json': endlessConfig({ estimators: ['opo'] }) };
vscodeTest('a config deeper in the workspace keeps its runs with those of the others', { files: deep }, async (window) => {
  await window.host.evaluate(
    (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
    window.file('a/tiny.otb.json'),
  );
  const [run] = await begun(window, 1);
  assert.ok(run);
  assert.equal(path.dirname(run.dir), runsDir(window));
  await stopAll(window);
});

const noPanel = { 'otb.launch.openPanel': false };
const two = {
  'one.otb.json': endlessConfig({ estimators: ['opo'] }),
  'two.otb.json': endlessConfig({ estimators: ['rloo'] }),
  'notes.txt': '',
};
vscodeTest('the explorer starts all configs that are selected', { files: two, settings: noPanel }, async (window) => {
  const selected = Object.keys(two).map((name) => window.file(name));
  // What the explorer hands to a command: the file that was clicked, and all that are selected.
  await window.host.evaluate(
    async (vscode, ...names) => {
      const uris = names.map((name) => vscode.Uri.file(name));
      await vscode.commands.executeCommand('otb.startRun', uris[0], uris);
    },
    ...selected,
  );
  const runs = await begun(window, 2);
  assert.deepEqual(runs.map(({ estimator }) => estimator).sort(), ['opo', 'rloo']);
  await stopAll(window);
});

vscodeTest(
  'a comparison has a column for an estimator whose turn has not come',
  { files: oneAtATime, settings: noPanel },
  async (window) => {
    await window.host.evaluate(
      (vscode, file) => vscode.commands.executeCommand('otb.startRun', vscode.Uri.file(file)),
      window.file('tiny.otb.json'),
    );
    const [first] = await begun(window, 1);
    assert.ok(first);
    const view = await window.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ level }) => level === 2));
    const group = { kind: 'group', runsDir: runsDir(window), group: first.group };
    await window.host.evaluate((vscode, node) => void vscode.commands.executeCommand('otb.compareRuns', node), group);
    const [, column] = await window.panels(2);
    assert.ok(column);
    await column.getByRole('heading', { name: 'tiny · tir_optimal_token_baseline' }).waitFor();
    await column.getByRole('row').getByText('waiting', { exact: true }).waitFor();
    process.kill(first.pid, 'SIGTERM');
    await column.getByRole('row').getByText('running', { exact: true }).waitFor();
    await stopAll(window);
  },
);
