import assert from 'node:assert/strict';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { initialView } from '../../src/core/panel/view.ts';
import type { PanelMemory } from '../../src/core/panel/view.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const opo = recordedRun('main_opo_6e-3_s7', 'opo');
const otb = recordedRun('main_otb_6e-3_s7', 'otb');
const both = opening('two runs', [opo, otb]);
const againstOpo: PanelMemory = {
  version: 1,
  subject: { kind: 'runs', runs: [opo.run.id, otb.run.id] },
  link: null,
  view: { ...initialView, baseline: { kind: 'series', run: opo.run.id }, difference: true },
};

function words(panel: PanelPage, metric: string): Promise<string | null> {
  return panel.chart(metric).getAttribute('aria-label');
}

async function choose(panel: PanelPage, baseline: string): Promise<void> {
  const list = panel.page.locator('vscode-dropdown[aria-label="Baseline"]');
  if (!(await list.isVisible())) await panel.toggleMenu('View');
  await list.click();
  await list.locator('vscode-option', { hasText: baseline }).click();
  await panel.drawn();
}

panelTest('charts show the difference to a chosen series, and of gradient norms the ratio', {}, async (panel) => {
  await panel.send(...both);
  await choose(panel, 'opo');
  assert.match((await words(panel, score)) ?? '', /^Score − opo against step\. opo: last value 0 \(step 362\), median 0, highest 0;/);
  assert.match((await words(panel, gradNorm)) ?? '', /^Gradient norm ÷ opo against step\. opo: last value ×1 \(step 362\), median ×1,/);
  assert.match((await panel.chart(gradNorm).getAttribute('data-y')) ?? '', /^log -/);
  assert.deepEqual((await panel.memory())?.view.baseline, { kind: 'series', run: opo.run.id });
});

panelTest('a line ends where the baseline does', { memory: againstOpo }, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  assert.match((await words(panel, score)) ?? '', /otb: last value \S+ \(step 362\)/);
});

panelTest(
  'on a linear scale norms are subtracted too',
  { memory: { ...againstOpo, view: { ...againstOpo.view, yScale: 'linear' } } },
  async (panel) => {
    await panel.send(...both);
    await panel.drawn();
    assert.match((await words(panel, gradNorm)) ?? '', /^Gradient norm − opo against step\. opo: last value 0 /);
  },
);

panelTest('values are shown again when the difference is switched off, or the baseline is none', { memory: againstOpo }, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await panel.toggleMenu('View');
  await panel.page.getByText('Show difference').click();
  await panel.drawn();
  assert.match((await words(panel, score)) ?? '', /^Score against step\./);
  await choose(panel, 'None');
  assert.equal(await panel.page.getByText('Show difference').isVisible(), false);
  assert.equal((await panel.memory())?.view.baseline, null);
});

panelTest('several runs of a series are compared with as their mean, and norms as their median', { memory: againstOpo }, async (panel) => {
  const second = recordedRun('main_otb_6e-3_s7', 'opo', { id: '/runs/second', label: 'opo seed 8', seed: 8 });
  const rows = { ...second.rows, run: '/runs/second' };
  await panel.send(...opening('three runs', [opo, { ...second, rows }, otb]));
  await panel.drawn();
  assert.match((await words(panel, score)) ?? '', /^Score − mean of opo against step\./);
  assert.match((await words(panel, gradNorm)) ?? '', /^Gradient norm ÷ median of opo against step\./);
});

panelTest('a baseline that is gone compares nothing', { memory: againstOpo }, async (panel) => {
  await panel.send(...opening('one run', [otb]));
  await panel.drawn();
  assert.match((await words(panel, score)) ?? '', /^Score against step\./);
});

panelTest('a run that is pinned in the table stands first, and the others are told against it', {}, async (panel) => {
  await panel.send(...both);
  const pin = panel.page.getByRole('button', { name: 'Baseline: otb seed 7' });
  const names = panel.page.locator('tbody th');
  await pin.click();
  assert.deepEqual(await names.allInnerTexts(), ['otb', 'opo']);
  assert.equal(await pin.getAttribute('aria-pressed'), 'true');
  assert.match(await panel.page.locator('tbody tr').nth(1).innerText(), /0\.02\s*−0\.86/);
  assert.deepEqual((await panel.memory())?.view.baseline, { kind: 'run', run: otb.run.id });
  await pin.click();
  assert.deepEqual(await names.allInnerTexts(), ['opo', 'otb']);
  assert.doesNotMatch(await panel.page.locator('tbody').innerText(), /−0\.86/);
});
