import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import type { FrameLocator } from 'playwright-core';
import type { PlannedRun } from '../../src/core/records/run.ts';
import { drawnColumns } from './chartPixels.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { recordRuns } from './recordedRuns.ts';
import type { RunCourse } from './recordedRuns.ts';

const config = 'ledger.otb.json';
const files = {
  [config]: JSON.stringify({ name: 'ledger', estimators: ['dr_grpo', 'opo'], seeds: [1], steps: 500 }, null, 2),
  'other.otb.json': JSON.stringify({ name: 'other', estimators: ['grpo'], seeds: [1], steps: 500 }, null, 2),
};
const live = (): RunCourse => ({ steps: 100, collapseAt: null, live: true });
const ended = (): RunCourse => ({ steps: 120, collapseAt: null });
/** dr_grpo goes on and will collapse; opo has ended. */
function drGrpoCollapses({ estimator }: PlannedRun): RunCourse {
  return estimator === 'dr_grpo' ? { steps: 100, collapseAt: 130, live: true } : { steps: 300, collapseAt: null };
}

async function openPanel(window: Window): Promise<FrameLocator> {
  await window.run('OTB: Open run panel');
  return window.panel();
}

function rowOf(panel: FrameLocator, series: string) {
  return panel.locator('#run-table tbody tr').filter({ has: panel.locator('.row-name', { hasText: new RegExp(`^${series}$`) }) });
}

/** Steps of the run of a series, as the panel's table has them. */
async function shownStep(panel: FrameLocator, series: string, step: number): Promise<void> {
  await rowOf(panel, series)
    .getByText(new RegExp(`^${step}( |/|$)`))
    .first()
    .waitFor();
}

vscodeTest('a panel of a group draws what its runs logged, and what they log from then on', { files }, async (window) => {
  const runs = await recordRuns(window.workspace!, config, live);
  const panel = await openPanel(window);
  await panel.getByRole('heading', { name: 'ledger' }).waitFor();
  await shownStep(panel, 'dr_grpo', 100);
  await shownStep(panel, 'opo', 100);
  const { width, first, last, drawn } = await drawnColumns(panel);
  assert.ok(last - first > width / 2, `lines from ${first} to ${last} of ${width}`);
  assert.ok(drawn > 0.98 * (last - first), `${drawn} columns of ${last - first}`);
  await window.page.locator('.tab', { hasText: 'OTB: ledger' }).waitFor();
  for (const run of runs) run.advance(160);
  await shownStep(panel, 'dr_grpo', 160);
  await shownStep(panel, 'opo', 160);
  await window.screenshot('panel-live');
});

vscodeTest('a panel lets in nothing but the extension itself', { files }, async (window) => {
  const violations: string[] = [];
  window.page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) violations.push(message.text());
  });
  await recordRuns(window.workspace!, config, ended);
  const panel = await openPanel(window);
  await drawnColumns(panel);
  const policy = await panel.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  const [defaults, scripts] = (policy ?? '').split('; ');
  assert.equal(defaults, "default-src 'none'");
  assert.match(scripts ?? '', /^script-src 'nonce-[\w+/]{22}=='$/);
  assert.doesNotMatch(policy ?? '', /unsafe|http:/);
  assert.deepEqual(
    violations.filter((text) => !text.includes('report-only')),
    [],
  );
});

vscodeTest('after a reload of the window a panel shows the same, without a gap', { files }, async (window) => {
  const runs = await recordRuns(window.workspace!, config, live);
  const panel = await openPanel(window);
  await shownStep(panel, 'opo', 100);
  await panel.locator('.toolbar vscode-button[aria-label="View"]').click();
  await panel.getByRole('checkbox', { name: 'Ignore outliers' }).click();
  await window.reload();
  for (const run of runs) run.advance(150);
  const restored = await window.panel();
  await shownStep(restored, 'opo', 150);
  const { first, last, drawn } = await drawnColumns(restored);
  assert.ok(drawn > 0.98 * (last - first), `${drawn} columns of ${last - first}`);
  const outliers = restored.locator('vscode-checkbox', { hasText: 'Ignore outliers' });
  await until('what was chosen in the panel', async () => (await outliers.getAttribute('aria-checked')) === 'false');
});

vscodeTest(
  'a new panel begins as the settings say, the next with what was chosen in it, until that is forgotten',
  { files, settings: { 'otb.panel.ignoreOutliers': false } },
  async (window) => {
    await recordRuns(window.workspace!, config, ended);
    await recordRuns(window.workspace!, 'other.otb.json', ended, new Date(2026, 0, 1, 13));
    const openOf = async (name: string): Promise<FrameLocator> => {
      await window.run('View: Close All Editors');
      await window.host.evaluate(
        (vscode, file) => vscode.commands.executeCommand('otb.openPanel', vscode.Uri.file(file)),
        window.file(name),
      );
      const panel = await window.panel();
      await panel.getByRole('heading', { name: name.replace('.otb.json', ''), exact: true }).waitFor();
      await panel.locator('.toolbar vscode-button[aria-label="View"]').click();
      return panel;
    };
    const outliers = (panel: FrameLocator) => panel.getByRole('checkbox', { name: 'Ignore outliers' });
    const toBe = (panel: FrameLocator, ignored: boolean): Promise<unknown> =>
      until(`outliers ${ignored ? '' : 'not '}to be ignored`, async () => (await outliers(panel).isChecked()) === ignored);
    const first = await openOf(config);
    await toBe(first, false);
    await outliers(first).click();
    await toBe(first, true);
    const second = await openOf('other.otb.json');
    await toBe(second, true);
    await second.getByRole('button', { name: 'Reset to settings' }).click();
    await toBe(second, false);
    await toBe(await openOf(config), false);
  },
);

vscodeTest('a panel that is hidden is told nothing, and is right at once when it is shown again', { files }, async (window) => {
  const runs = await recordRuns(window.workspace!, config, live);
  const panel = await openPanel(window);
  await shownStep(panel, 'dr_grpo', 100);
  await panel.locator('body').evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    globalThis.addEventListener('message', ({ data }: MessageEvent<{ readonly type: string }>) => heard.push(data.type));
  });
  const heard = (): Promise<readonly string[]> =>
    panel.locator('body').evaluate(() => (globalThis as unknown as { heard: string[] }).heard.splice(0));
  await window.open(config);
  await window.panels(0);
  const tree = await window.view('OTB Runs');
  await heard();
  for (const run of runs) run.advance(180);
  await tree.waitFor('the new steps', (rows) => rows.filter(({ description }) => description.includes('step 180/500')).length === 2);
  assert.deepEqual(await heard(), []);
  await openPanel(window);
  const shown = await window.panel();
  await shownStep(shown, 'dr_grpo', 180);
  assert.deepEqual((await heard()).slice(0, 2), ['settings', 'runs'], 'it is the same page, which has what it had');
  const { first, last, drawn } = await drawnColumns(shown);
  assert.ok(drawn > 0.98 * (last - first), `${drawn} columns of ${last - first}`);
});

vscodeTest('a run that starts later joins the panel of its group', { files }, async (window) => {
  const [, opo] = await recordRuns(window.workspace!, config, ended);
  const notYet = window.file('later');
  renameSync(opo!.dir, notYet);
  const panel = await openPanel(window);
  await shownStep(panel, 'dr_grpo', 120);
  assert.equal(await rowOf(panel, 'opo').count(), 0);
  renameSync(notYet, opo!.dir);
  await shownStep(panel, 'opo', 120);
});

vscodeTest('an open panel keeps what a deleted run logged, and says that it was deleted', { files }, async (window) => {
  const [, opo] = await recordRuns(window.workspace!, config, ended);
  const panel = await openPanel(window);
  await shownStep(panel, 'opo', 120);
  rmSync(opo!.dir, { recursive: true });
  await panel.getByText('Its directory is gone from here: it was deleted, moved or renamed.').first().waitFor();
  await shownStep(panel, 'opo', 120);
});

vscodeTest('a collapse in an open panel is shown there and counts as seen', { files }, async (window) => {
  const [drGrpo] = await recordRuns(window.workspace!, config, drGrpoCollapses);
  const panel = await openPanel(window);
  await shownStep(panel, 'dr_grpo', 100);
  drGrpo!.advance(200);
  await rowOf(panel, 'dr_grpo')
    .getByText(/collapsed/)
    .first()
    .waitFor();
  await shownStep(panel, 'dr_grpo', 200);
  await window.view('OTB Runs');
  await until('no badge', async () => !(await window.activity('OTB Runs').locator('.badge-content').isVisible()));
  await window.screenshot('panel-collapse');
});

vscodeTest('a config opens the panel of its own newest runs, beside it', { files }, async (window) => {
  await recordRuns(window.workspace!, config, ended, new Date(2026, 0, 1, 12));
  await recordRuns(window.workspace!, 'other.otb.json', ended, new Date(2026, 0, 1, 13));
  await window.open(config);
  const panel = await openPanel(window);
  await panel.getByRole('heading', { name: 'ledger' }).waitFor();
  assert.ok(await window.page.locator('.tab', { hasText: config }).isVisible());
  assert.equal(await window.page.locator('.editor-group-container').count(), 2);
});

vscodeTest(
  'what a panel shows can be saved as a table of all that was logged',
  { files, settings: { 'files.simpleDialog.enable': true } },
  async (window) => {
    await recordRuns(window.workspace!, config, ended);
    const panel = await openPanel(window);
    await shownStep(panel, 'opo', 120);
    await panel.getByRole('button', { name: /Export/ }).click();
    await panel.getByText(/CSV/).click();
    await window.quickInput.answerFile('ledger.csv', window.file('all.csv'));
    const lines = await until('the table', () => {
      try {
        const text = readFileSync(window.file('all.csv'), 'utf8').trimEnd().split('\n');
        return text.length === 241 && text;
      } catch {
        return undefined;
      }
    });
    assert.equal(lines[0], 'run,estimator,seed,step,time,actor/grad_norm,critic/score/mean');
    assert.match(lines[240] ?? '', /-opo-s1,opo,1,120,/);
  },
);
