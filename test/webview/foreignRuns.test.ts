import assert from 'node:assert/strict';
import type { HostMessage } from '../../src/core/panel/messages.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { until } from '../e2e/harness/until.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { openingOf, producerPlaces } from './harness/producerRuns.ts';

const { gradNorm, score } = roleColumns;
const { trl, verl, sb3 } = producerPlaces;
const three = await openingOf('runs of three programs', [trl, verl, sb3]);
const runs = runsOf(three);

function runsOf(messages: readonly HostMessage[]): readonly PanelRun[] {
  return messages.findLast((message) => message.type === 'runs')?.runs ?? [];
}

/** The heading of a chart, which begins its description. */
async function heading(panel: PanelPage, metric: string): Promise<string> {
  const text = (): Promise<string | null> => panel.chart(metric).getAttribute('aria-label');
  await until('the chart in words', async () => ((await text()) ?? '') !== '');
  return (await text())?.split(/ against |: no data/)[0] ?? '';
}

function changed(change: (run: PanelRun) => Partial<PanelRun>): HostMessage {
  return { type: 'runs', runs: runs.map((run) => ({ ...run, ...change(run) })) };
}

async function pick(panel: PanelPage, label: string, option: string): Promise<void> {
  await panel.page.locator(`vscode-dropdown[aria-label="${label}"]`).click();
  await panel.page.locator(`vscode-dropdown[aria-label="${label}"] vscode-option[value="${option}"]`).click();
}

panelTest('the figure says which metrics it shows of runs that have other names for them', {}, async (panel) => {
  await panel.send(...three);
  assert.equal(await heading(panel, gradNorm), 'Gradient norm (grad_norm, actor/grad_norm)');
  assert.equal(await heading(panel, score), 'Score (rollout/ep_rew_mean, reward and 1 more)');
  await panel.page.locator('.legend-entry', { hasText: 'verl' }).click();
  await until('usual names', async () => (await heading(panel, score)) === 'Score');
  await panel.screenshot('foreign-runs');
});

panelTest('what the figure shows anyway is not offered below it', {}, async (panel) => {
  await panel.send(...three);
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  const offered = await panel.page.locator('.metrics-list vscode-checkbox').evaluateAll((boxes) => boxes.map((box) => box.textContent));
  for (const metric of ['grad_norm', 'actor/grad_norm', 'reward', 'rollout/ep_rew_mean']) assert.ok(!offered.includes(metric), metric);
  assert.ok(offered.includes('train/approx_kl'));
});

panelTest('another metric is chosen for the score, of the runs that log it, and the choice is taken back', {}, async (panel) => {
  const [sb3Run, trlRun] = runs;
  await panel.send(...three);
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  await pick(panel, 'Score', 'metric:rollout/ep_len_mean');
  const chosen = { type: 'metricKey', role: 'score', metric: 'rollout/ep_len_mean', runs: [sb3Run?.id] };
  assert.deepEqual(await panel.postedOf('metricKey'), [chosen]);
  const keys = { score: 'rollout/ep_len_mean' };
  await panel.send(changed((run) => (run.id === sb3Run?.id ? { metricKeys: { ...run.metricKeys, ...keys }, chosenKeys: keys } : {})));
  await until('the new name', async () => (await heading(panel, score)) === 'Score (rollout/ep_len_mean, reward and 1 more)');
  await pick(panel, 'Score', 'automatic');
  const all = { type: 'metricKey', role: 'score', metric: null, runs: runs.map(({ id }) => id) };
  assert.deepEqual(await panel.postedOf('metricKey'), [chosen, all]);
  await pick(panel, 'Gradient norm', 'metric:loss');
  assert.deepEqual((await panel.postedOf('metricKey')).at(-1), { type: 'metricKey', role: 'gradNorm', metric: 'loss', runs: [trlRun?.id] });
});

panelTest('a choice that was made before is shown', {}, async (panel) => {
  await panel.send(
    ...three,
    changed(() => ({ chosenKeys: { score: 'reward' } })),
  );
  const value = (label: string) =>
    panel.page.locator(`vscode-dropdown[aria-label="${label}"]`).evaluate((dropdown) => (dropdown as HTMLSelectElement).value);
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  assert.deepEqual([await value('Score'), await value('Gradient norm')], ['metric:reward', 'automatic']);
  await panel.send(changed(({ label }) => ({ chosenKeys: { score: label === 'grpo' ? 'reward' : 'critic/score/mean' } })));
  assert.equal(await value('Score'), 'several');
});

panelTest('a chart without a metric says so, and how to name one', {}, async (panel) => {
  const empty = panel.page.locator('.chart-empty').filter({ visible: true });
  const notes = panel.page.locator('.notices');
  await panel.send(...three);
  assert.deepEqual(await empty.allInnerTexts(), []);
  assert.equal(
    await notes.innerText(),
    'sb3: No metric is known as its gradient norm, so a surge cannot be seen. Choose it under Metrics, if it is logged under another name.',
  );
  await panel.page.locator('.legend-entry', { hasText: 'sb3' }).click();
  assert.deepEqual(await empty.allInnerTexts(), ['No metric is known as the gradient norm. Choose one under Metrics.']);
  await panel.send(changed(() => ({ metricKeys: {} })));
  assert.deepEqual((await empty.allInnerTexts())[1], 'No metric is known as the score. Choose one under Metrics.');
});

panelTest('runs without estimator, seed and planned steps are called by their names', {}, async (panel) => {
  await panel.send(...three);
  const cells = async (name: string): Promise<readonly string[]> =>
    (await panel.page.locator('tbody tr', { hasText: name }).locator('th, td:not(.actions)').allInnerTexts())
      .slice(0, 4)
      .map((text) => text.trim());
  assert.deepEqual(await cells('verl-console'), ['verl-console', '', 'idle', '60']);
  assert.deepEqual(await cells('grpo'), ['grpo', '', 'finished', '40 / 40']);
  const idle = panel.page.locator('tbody tr', { hasText: 'verl-console' }).locator('.state');
  assert.match((await idle.getAttribute('title')) ?? '', /^Nothing has been written to its files for a while/);
  assert.match((await panel.page.locator('.chip', { hasText: 'idle' }).getAttribute('title')) ?? '', /idle\. Nothing has been written/);
});

panelTest('of what another program wrote only the log is opened', {}, async (panel) => {
  await panel.send(
    ...three,
    changed(({ label }) => ({
      process: label === 'grpo' ? 'running' : 'failed',
      note: null,
      onsetStep: label === 'grpo' ? 20 : null,
      detectedStep: label === 'grpo' ? 25 : null,
      collapse: label === 'grpo' ? 'collapsed' : 'healthy',
    })),
  );
  const labels = await panel.page
    .locator('tbody vscode-button, .collapse vscode-button, .note vscode-button')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')?.split(':')[0]));
  assert.deepEqual(new Set(labels), new Set(['Open log', 'Rename, tag, color or archive']));
  assert.equal(labels.filter((label) => label === 'Open log').length, 6);
});
