import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { recordRuns } from './recordedRuns.ts';
import type { RunCourse } from './recordedRuns.ts';
import { setForUser } from './userSettings.ts';

const config = 'ledger.otb.json';
const files = { [config]: JSON.stringify({ name: 'ledger', estimators: ['dr_grpo'], seeds: [1, 2, 3], steps: 300 }) };

/** All are about to collapse. */
const onTheBrink = (): RunCourse => ({ steps: 100, collapseAt: 110, live: true });

function badge(window: Window): Promise<string> {
  return window.activity('OTB Runs').locator('.badge-content').innerText();
}

function noBadge(window: Window): Promise<boolean> {
  return until('no badge', async () => (await window.activity('OTB Runs').locator('.badge-content:visible').count()) === 0);
}

/** Number of notifications that tell of a collapse, also of those whose toast has gone by itself, which takes 12 s. */
async function notifications(window: Window): Promise<number> {
  const call = (command: string) => window.host.evaluate((vscode, name) => vscode.commands.executeCommand(name).then(() => null), command);
  await call('notifications.showList');
  const centre = window.page.locator('.notifications-center.visible');
  await centre.waitFor();
  const count = await centre.locator('.notification-list-item', { hasText: 'collapsed' }).count();
  await call('notifications.hideList');
  return count;
}

/** Waits until the extension has taken in what the run's files say. */
async function isListed(window: Window, text: RegExp): Promise<void> {
  const tree = await window.view('OTB Runs');
  await tree.waitFor(String(text), (rows) => rows.some(({ description }) => text.test(description)));
}

vscodeTest(
  'a run that collapses is told by one notification, the badge and the status bar, until it is marked as seen',
  { files },
  async (window) => {
    const [first] = await recordRuns(window.workspace ?? '', config, onTheBrink);
    await isListed(window, /step 100\/300/);
    assert.equal(await notifications(window), 0);
    first?.advance(160);
    const toast = window.notification('dr_grpo seed 1 of ledger collapsed: onset at step 11');
    await toast.waitFor();
    assert.match(await toast.innerText(), /Since step \d+ the score has fallen from its best level 0\.8/);
    await until('a badge', async () => (await badge(window)) === '1');
    await window.statusBarItem('3 runs · 1 collapsed').waitFor();
    await window.screenshot('collapse-notification');
    await window.run('OTB: Mark collapses as seen');
    await noBadge(window);
    await window.statusBarItem(/^\s*3 runs\s*$/).waitFor();
  },
);

vscodeTest('several collapses at once come in one notification, which is not repeated after a reload', { files }, async (window) => {
  const runs = await recordRuns(window.workspace ?? '', config, onTheBrink);
  await isListed(window, /step 100\/300/);
  for (const run of runs) run.advance(160);
  await window.notification('dr_grpo of ledger: 3 of 3 runs collapsed, first onset at step 11').waitFor();
  await window.reload();
  await isListed(window, /collapsed at 11/);
  await until('the badge again', async () => (await badge(window)) === '3');
  runs[0]?.advance(170);
  await isListed(window, /step 170\/300/);
  assert.equal(await notifications(window), 0);
});

vscodeTest(
  'an estimator has one notification, whose buttons are about all runs of it that have collapsed by then',
  { files },
  async (window) => {
    const [first, second, third] = await recordRuns(window.workspace ?? '', config, onTheBrink);
    await isListed(window, /step 100\/300/);
    first?.advance(160);
    const toast = window.notification('dr_grpo seed 1 of ledger collapsed');
    await toast.waitFor();
    second?.advance(160);
    await until('a badge that counts both', async () => (await badge(window)) === '2');
    third?.advance(110);
    await isListed(window, /step 110\/300/);
    assert.equal(await notifications(window), 1);
    const button = async (name: string): Promise<void> => {
      await window.host.evaluate((vscode) => vscode.commands.executeCommand('notifications.showList').then(() => null));
      await window.page.locator('.notifications-center.visible').getByRole('button', { name }).click();
    };
    first?.finish();
    second?.finish();
    await isListed(window, /collapsed at 11\d · .*160 steps/);
    await button('Stop Collapsed Runs');
    await window.notification('There is nothing to stop: the 2 runs that collapsed have ended.').waitFor();
    // The third is another run of the same estimator: it is not told of, and stays.
    third?.advance(160);
    await until('a badge that counts all', async () => (await badge(window)) === '3');
    assert.equal(await notifications(window), 1, 'the one that tells that there is nothing to stop');
  },
);

vscodeTest('"Show" opens the panel of the group, with all its runs', { files }, async (window) => {
  const [first, second] = await recordRuns(window.workspace ?? '', config, onTheBrink);
  await isListed(window, /step 100\/300/);
  first?.advance(160);
  const toast = window.notification('dr_grpo seed 1 of ledger collapsed');
  await toast.waitFor();
  second?.advance(160);
  await until('a badge that counts both', async () => (await badge(window)) === '2');
  await toast.getByRole('button', { name: 'Show', exact: true }).click();
  const panel = await window.panel();
  await panel.getByText('2 of 3 collapsed').first().waitFor();
  await noBadge(window);
});

vscodeTest('two windows on one workspace show one notification between them', { files }, async (window, openWindow) => {
  const [first] = await recordRuns(window.workspace ?? '', config, onTheBrink);
  const other = await openWindow({ folder: window.workspace ?? '' });
  for (const each of [window, other]) await isListed(each, /step 100\/300/);
  first?.advance(160);
  for (const each of [window, other]) await isListed(each, /collapsed at 11/);
  await until('a notification', async () => (await notifications(window)) + (await notifications(other)) > 0);
  first?.advance(170);
  for (const each of [window, other]) await isListed(each, /step 170\/300/);
  assert.equal((await notifications(window)) + (await notifications(other)), 1);
});

vscodeTest('runs that collapsed long ago are listed and not made a fuss about', { files }, async (window) => {
  await recordRuns(window.workspace ?? '', config, () => ({ steps: 300, collapseAt: 110 }));
  await isListed(window, /3 collapsed/);
  await window.statusBarItem('OTB').waitFor();
  assert.equal(await notifications(window), 0);
  await noBadge(window);
});

vscodeTest('"Don\'t Show Again" ends notifications for good, and the badge has a switch of its own', { files }, async (window) => {
  const [first, second] = await recordRuns(window.workspace ?? '', config, onTheBrink);
  await isListed(window, /step 100\/300/);
  first?.advance(160);
  await window.notification('dr_grpo seed 1').getByRole('button', { name: "Don't Show Again" }).click();
  await until('the setting', () =>
    window.host.evaluate((vscode) => vscode.workspace.getConfiguration('otb').inspect('collapse.notification')?.globalValue === false),
  );
  second?.advance(160);
  await until('a badge that counts both', async () => (await badge(window)) === '2');
  second?.advance(165);
  await isListed(window, /step 165\/300/);
  assert.equal(await notifications(window), 0);
  await setForUser(window, 'otb.collapse.badge', false);
  await noBadge(window);
});
