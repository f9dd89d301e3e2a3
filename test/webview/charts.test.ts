import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { palette } from '../../src/core/figure/palette.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { pseudoColumns } from '../../src/core/panel/rows.ts';
import { until } from '../e2e/harness/until.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun, splitRows } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const { entropy, responseLength } = metricNames;
const collapsed = recordedRun('main_opo_6e-3_s7', 'opo');
const healthy = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const both = opening('two runs', [collapsed, healthy]);
/** More than the legend's marks or a stray pixel of an edge. */
const aLine = 100;

panelTest(
  'gradient norm and score are drawn, each series in its colour, and anew when the theme changes',
  { theme: 'dark' },
  async (panel) => {
    await panel.send(...both);
    for (const metric of [gradNorm, score]) {
      for (const estimator of ['opo', 'tir_optimal_token_baseline'] as const) {
        assert.ok((await panel.pixels(metric, palette[estimator].dark)) > aLine, `${estimator} in the chart of ${metric}`);
      }
    }
    await panel.setTheme('light');
    assert.ok((await panel.pixels(gradNorm, palette.opo.light)) > aLine);
    assert.equal(await panel.pixels(gradNorm, palette.opo.dark), 0);
  },
);

panelTest('rows that arrive later are drawn too', {}, async (panel) => {
  const [early, late] = splitRows(healthy.rows, 100);
  await panel.send(...opening('one run', [{ ...healthy, rows: early }]));
  const label = panel.chart(score);
  const before = await panel.pixels(score, palette.tir_optimal_token_baseline.dark);
  assert.ok(before > aLine);
  const range = (await label.getAttribute('aria-label')) ?? '';
  await panel.send(late, { type: 'runs', runs: [healthy.run] });
  assert.notEqual(await label.getAttribute('aria-label'), range);
});

panelTest('small charts follow as a run goes on', {}, async (panel) => {
  const [early, late] = splitRows(healthy.rows, 100);
  await panel.send(...opening('one run', [{ ...healthy, rows: early }]));
  await panel.chart(entropy).scrollIntoViewIfNeeded();
  await until('the first rows', async () => (await panel.pixels(entropy, palette.tir_optimal_token_baseline.dark)) > aLine);
  const picture = (): Promise<string> =>
    panel
      .chart(entropy)
      .locator('canvas')
      .first()
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const before = await picture();
  await panel.send(late);
  await until('the small chart to be drawn again', async () => (await picture()) !== before);
});

panelTest('only the columns that are shown are asked for', {}, async (panel) => {
  const asked = async (): Promise<readonly string[]> => (await panel.postedOf('columns')).at(-1)?.columns ?? [];
  assert.deepEqual(await asked(), [], 'there is no run yet');
  await panel.send(...both);
  assert.deepEqual(await asked(), [gradNorm, score, entropy, responseLength]);
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  await panel.page.locator('.metrics-list vscode-checkbox', { hasText: 'Entropy' }).click();
  assert.deepEqual(await asked(), [gradNorm, score, responseLength]);
  assert.equal(await panel.chart(entropy).count(), 0);
  await panel.page.locator('vscode-dropdown[aria-label="X axis"]').click();
  await panel.page.locator('vscode-option[value="tokens"]').click();
  assert.deepEqual(await asked(), [gradNorm, score, responseLength, pseudoColumns.tokens]);
});

panelTest('a stretch that is dragged over is zoomed to, in all charts, and shown whole again', {}, async (panel) => {
  await panel.send(...both);
  const zoomOut = panel.page.locator('vscode-button', { hasText: 'Reset zoom' });
  assert.equal(await zoomOut.isVisible(), false);
  await panel.drawn();
  const box = await panel.chart(gradNorm).boundingBox();
  assert.ok(box);
  await panel.page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
  await panel.page.mouse.down();
  await panel.page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
  await panel.page.mouse.up();
  const { view } = (await panel.memory()) ?? {};
  const [from = 0, to = 0] = view?.range ?? [];
  assert.ok(from > 0 && to > from && to < (healthy.run.plannedSteps ?? 0), `${from} to ${to}`);
  await zoomOut.click();
  await panel.page.waitForFunction(() => (recorded.state as { view: { range: unknown } } | undefined)?.view.range === null);
});

panelTest('the crosshair stands in every chart and tells the values there', {}, async (panel) => {
  await panel.send(...both);
  await panel.drawn();
  await panel.chart(gradNorm).focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await panel.page.keyboard.press(key);
  const readouts = panel.page.locator('.charts .readout');
  assert.equal(await readouts.count(), 2);
  for (const readout of await readouts.all()) {
    assert.match(await readout.innerText(), /^Step \d+\n/);
    assert.deepEqual(await runsIn(readout), ['opo seed 7', 'tir_optimal_token_baseline seed 7']);
  }
  assert.equal(await panel.page.locator('.multiples .readout:visible').count(), 0);
});

panelTest('the values at the crosshair are those of the series that are shown now', {}, async (panel) => {
  await panel.send(...both);
  await panel.chart(gradNorm).focus();
  await panel.page.keyboard.press('Home');
  await panel.drawn();
  const readout = panel.page.locator('.charts .readout').first();
  assert.deepEqual(await runsIn(readout), ['opo seed 7', 'tir_optimal_token_baseline seed 7']);
  await panel.page.locator('.legend-entry', { hasText: 'tir_' }).focus();
  await panel.page.keyboard.press('Enter');
  await panel.drawn();
  assert.deepEqual(await runsIn(readout), ['tir_optimal_token_baseline seed 7']);
});

/** The runs that a readout tells about; the names that it shows may be shortened. */
function runsIn(readout: Locator): Promise<readonly string[]> {
  return readout
    .locator('[role="rowheader"]')
    .evaluateAll((names) => names.map((name) => name.getAttribute('title') ?? '').toSorted((a, b) => a.localeCompare(b)));
}

panelTest('a run that logs nothing of the horizontal axis is named, and the others are drawn', {}, async (panel) => {
  const { rows } = collapsed.rows;
  const nothing = new Float64Array(collapsed.run.plannedSteps ?? 0).fill(Number.NaN);
  const untold = { ...collapsed.rows, rows: { ...rows, columns: { ...rows.columns, [pseudoColumns.tokens]: nothing } } };
  await panel.send(...opening('two runs', [{ ...collapsed, rows: untold }, healthy]));
  const notes = panel.page.locator('.notices');
  assert.equal(await notes.isVisible(), false);
  await panel.page.locator('vscode-dropdown[aria-label="X axis"]').click();
  await panel.page.locator('vscode-option[value="tokens"]').click();
  assert.equal(await notes.innerText(), 'opo seed 7 logs no token counts and is not drawn on this axis.');
  assert.equal(await panel.pixels(score, palette.opo.dark), 0);
  assert.ok((await panel.pixels(score, palette.tir_optimal_token_baseline.dark)) > aLine);
});

panelTest('a chart says in words what it shows, and names the table that has it in numbers', {}, async (panel) => {
  await panel.send(...both);
  for (const metric of [gradNorm, score, entropy]) {
    const chart = panel.chart(metric);
    assert.equal(await chart.getAttribute('role'), 'img');
    await until(`the chart of ${metric} in words`, async () => /opo: .*onset at 2/.test((await chart.getAttribute('aria-label')) ?? ''));
    const table = await chart.getAttribute('aria-details');
    assert.equal(await panel.page.locator(`table#${table}`).count(), 1);
    assert.equal(await chart.getAttribute('aria-describedby'), null, 'a whole table would be read aloud');
  }
});

panelTest('onsets are drawn as long as the setting says so', {}, async (panel) => {
  await panel.send(...both);
  const isolate = panel.page.locator('.legend-entry', { hasText: 'opo' });
  await isolate.click();
  const marked = await panel.pixels(entropy, palette.opo.dark);
  await panel.send({ type: 'settings', settings: { onsets: false } });
  assert.ok((await panel.pixels(entropy, palette.opo.dark)) < marked);
});

panelTest('charts lie side by side, and below each other where the panel is narrow', { width: 1100 }, async (panel) => {
  await panel.send(...both);
  const tops = async (): Promise<readonly number[]> =>
    Promise.all([gradNorm, score].map(async (metric) => (await panel.chart(metric).boundingBox())?.y ?? 0));
  const [norm = 0, beside = 1] = await tops();
  assert.equal(norm, beside);
  for (const width of [600, 320]) {
    await panel.page.setViewportSize({ width, height: 900 });
    await panel.drawn();
    const [above = 0, below = 0] = await tops();
    assert.ok(below > above);
    assert.ok(
      await panel.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      `the page is wider than ${width} pixels`,
    );
  }
});

declare const recorded: { readonly state: unknown };

panelTest('zeros of a log axis and values that are no numbers have lanes of their own', {}, async (panel) => {
  const norms = Float64Array.from(healthy.rows.rows.columns[gradNorm] ?? [], (value, row) =>
    row % 40 < 8 ? 0 : row >= 60 && row < 65 ? Infinity : value * (row < 30 ? 1 : 100),
  );
  const scores = Float64Array.from(healthy.rows.rows.columns[score] ?? [], (value, row) => (row === 90 ? Infinity : value));
  const { rows: told } = healthy.rows;
  const rows = { ...healthy.rows, rows: { ...told, columns: { ...told.columns, [gradNorm]: norms, [score]: scores } } };
  await panel.send(...opening('one run', [{ ...healthy, rows }]));
  const color = palette.tir_optimal_token_baseline.dark;
  /** Pixels of the run's colour in a stretch of a chart's height, as shares of it from the top. */
  const inStretch = (metric: string, from: number, to: number): Promise<number> => panel.pixels(metric, color, [from, to]);
  assert.ok((await inStretch(gradNorm, 0.82, 0.9)) > 20, 'zeros');
  assert.ok((await inStretch(gradNorm, 0.05, 0.2)) > 5, 'what is not finite');
  assert.match((await panel.chart(gradNorm).getAttribute('aria-label')) ?? '', /median/);
  await panel.screenshot('lanes');
});

panelTest('plot areas are aligned to the pixel, side by side and stacked, however wide their labels are', {}, async (panel) => {
  const { rows: told } = healthy.rows;
  const wide = Float64Array.from(told.columns[score] ?? [], (value) => 123_456 * value);
  const run = { ...healthy, rows: { ...healthy.rows, rows: { ...told, columns: { ...told.columns, [score]: wide } } } };
  await panel.send(...opening('one run', [run]));
  for (const width of [1200, 420]) {
    await panel.page.setViewportSize({ width, height: 900 });
    await until('aligned plot areas', async () => {
      await panel.drawn();
      const lefts = [];
      for (const metric of [gradNorm, score]) lefts.push(await panel.chart(metric).locator('canvas').first().evaluate(leftOfLongestLine));
      return lefts[0] === lefts[1] && (lefts[0] ?? 0) > 0;
    });
  }
});

/** Where the longest horizontal line of a canvas begins, a line of the grid or the axis. */
function leftOfLongestLine(canvas: SVGElement | HTMLElement): number {
  const context = canvas instanceof HTMLCanvasElement ? canvas.getContext('2d') : null;
  if (context === null) return -1;
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  let [longest, left] = [0, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0, length = 0; x < width; x++) {
      length = (data[4 * (y * width + x) + 3] ?? 0) > 0 ? length + 1 : 0;
      if (length > longest) [longest, left] = [length, x - length + 1];
    }
  }
  return left;
}
