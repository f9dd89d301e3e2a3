import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { chosenColors } from '../../src/core/figure/palette.ts';
import type { PlannedRun } from '../../src/core/records/run.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { recordRuns } from './recordedRuns.ts';
import type { RecordedRun, RunCourse } from './recordedRuns.ts';
import { setForUser } from './userSettings.ts';

const config = 'ledger.otb.json';
const files = { [config]: JSON.stringify({ name: 'ledger', estimators: ['dr_grpo', 'opo'], seeds: [1, 2], steps: 300 }) };

/** The first seed of dr_grpo collapses at step 120. */
function oneCollapses({ estimator, seed }: PlannedRun): RunCourse {
  return { steps: 300, collapseAt: estimator === 'dr_grpo' && seed === 1 ? 120 : null };
}

const live = (): RunCourse => ({ steps: 40, collapseAt: 60, live: true });

function iconOf(row: Locator): Promise<string | null> {
  return row.locator('.custom-view-tree-node-item-icon').getAttribute('class');
}

/** Chooses in the menu that is open; it takes no click in its first moment. */
async function chooseInMenu({ page }: Window, label: string): Promise<void> {
  await page.locator('.context-view .monaco-menu').getByText(label, { exact: true }).hover();
  await page.keyboard.press('Enter');
}

vscodeTest('the runs view lists groups and runs with state, collapse and last numbers', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  const rows = await tree.waitFor(
    'a group with four runs',
    (all) => all.length === 5 && all[0]?.description.startsWith('4 ended') === true,
  );
  const outline = rows.map(({ label, level }) => `${level} ${label}`);
  assert.deepEqual(outline, ['1 ledger', '2 dr_grpo · s1', '2 dr_grpo · s2', '2 opo · s1', '2 opo · s2']);
  assert.equal(rows[0]?.description, '4 ended · 1 collapsed · 1 Jan, 12:00');
  assert.match(rows[1]?.description ?? '', /^collapsed at 1[12]\d · score \S+ · \|g\| \S+ · 300 steps$/);
  assert.match(rows[3]?.description ?? '', /^score 0\.\d\d · \|g\| 0\.\d+ · 300 steps$/);
  assert.match((await iconOf(tree.row('dr_grpo · s1'))) ?? '', /codicon-flame/);
  assert.match((await iconOf(tree.row('opo · s1'))) ?? '', /codicon-check/);
  assert.match((await tree.row('dr_grpo · s1').getAttribute('aria-label')) ?? '', /^dr_grpo seed 1, finished, collapsed at 1[12]\d, score/);
  await window.screenshot('runs-view');
  await setForUser(window, 'otb.collapse.treeIcon', false);
  await until('a collapse that the icon does not tell', async () => (await iconOf(tree.row('dr_grpo · s1')))?.includes('codicon-check'));
});

vscodeTest('a live run shows its numbers as they come, and what can be done with it', { files }, async (window) => {
  const [run] = await recordRuns(window.workspace ?? '', config, live);
  const tree = await window.view('OTB Runs');
  await tree.waitFor('step 40', ([, first]) => first?.description.startsWith('step 40/300 · score') === true);
  run?.advance(55);
  await tree.waitFor('step 55', ([, first]) => first?.description.startsWith('step 55/300 · score') === true);
  const row = tree.row('dr_grpo · s1');
  await row.hover();
  await row.getByRole('button', { name: 'Stop run' }).waitFor();
  assert.equal(await row.getByRole('button', { name: 'Resume run' }).count(), 0);
  run?.finish();
  await tree.waitFor('a run that has ended', ([, first]) => first?.description.endsWith('55 steps') === true);
  await tree.waitFor('a group of which one has ended', ([group]) => group?.description.startsWith('1 of 4 ended') === true);
  await row.hover();
  await until('no more to stop', async () => (await row.getByRole('button', { name: 'Stop run' }).count()) === 0);
});

vscodeTest('clicks on rows of runs that are going on select them, whatever is refreshed meanwhile', { files }, async (window) => {
  const runs = await recordRuns(window.workspace ?? '', config, () => ({ steps: 40, collapseAt: null, live: true }));
  const tree = await window.view('OTB Runs');
  await tree.waitFor('step 40', ([, first, second]) => [first, second].every((row) => row?.description.startsWith('step 40/300') === true));
  let step = 40;
  const training = setInterval(() => {
    step += step < 300 ? 1 : 0;
    for (const run of runs) run.advance(step);
  }, 100);
  try {
    for (let click = 0; click < 20; click++) {
      const row = tree.row(click % 2 === 0 ? 'dr_grpo · s1' : 'dr_grpo · s2');
      await row.click();
      await until('the row to be selected', async () => (await row.getAttribute('aria-selected')) === 'true');
    }
    await (await tree.menuOf('dr_grpo · s1')).getByText('Stop run').waitFor();
    await window.page.keyboard.press('Escape');
  } finally {
    clearInterval(training);
  }
  await tree.waitFor('what was written meanwhile', ([, first]) => first?.description.includes(`step ${step}/300`) === true);
  assert.equal(await window.notification(/./).count(), 0);
});

vscodeTest('a run whose directory is deleted leaves the view', { files }, async (window) => {
  const runs = await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  await tree.waitFor('four runs', (rows) => rows.length === 5);
  rmSync(runs[0]?.dir ?? '', { recursive: true });
  await tree.waitFor('three runs', (rows) => rows.length === 4 && rows[0]?.description.startsWith('3 ended ·') === true);
  for (const { dir } of runs.slice(1)) rmSync(dir, { recursive: true });
  await window.page.locator('.part.sidebar .welcome-view', { hasText: 'No runs in this workspace yet' }).waitFor();
});

vscodeTest('the newest group is open, and what was folded by hand stays so after a reload', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses, new Date(2026, 0, 1, 12));
  await recordRuns(window.workspace ?? '', config, oneCollapses, new Date(2026, 0, 2, 12));
  const levels = (rows: readonly { readonly level: number }[]): string => rows.map(({ level }) => level).join('');
  let tree = await window.view('OTB Runs');
  const rows = await tree.waitFor('two groups, the first unfolded', (all) => levels(all) === '122221');
  const groups = rows.flatMap(({ level, label }) => (level === 1 ? [label] : []));
  assert.deepEqual(groups, ['ledger · 2 Jan, 12:00', 'ledger · 1 Jan, 12:00']);
  await tree.row('2 Jan, 12:00').click();
  await tree.waitFor('both folded', (all) => levels(all) === '11');
  await tree.row('1 Jan, 12:00').click();
  await tree.waitFor('the second unfolded', (all) => levels(all) === '112222');
  await window.reload();
  tree = await window.view('OTB Runs');
  await tree.waitFor('the same after the reload', (all) => levels(all) === '112222');
});

vscodeTest('runs have the names and tags that somebody gives them, in the tree and in their panel', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  let tree = await window.view('OTB Runs');
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('opo · s1').click();
  await window.page.keyboard.press('F2');
  await window.quickInput.answer('the good one');
  await tree.row('the good one').waitFor();
  await tree.row('opo · s2').click({ modifiers: ['Control'] });
  await window.run('OTB: Edit tags…');
  await window.quickInput.answer('paper, lr');
  const rows = await tree.waitFor(
    'two runs with tags',
    (all) => all.filter(({ description }) => description.endsWith('#paper · #lr')).length === 2,
  );
  assert.match(rows[3]?.description ?? '', /^opo · s1 · score 0\.\d\d · /);
  await tree.row('ledger').click();
  await window.page.keyboard.press('F2');
  await window.quickInput.answer('first try');
  await tree.row('first try').click();
  await tree.row('the good one').waitFor();
  await window.reload();
  tree = await window.view('OTB Runs');
  await tree.row('the good one').waitFor();
  await tree.row('the good one').dblclick();
  await window.page.locator('.tabs-container .tab', { hasText: 'OTB: first try · the good one' }).waitFor();
  const panel = await window.panel();
  await panel.locator('tbody tr', { hasText: 'paper, lr' }).waitFor();
  const kept = JSON.parse(readFileSync(window.file('.otb/labels.json'), 'utf8')) as { readonly runs: Readonly<Record<string, unknown>> };
  assert.deepEqual(Object.values(kept.runs), [{ name: 'the good one', tags: ['paper', 'lr'] }, { tags: ['paper', 'lr'] }]);
});

vscodeTest('a colour that all runs of a series have is what the panel draws it in', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('opo · s1').click();
  await tree.row('opo · s2').click({ modifiers: ['Control'] });
  await window.run('OTB: Set color…');
  await window.screenshot('set-colour');
  await window.quickInput.pick('pink');
  await tree.row('opo · s1').dblclick();
  const panel = await window.panel();
  const mark = panel.locator('.series-mark').first();
  await until('the colour in the legend', async () => (await mark.getAttribute('style'))?.includes(chosenColors.pink.dark));
});

vscodeTest('archived runs leave the view, and are seen where somebody asks for them', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  const labels = (rows: readonly { readonly label: string }[]): string => rows.map(({ label }) => label).join(', ');
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('dr_grpo · s1').click();
  await tree.row('dr_grpo · s2').click({ modifiers: ['Control'] });
  await tree.menuOf('dr_grpo · s2');
  await chooseInMenu(window, 'Archive');
  await tree.waitFor('two runs less', (rows) => labels(rows) === 'ledger, opo · s1, opo · s2');
  assert.match((await tree.rows())[0]?.description ?? '', /^2 ended · 1 Jan/);
  await window.run('OTB: Show archived runs');
  await tree.waitFor('all runs', (rows) => labels(rows) === 'ledger, dr_grpo · s1, dr_grpo · s2, opo · s1, opo · s2');
  assert.match((await tree.rows())[1]?.description ?? '', /^archived · collapsed at/);
  await tree.menuOf('dr_grpo · s1');
  await chooseInMenu(window, 'Unarchive');
  await tree.waitFor(
    'one run that is archived',
    (rows) => rows.filter(({ description }) => description.startsWith('archived')).length === 1,
  );
  await window.run('OTB: Hide archived runs');
  await tree.waitFor('three runs', (rows) => labels(rows) === 'ledger, dr_grpo · s1, opo · s1, opo · s2');
  await tree.menuOf('ledger');
  await chooseInMenu(window, 'Archive');
  await window.page.locator('.part.sidebar', { hasText: 'All 4 runs are archived.' }).waitFor();
  assert.equal(await window.page.locator('.part.sidebar .welcome-view', { hasText: 'No runs' }).count(), 0);
});

vscodeTest('the view is sorted as somebody chose, also after a reload', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  let tree = await window.view('OTB Runs');
  const labels = (rows: readonly { readonly label: string }[]): string => rows.map(({ label }) => label).join(', ');
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await window.run('OTB: Sort runs…');
  await window.quickInput.pick('score, best first');
  const collapsedLast = (rows: readonly { readonly label: string }[]): boolean => /, dr_grpo · s1$/.test(labels(rows));
  await tree.waitFor('the run with the worst score at the end', collapsedLast);
  await window.reload();
  tree = await window.view('OTB Runs');
  await tree.waitFor('the same after the reload', collapsedLast);
});

vscodeTest('a hover over a run tells what befell it and what it runs on', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  // A row that is drawn anew under the pointer loses its hover.
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('dr_grpo · s1').hover();
  const hover = window.page.locator('.monaco-hover', { hasText: 'Collapsed: began at step' });
  await hover.waitFor();
  const text = await hover.innerText();
  const parts = [
    'dr_grpo seed 1 of ledger',
    'the score has fallen',
    'Stop the run if it is still active, and start a new one',
    'Engine: wasm on CPU',
    'Directory: ',
  ];
  for (const part of parts) assert.ok(text.includes(part), `"${part}" in ${text}`);
  await window.screenshot('runs-view-hover');
});

vscodeTest('a double click on a run opens its panel, and a single one does not', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  const tabs = window.page.locator('.tabs-container .tab', { hasText: 'OTB' });
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('opo · s1').click();
  await tree.row('opo · s2').dblclick();
  await tabs.first().waitFor();
  assert.equal(await tabs.count(), 1);
});

vscodeTest('Enter opens the row that has the focus, whatever was clicked before', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, oneCollapses);
  const tree = await window.view('OTB Runs');
  await tree.waitFor('all runs', (rows) => rows.length === 5 && rows[0]?.description.startsWith('4 ended') === true);
  await tree.row('dr_grpo · s1').click();
  await window.page.keyboard.press('ArrowDown');
  await window.page.keyboard.press('ArrowDown');
  await until('the third run to have the focus', async () => (await tree.row('opo · s1').getAttribute('class'))?.includes('focused'));
  await window.page.keyboard.press('Enter');
  await window.page.locator('.tabs-container .tab', { hasText: 'OTB: ledger · opo seed 1' }).waitFor();
});

vscodeTest('the status bar counts live runs and leads to their view', { files }, async (window) => {
  const item = window.statusBarItem(/\d runs?|OTB/);
  await window.view('OTB Runs');
  assert.equal(await item.count(), 0);
  const runs: readonly RecordedRun[] = await recordRuns(window.workspace ?? '', config, live);
  await window.statusBarItem('4 runs').waitFor();
  runs[0]?.finish();
  await window.statusBarItem('3 runs').waitFor();
  await window.view('Explorer');
  await window.statusBarItem('3 runs').click();
  await window.page.locator('.part.sidebar .composite.title', { hasText: 'OTB Runs' }).waitFor();
  await setForUser(window, 'otb.statusBar', false);
  await until('no item', async () => (await item.count()) === 0);
});
