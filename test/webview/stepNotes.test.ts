import assert from 'node:assert/strict';
import { roleColumns } from '../../src/core/panel/rows.ts';
import type { StepPlace } from '../../src/core/panel/messages.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';
import type { RecordedRun } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const recorded = recordedRun('main_otb_6e-3_s7', 'opo');
const text = 'the reward was changed here\nand again';

function noted(id: string, label: string): RecordedRun {
  return {
    run: { ...recorded.run, id, label, stepNotes: [{ step: 120, text, time: 1 }] },
    rows: { ...recorded.rows, run: id },
  };
}

/** Moves the pointer over a chart until a step stands at the crosshair; the place in the window. */
async function pointAtStep(panel: PanelPage, step: number): Promise<readonly [number, number]> {
  await panel.chart(score).scrollIntoViewIfNeeded();
  await panel.drawn();
  const box = await panel.chart(score).boundingBox();
  assert.ok(box);
  const place = panel.page.locator('.chart-box', { has: panel.chart(score) }).locator('.readout-place');
  for (let x = 60; x < box.width; x++) {
    await panel.page.mouse.move(box.x + x, box.y + 12 + box.height / 2);
    await panel.drawn();
    const shown = Number((await place.innerText()).replace('Step ', ''));
    if (shown >= step) return [box.x + x, box.y + 12 + box.height / 2];
  }
  return assert.fail(`step ${step} is not in the chart`);
}

const contextOf = (panel: PanelPage): Promise<string | null> =>
  panel.page.locator('.chart-box', { has: panel.chart(score) }).getAttribute('data-vscode-context');

panelTest('a note stands under the charts, as a mark in them, and at the crosshair', {}, async (panel) => {
  const { page } = panel;
  await panel.send(...opening('one run', [noted('/a', 'opo seed 7')]));
  const list = page.locator('.step-notes');
  assert.equal(await list.locator('summary').innerText(), '1 note');
  assert.equal(await list.locator('.step-note-text').innerText(), text);
  await list.getByText('step 120').click();
  await panel.drawn();
  const readout = page.locator('.chart-box', { has: panel.chart(gradNorm) }).locator('.readout');
  assert.match(await readout.innerText(), /Step 120/);
  assert.equal(
    (await readout.locator('.readout-note').innerText()).replace(/\s+/g, ' '),
    '▲opo seed 7 the reward was changed here and again',
  );
  await page.keyboard.press('Escape');
  // The mark: more of the line's colour at the lower edge than without the note.
  const color = await page.evaluate(() => (document.querySelector('.readout-note-mark') as HTMLElement).style.color);
  const hex = `#${[...color.matchAll(/\d+/g)].map(([part]) => Number(part).toString(16).padStart(2, '0')).join('')}`;
  const marked = await panel.pixels(score, hex, [0.6, 0.95]);
  await panel.send({ type: 'runs', runs: [{ ...recorded.run, id: '/a', label: 'opo seed 7' }] });
  const unmarked = await panel.pixels(score, hex, [0.6, 0.95]);
  assert.ok(marked > unmarked, `${marked} > ${unmarked}`);
  assert.equal(await list.isVisible(), false);
});

panelTest('a step is noted from its place in a chart: by key, from the box, and from the menu of the editor', {}, async (panel) => {
  const { page } = panel;
  await panel.send(...opening('one run', [noted('/a', 'opo seed 7')]));
  const place = await pointAtStep(panel, 200);
  await page.mouse.click(...place, { button: 'right' });
  assert.deepEqual(JSON.parse((await contextOf(panel)) ?? ''), {
    webviewSection: 'step',
    step: 200,
    runs: ['/a'],
    preventDefaultContextMenuItems: true,
  });
  await page.mouse.click(...place);
  await panel.drawn();
  await page.getByRole('button', { name: 'Note…' }).click();
  await panel.chart(score).focus();
  await page.keyboard.press('n');
  await page.locator('.step-notes').getByRole('button', { name: 'Edit the note on step 120 of opo seed 7' }).click();
  const places = (await panel.postedOf('note')).map((message): StepPlace => message.place);
  assert.deepEqual(places, [
    { step: 200, runs: ['/a'] },
    { step: 200, runs: ['/a'] },
    { step: 120, runs: ['/a'] },
  ]);
});

panelTest('where several lines lie close together, all of their runs may be meant; beside the data no step is', {}, async (panel) => {
  const runs = ['/a', '/b'].map((id) => noted(id, `opo seed ${id}`));
  await panel.send(...opening('two runs', runs));
  await pointAtStep(panel, 200);
  await panel.chart(score).focus();
  await panel.page.keyboard.press('n');
  const [message] = await panel.postedOf('note');
  assert.ok(message && message.place.runs.length >= 1);
  await panel.page.mouse.move(2, 2);
  await panel.drawn();
  await panel.chart(score).dispatchEvent('contextmenu');
  assert.deepEqual(JSON.parse((await contextOf(panel)) ?? ''), { preventDefaultContextMenuItems: true });
});
