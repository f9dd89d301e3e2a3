import assert from 'node:assert/strict';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { until } from '../e2e/harness/until.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';

const { score } = roleColumns;
const { entropy } = metricNames;
const collapsed = recordedRun('main_opo_6e-3_s7', 'opo');
const healthy = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const both = opening('two runs', [collapsed, healthy]);

const menuOf = (panel: PanelPage, heading: string) => panel.page.getByRole('button', { name: `More: ${heading}` });
const shownCharts = (panel: PanelPage) =>
  panel.page
    .locator('[data-metric]')
    .evaluateAll((charts) => charts.filter((chart) => chart.clientWidth > 0).map((chart) => chart.getAttribute('data-metric')));

panelTest('a chart fills the panel and goes back with Escape or its button, also after a reload', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  const before = await shownCharts(panel);
  await panel.page.getByRole('button', { name: 'Enlarge: Entropy' }).click();
  assert.deepEqual(await shownCharts(panel), [entropy]);
  await panel.drawn();
  const box = await panel.chart(entropy).boundingBox();
  assert.ok(box && box.width > 1000 && box.height > 600 && box.y + box.height <= 900, JSON.stringify(box));
  assert.equal((await panel.memory())?.view.enlarged, entropy);
  await panel.chart(entropy).focus();
  await panel.page.keyboard.press('Escape');
  assert.deepEqual(await shownCharts(panel), before);
  await panel.page.getByRole('button', { name: 'Enlarge: Score' }).press('Enter');
  assert.deepEqual(await shownCharts(panel), [score]);
  await panel.page.getByRole('button', { name: 'Back to all charts: Score' }).press('Enter');
  assert.deepEqual(await shownCharts(panel), before);
});

panelTest('a chart has limits of its y axis and a scale of its own, and says so', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await menuOf(panel, 'Entropy').focus();
  await panel.page.keyboard.press('Enter');
  const menu = panel.page.locator('.chart-menu').filter({ visible: true });
  await menu.getByRole('radio', { name: 'Log' }).check();
  const [low, high] = [menu.getByRole('textbox', { name: 'Lower limit' }), menu.getByRole('textbox', { name: 'Upper limit' })];
  await low.fill('0');
  await low.press('Enter');
  assert.equal(await menu.getByRole('alert').innerText(), 'A log scale needs limits above 0, not 0.');
  assert.equal(await low.getAttribute('aria-invalid'), 'true');
  await low.fill('0.5');
  await high.fill('2');
  await high.press('Enter');
  assert.equal(await menu.getByRole('alert').count(), 0, 'what was wrong is told no longer');
  assert.deepEqual((await panel.memory())?.view.axes, { [entropy]: { scale: 'log', low: 0.5, high: 2 } });
  await panel.page.keyboard.press('Escape');
  await panel.page.mouse.move(5, 5);
  await panel.page.locator('.sort').first().focus();
  const tools = panel.page.locator('.chart-tools').nth(2);
  assert.equal(await tools.evaluate((element) => getComputedStyle(element).opacity), '1', 'the mark of an axis of its own stays');
  await menuOf(panel, 'Entropy').click();
  await menu.getByRole('button', { name: 'Reset axis' }).click();
  assert.deepEqual((await panel.memory())?.view.axes, {});
});

panelTest('the ends that were chosen are those that are drawn', {}, async (panel) => {
  await panel.send(...both);
  const color = '#009e73';
  const drawn = async (): Promise<string> => {
    await panel.drawn();
    return panel
      .chart(score)
      .locator('canvas')
      .first()
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  };
  const usual = await drawn();
  await menuOf(panel, 'Score').click();
  const menu = panel.page.locator('.chart-menu').filter({ visible: true });
  await menu.getByRole('textbox', { name: 'Lower limit' }).fill('5');
  await menu.getByRole('textbox', { name: 'Upper limit' }).fill('6');
  await menu.getByRole('textbox', { name: 'Upper limit' }).press('Enter');
  assert.notEqual(await drawn(), usual);
  // No value lies there.
  assert.equal(await panel.pixels(score, color, [0.2, 0.8]), 0);
});

panelTest('a chart is copied as a picture, and saved as one where the clipboard takes none', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await menuOf(panel, 'Gradient norm').click();
  await panel.page.getByRole('button', { name: 'Copy as picture' }).filter({ visible: true }).click();
  // The page of this test is no secure one, so that its browser gives it no clipboard.
  await until('the picture', async () => (await panel.postedOf('export')).length === 1);
  const [saved] = await panel.postedOf('export');
  assert.equal(saved?.format, 'png');
  assert.match(await panel.page.locator('.chart-told:not(:empty)').innerText(), /save it as a file/);
  await panel.page.evaluate(() => {
    Object.assign(window, {
      ClipboardItem: class {
        constructor(readonly parts: Record<string, Promise<Blob>>) {}
      },
    });
    const write = async ([item]: { parts: Record<string, Promise<Blob>> }[]) =>
      Object.assign(window, { copied: (await item?.parts['image/png'])?.size });
    Object.defineProperty(navigator, 'clipboard', { value: { write } });
  });
  await menuOf(panel, 'Gradient norm').click();
  await panel.page.getByRole('button', { name: 'Copy as picture' }).filter({ visible: true }).click();
  await until('the answer', async () => (await panel.page.locator('.chart-told:not(:empty)').innerText()) === 'Picture copied');
  assert.ok((await panel.page.evaluate(() => (window as unknown as { copied: number }).copied)) > 1000);
  assert.equal((await panel.postedOf('export')).length, 1);
});

panelTest('the data of a chart is copied', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await panel.page.evaluate(() => {
    document.addEventListener('copy', () => Object.assign(window, { copied: document.getSelection()?.toString() ?? '' }));
  });
  await menuOf(panel, 'Score').click();
  await panel.page.getByRole('button', { name: 'Copy visible data' }).filter({ visible: true }).click();
  await until('the answer', async () => (await panel.page.locator('.chart-told').allInnerTexts()).includes('Data copied'));
  const copied = await panel.page.evaluate(() => (window as unknown as { copied: string }).copied);
  assert.match(copied, /^step\topo seed 7\ttir_optimal_token_baseline seed 7\n\d+\t/);
});

panelTest('metrics are searched by any part of their names, with the keyboard', {}, async (panel) => {
  const many = Array.from({ length: 500 }, (_, index) => `custom/metric_${index}`);
  await panel.send(...opening('one run', [{ ...healthy, run: { ...healthy.run, metrics: [...healthy.run.metrics, ...many] } }]));
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  const boxes = panel.page.locator('.metrics-list vscode-checkbox');
  assert.ok((await boxes.count()) <= 100);
  const status = panel.page.locator('.metrics-matching');
  assert.equal(await status.innerText(), '502 of 502, 100 listed');
  await panel.page.getByRole('textbox', { name: 'Search metrics' }).fill('METRIC 49');
  assert.equal(await status.innerText(), '15 of 502');
  assert.equal(await boxes.first().innerText(), 'custom/metric_49');
  for (const key of ['ArrowDown', 'ArrowDown', 'Space']) await panel.page.keyboard.press(key);
  assert.ok((await panel.memory())?.view.multiples?.includes('custom/metric_149'));
  await panel.page.getByRole('textbox', { name: 'Search metrics' }).fill('response length');
  assert.deepEqual(await boxes.allInnerTexts(), ['Response length (tokens)'], 'by what it is called here, too');
});
