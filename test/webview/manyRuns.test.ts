import assert from 'node:assert/strict';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { palette } from '../../src/core/figure/palette.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';
import type { RecordedRun } from './harness/recordedRuns.ts';

const { score } = roleColumns;
const estimators = Object.keys(palette);
const rates = [1e-6, 5e-6, 1e-5, 5e-5, 1e-3, 8e-3];
const collapsed = recordedRun('main_opo_6e-3_s7', 'opo');
const healthy = recordedRun('main_otb_6e-3_s7', 'opo');

/** Ten estimators with six learning rates each; every third run has collapsed. */
const sixty: readonly RecordedRun[] = Array.from({ length: 60 }, (_, index) => {
  const estimator = estimators[index % 10] ?? '';
  const learningRate = rates[Math.floor(index / 10)] ?? 0;
  const { run: like, rows } = index % 3 === 0 ? collapsed : healthy;
  const series = `${estimator} (learningRate ${learningRate})`;
  const seed = 1 + (index % 4);
  const run: PanelRun = {
    ...like,
    id: `/runs/${index}`,
    label: `${series} seed ${seed}`,
    estimator,
    seed,
    series,
    parameters: { 'optimizer.learningRate': learningRate },
    numbers: { ...like.numbers, maxGradNorm: 3105 },
  };
  return { run, rows: { ...rows, run: run.id } };
});
const opened = opening('sixty runs', sixty);

async function filter(panel: PanelPage, text: string): Promise<void> {
  await panel.page.locator('.filter-input').fill(text);
}

/** Labels of the rows, in their order. */
function rows(panel: PanelPage): Promise<readonly string[]> {
  return panel.page.locator('tbody .row-name').allInnerTexts();
}

/** Number of series that the charts have. */
async function drawnPoints(panel: PanelPage): Promise<number> {
  return Number(await panel.chart(score).getAttribute('data-points'));
}

for (const width of [400, 900, 1600])
  panelTest(`the legend of sixty series is one line at ${width} pixels, and a popover has the rest`, { width }, async (panel) => {
    await panel.send(...opened);
    await panel.drawn();
    const row = panel.page.locator('.legend-row');
    const box = await row.boundingBox();
    assert.ok(box !== null && box.height <= 30, JSON.stringify(box));
    const inRow = await panel.page.locator('.legend-entries .legend-entry').count();
    const more = panel.page.locator('.legend-more vscode-button');
    assert.equal(await more.innerText(), inRow === 0 ? '60 series' : `+${60 - inRow} more`);
    const right = await more.evaluate((button) => button.getBoundingClientRect().right);
    assert.ok(right <= width, `the button ends at ${right}`);
    if (width === 1600) assert.ok(inRow >= 3, `${inRow} in the row`);
    // A click in the popover does what it does in the row.
    await more.click();
    const last = panel.page.locator('.legend-rest .legend-entry').last();
    await last.click();
    assert.equal(await last.getAttribute('aria-pressed'), 'true');
    assert.equal(await drawnPoints(panel), 1000);
    await panel.page.locator('.menu-entry', { hasText: 'Show all runs' }).click();
    assert.ok((await drawnPoints(panel)) > 40_000);
  });

panelTest('a filter acts on legend, charts and table together, and tells how many of the runs match', {}, async (panel) => {
  await panel.send(...opened);
  await filter(panel, 'lr > 1e-4 state:collapsed -dr_grpo seed:1,3');
  const expected = sixty.filter(
    ({ run }, index) => index >= 40 && index % 3 === 0 && run.estimator !== 'dr_grpo' && (run.seed === 1 || run.seed === 3),
  );
  assert.ok(expected.length > 1);
  assert.equal(await panel.page.locator('.filter-count').innerText(), `${expected.length} of 60`);
  assert.equal((await rows(panel)).length, expected.length);
  assert.equal(await drawnPoints(panel), expected.length * 363);
  assert.deepEqual(
    (await panel.page.locator('.legend-row').locator('.legend-name').allTextContents()).toSorted(),
    expected.map(({ run }) => run.series).toSorted(),
  );
  // Others take the filter for their own from a memory.
  assert.equal((await panel.memory())?.view.filter, 'lr > 1e-4 state:collapsed -dr_grpo seed:1,3');
});

panelTest('a wrong filter is told in a sentence, and what was shown before stays', {}, async (panel) => {
  await panel.send(...opened);
  await filter(panel, 'seed:2');
  const before = await rows(panel);
  assert.equal(before.length, 15);
  const note = panel.page.locator('.filter-note');
  await filter(panel, 'seed:2 score >');
  assert.match(await note.innerText(), /“score >” has no value/);
  assert.deepEqual(await rows(panel), before);
  await filter(panel, 'dropout:1');
  assert.match(await note.innerText(), /No number is called “dropout”/);
  await panel.page.keyboard.press('Escape');
  assert.equal(await note.isVisible(), false);
  assert.equal((await rows(panel)).length, 60);
});

panelTest('a filter that no run matches says so and has a way back', {}, async (panel) => {
  await panel.send(...opened);
  await filter(panel, 'seed:77');
  const note = panel.page.locator('.filter-note');
  assert.match(await note.innerText(), /^No run matches\./);
  await note.locator('button').click();
  assert.equal((await rows(panel)).length, 60);
  assert.equal(await panel.page.locator('.filter-input').inputValue(), '');
});

panelTest('an eye hides a run and shows it again, with alt it alone; also by keyboard', {}, async (panel) => {
  await panel.send(...opened);
  const all = await drawnPoints(panel);
  const eye = panel.page.locator('tbody .eye').first();
  await eye.click();
  assert.equal(await eye.getAttribute('aria-pressed'), 'false');
  assert.ok((await drawnPoints(panel)) < all);
  await eye.press('Enter');
  assert.equal(await eye.getAttribute('aria-pressed'), 'true');
  assert.equal(await drawnPoints(panel), all);
  await eye.click({ modifiers: ['Alt'] });
  assert.equal(await panel.page.locator('tbody .eye[aria-pressed="true"]').count(), 1);
  assert.equal(await drawnPoints(panel), 1000);
  await eye.click();
  const note = panel.page.locator('.filter-note');
  assert.match(await note.innerText(), /^All matching runs are hidden\./);
  await note.locator('button').click();
  assert.equal(await drawnPoints(panel), all);
});

panelTest('numbers are never covered, and headings and names stay in sight', { width: 1280 }, async (panel) => {
  await panel.send(...opened);
  const area = panel.page.locator('.table-scroll');
  await area.scrollIntoViewIfNeeded();
  const isWhole = (): Promise<boolean> =>
    panel.page
      .locator('tbody tr')
      .nth(30)
      .locator('td', { hasText: '3105' })
      .evaluate((cell) => {
        const { left, right, top, bottom } = cell.getBoundingClientRect();
        return [left + 2, right - 2].every((x) => document.elementFromPoint(x, (top + bottom) / 2)?.closest('td') === cell);
      });
  // Far down and to the right.
  await panel.page.locator('tbody tr').nth(30).locator('td', { hasText: '3105' }).scrollIntoViewIfNeeded();
  assert.ok(await isWhole());
  const heading = panel.page.locator('thead th').first();
  const [headingBox, areaBox] = [await heading.boundingBox(), await area.boundingBox()];
  assert.ok(headingBox !== null && areaBox !== null);
  assert.deepEqual([headingBox.x, headingBox.y].map(Math.round), [areaBox.x, areaBox.y].map(Math.round));
});

panelTest('columns are chosen, also the last value of any metric, and the choice is remembered', {}, async (panel) => {
  await panel.send(...opened);
  const headings = async (): Promise<readonly string[]> =>
    (await panel.page.locator('thead th').allInnerTexts()).map((text) => text.trim());
  assert.ok((await headings()).includes('learningRate'));
  assert.ok(!(await headings()).includes('Entropy'));
  await panel.page.locator('.table-controls vscode-button').click();
  await panel.page.locator('.column-choice', { hasText: 'learningRate' }).click();
  await panel.page.locator('.column-choice', { hasText: 'Entropy (last)' }).click();
  assert.ok(!(await headings()).includes('learningRate'));
  const index = (await headings()).indexOf('Entropy');
  assert.ok(index > 0);
  const [first] = await panel.page.locator(`tbody tr > :nth-child(${index + 1})`).allInnerTexts();
  assert.match(first ?? '', /^\d/);
  const asked = (await panel.postedOf('columns')).at(-1)?.columns ?? [];
  assert.ok(asked.some((column) => column.includes('entropy')));
  assert.deepEqual(Object.values((await panel.memory())?.view.columns ?? {}), [false, true]);
  await panel.page.locator('.menu-entry', { hasText: 'Default columns' }).click();
  assert.ok((await headings()).includes('learningRate'));
});

panelTest('of a thousand rows those in sight are in the page, and scrolling brings the others', {}, async (panel) => {
  const thousand = Array.from({ length: 1000 }, (_, seed) => ({ ...healthy.run, id: `/runs/${seed}`, label: `opo seed ${seed}`, seed }));
  await panel.send(opened[0] as never, { type: 'runs', runs: thousand });
  const table = panel.page.locator('#run-table');
  assert.equal(await table.getAttribute('aria-rowcount'), '1001');
  assert.ok((await panel.page.locator('tbody .row-name').count()) < 150);
  await panel.page.locator('.table-scroll').evaluate((area) => area.scrollTo(0, area.scrollHeight));
  const last = panel.page.locator('tbody tr[aria-rowindex="1001"]');
  await last.waitFor();
  assert.match(await last.innerText(), /999/);
});

panelTest('where runs are of several groups, a column tells which, and they can be grouped by it', {}, async (panel) => {
  const runs = ['23 Nov, 18:24', '24 Nov, 09:00'].map((time, index) => ({
    ...healthy,
    run: { ...healthy.run, id: `/runs/${index}`, group: `night · ${time}` },
    rows: { ...healthy.rows, run: `/runs/${index}` },
  }));
  await panel.send(...opening('two groups', runs));
  assert.deepEqual((await panel.page.locator('tbody td:nth-child(3)').allInnerTexts()).toSorted(), [
    'night · 23 Nov, 18:24',
    'night · 24 Nov, 09:00',
  ]);
  assert.equal(await panel.page.locator('.legend-entry').count(), 1);
});

const byRate = {
  memory: { version: 1, subject: { kind: 'runs', runs: [] }, link: null, view: { groupBy: 'parameter:optimizer.learningRate' } },
};
panelTest('sixty runs grouped by their learning rate are six series', byRate, async (panel) => {
  await panel.send({ ...opened[0], subject: { kind: 'runs', runs: [] } } as never, ...opened.slice(1));
  const names = await panel.page.locator('.legend-row .legend-name').allTextContents();
  assert.equal(names.length, 6);
  assert.ok(names.includes('learningRate 0.008'));
});

for (const width of [280, 400, 620])
  panelTest(`nothing of the title's line is beyond the edge at ${width} pixels`, { width }, async (panel) => {
    const states = ['failed', 'running', 'waiting', 'finished'] as const;
    const runs = sixty.map(({ run }, index) => ({ ...run, process: states[index % 4] ?? 'finished', plannedSteps: 200_000 }));
    await panel.send(opened[0] as never, { type: 'runs', runs });
    await panel.drawn();
    for (const part of await panel.page.locator('.header > :visible').all()) {
      const right = await part.evaluate((element) => element.getBoundingClientRect().right);
      assert.ok(right <= width, `${await part.innerText()} ends at ${right}`);
    }
    assert.equal(await panel.page.evaluate(() => document.documentElement.scrollWidth), width);
    const tops = await panel.page.locator('.chip').evaluateAll((chips) => chips.map((chip) => chip.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 1, `all states are in the line: ${tops.join(', ')}`);
  });

panelTest('a narrow View menu says what each of its buttons does', { width: 400, height: 700 }, async (panel) => {
  await panel.send(...opened);
  await panel.toggleMenu('View');
  const box = await panel.page.locator('.view-menu vscode-button', { hasText: 'Reset to settings' }).locator('.button-label').boundingBox();
  assert.ok(box !== null && box.width > 60, JSON.stringify(box));
});

for (const width of [400, 1400])
  panelTest(`an enlarged chart has the panel for itself above sixty runs at ${width} pixels`, { width, height: 700 }, async (panel) => {
    await panel.send(...opened);
    await panel.drawn();
    await panel.page.locator('.chart-box', { has: panel.chart(score) }).hover();
    await panel.page
      .locator('.chart-box', { has: panel.chart(score) })
      .locator('.chart-button')
      .click();
    await panel.drawn();
    const box = await panel.chart(score).boundingBox();
    assert.ok(box !== null && box.height > 450 && box.width > width - 60, JSON.stringify(box));
    assert.equal(await panel.page.locator('#run-table').isVisible(), false);
  });
