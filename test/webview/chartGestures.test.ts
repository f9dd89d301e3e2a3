import assert from 'node:assert/strict';
import { roleColumns } from '../../src/core/panel/rows.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const run = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const messages = opening('one run', [run]);

/** The range that the page remembers, after everything that was asked for has been done. */
async function range(panel: PanelPage): Promise<readonly [number, number] | null> {
  await panel.drawn();
  return (await panel.memory())?.view.range ?? null;
}

async function crosshair(panel: PanelPage): Promise<string | null> {
  await panel.drawn();
  const readout = panel.page.locator('.charts .readout').first();
  return (await readout.isVisible()) ? ((await readout.innerText()).split('\n')[0] ?? null) : null;
}

async function ready(
  panel: PanelPage,
): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number }> {
  await panel.send(...messages);
  await panel.drawn();
  const box = await panel.chart(score).boundingBox();
  assert.ok(box);
  return box;
}

panelTest('arrows move the crosshair from one logged step to the next, Home and End to the first and the last', {}, async (panel) => {
  await ready(panel);
  await panel.chart(score).focus();
  const { page } = panel;
  await page.keyboard.press('Home');
  assert.equal(await crosshair(panel), 'Step 0');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  assert.equal(await crosshair(panel), 'Step 3');
  await page.keyboard.press('End');
  const last = await crosshair(panel);
  await page.keyboard.press('ArrowRight');
  assert.equal(await crosshair(panel), last);
});

panelTest('plus and minus zoom around the crosshair, arrows with shift move the view, 0 shows everything', {}, async (panel) => {
  await ready(panel);
  const { keyboard } = panel.page;
  await panel.chart(gradNorm).focus();
  await keyboard.press('+');
  await keyboard.press('+');
  const zoomed = await range(panel);
  assert.ok(zoomed !== null);
  await keyboard.press('Shift+ArrowRight');
  const moved = await range(panel);
  assert.ok(moved !== null && moved[0] > zoomed[0]);
  assert.ok(Math.abs(moved[1] - moved[0] - (zoomed[1] - zoomed[0])) < 1e-6, 'the view is as wide as before');
  await keyboard.press('-');
  const wider = await range(panel);
  assert.ok(wider !== null && wider[1] - wider[0] > moved[1] - moved[0]);
  await keyboard.press('0');
  assert.equal(await range(panel), null);
});

panelTest('ctrl and wheel zoom at the pointer; the plain wheel scrolls the page', { height: 500 }, async (panel) => {
  const box = await ready(panel);
  const { mouse, keyboard } = panel.page;
  await mouse.move(box.x + box.width * 0.75, box.y + 100);
  const pointed = Number(((await crosshair(panel)) ?? '').replace('Step ', ''));
  await keyboard.down('Control');
  await mouse.wheel(0, -300);
  await keyboard.up('Control');
  const zoomed = await range(panel);
  assert.ok(zoomed !== null && zoomed[0] < pointed && pointed < zoomed[1]);
  assert.equal(await panel.page.evaluate(() => window.scrollY), 0);
  await mouse.wheel(0, 120);
  await panel.page.waitForFunction(() => window.scrollY > 0);
  assert.deepEqual(await range(panel), zoomed);
});

panelTest('a drag with shift moves the view with the pointer, and a double click shows everything again', {}, async (panel) => {
  const box = await ready(panel);
  const { mouse, keyboard } = panel.page;
  await panel.chart(score).focus();
  for (let i = 0; i < 3; i++) await keyboard.press('+');
  const before = await range(panel);
  assert.ok(before !== null);
  const [middle, top] = [box.x + box.width / 2, box.y + 100];
  await mouse.move(middle, top);
  await keyboard.down('Shift');
  await mouse.down();
  await mouse.move(middle + 80, top, { steps: 4 });
  await mouse.up();
  await keyboard.up('Shift');
  const after = await range(panel);
  assert.ok(after !== null && after[0] < before[0], 'what was left of the view has come in');
  await mouse.dblclick(middle, top);
  assert.equal(await range(panel), null);
});

panelTest('a click and a drag of a pixel are no zoom', {}, async (panel) => {
  const box = await ready(panel);
  const { mouse } = panel.page;
  await mouse.move(box.x + 200, box.y + 100);
  await mouse.down();
  await mouse.move(box.x + 201, box.y + 100);
  await mouse.up();
  assert.equal(await range(panel), null);
});

panelTest('zoomed in as far as it goes, a few steps are left, and everything that is logged there', {}, async (panel) => {
  await ready(panel);
  const { keyboard } = panel.page;
  await panel.chart(score).focus();
  for (let i = 0; i < 30; i++) await keyboard.press('+');
  const [from = 0, to = 0] = (await range(panel)) ?? [];
  assert.ok(to - from > 3.9 && to - from < 4.1, `${from} to ${to}`);
});

panelTest('a chart that is out of sight is drawn once it is seen', { height: 300 }, async (panel) => {
  await panel.send(...messages);
  const { page } = panel;
  await page.setViewportSize({ width: 600, height: 120 });
  await panel.drawn();
  await panel.chart(score).scrollIntoViewIfNeeded();
  await panel.drawn();
  assert.ok((await panel.pixels(score, '#4da3ff')) > 100);
});
