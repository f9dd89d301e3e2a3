import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { quantityText } from '../../src/core/notation.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';
import type { RecordedRun } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const recorded = recordedRun('main_otb_6e-3_s7', 'opo');

/** The recorded run with other values; seed and series as the label says, "grpo seed 3". */
function runLike(label: string, change: (value: number, row: number, metric: string) => number): RecordedRun {
  const [series = '', , seed] = label.split(' ');
  const id = `/runs/${label}`;
  const { rows } = recorded.rows;
  const columns = Object.entries(rows.columns).map(([metric, values]): [string, Float64Array] => [
    metric,
    Float64Array.from(values, (value, row) => change(value, row, metric)),
  ]);
  return {
    run: { ...recorded.run, id, label, series, estimator: series, seed: Number(seed) },
    rows: { ...recorded.rows, run: id, rows: { ...rows, columns: Object.fromEntries(columns) } },
  };
}

/** So many series of four seeds: of all logged values so many percent, as the number of the run says. */
function sweep(series: number): readonly RecordedRun[] {
  return Array.from({ length: 4 * series }, (_, index) =>
    runLike(`a_rather_long_name_of_series_${Math.floor(index / 4)} seed ${index % 4}`, (value) => value * (1 + index / 100)),
  );
}

function readoutOf(panel: PanelPage, metric: string): Locator {
  return panel.page.locator('.chart-box', { has: panel.chart(metric) }).locator('.readout');
}

/** Lines as their cells, those out of sight left out. */
function told(panel: PanelPage, metric: string): Promise<readonly (readonly string[])[]> {
  return readoutOf(panel, metric)
    .locator('.readout-line')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...line.children].filter((cell) => cell.getClientRects().length > 0).map((cell) => (cell as HTMLElement).innerText.trim()),
      ),
    );
}

/** Moves the pointer to a share of a chart's width and height. */
async function pointAt(panel: PanelPage, metric: string, x: number, y = 0.5): Promise<readonly [x: number, y: number]> {
  await panel.chart(metric).scrollIntoViewIfNeeded();
  await panel.drawn();
  const box = await panel.chart(metric).boundingBox();
  assert.ok(box);
  const place = [box.x + x * box.width, box.y + y * box.height] as const;
  await panel.page.mouse.move(...place);
  await panel.drawn();
  return place;
}

panelTest('hover tells what each value is: raw, smoothed, and of several runs centre, range and number', { width: 1400 }, async (panel) => {
  const runs = [1, 3, 2].map((factor) => runLike(`grpo seed ${factor}`, (value) => value * factor));
  await panel.send(...opening('three seeds', runs));
  const place = await pointAt(panel, score, 0.6);
  const [headings = [], series = [], ...seeds] = await told(panel, score);
  const step = Number(headings[0]?.replace('Step ', ''));
  assert.deepEqual(headings.slice(1), ['raw', 'smoothed']);
  const value = recorded.rows.rows.columns[score]?.[step] ?? Number.NaN;
  const text = (factor: number): string => quantityText(factor * value);
  assert.deepEqual([series[0], series[1], series[3]], ['grpo', text(2), `mean of 3, min ${text(1)}, max ${text(3)}`]);
  assert.deepEqual(
    seeds.map(([name, raw]) => [name, raw]),
    [3, 2, 1].map((factor) => [`seed ${factor}`, text(factor)]),
  );
  for (const [, , smoothed] of seeds) assert.match(smoothed ?? '', /^\d/);
  assert.equal(await readoutOf(panel, score).locator('.series-mark').count(), 4);
  assert.match((await told(panel, gradNorm))[1]?.[3] ?? '', /^median of 3, /);
  await panel.page.mouse.click(...place);
  await panel.drawn();
  const [columns = [], wide = []] = await told(panel, score);
  assert.deepEqual(columns.slice(1), ['raw', 'smoothed', 'min', 'max', 'n']);
  assert.match(wide[0] ?? '', /^grpo\s*mean$/);
  assert.deepEqual([wide[1], ...wide.slice(3)], [text(2), text(1), text(3), '3']);
});

panelTest('zeros and what is no number are told as what they are', {}, async (panel) => {
  const run = runLike('opo seed 1', (value, row, metric) =>
    metric !== gradNorm ? value : row === 1 ? 0 : row === 2 ? Infinity : row < 40 ? value : value * 1000,
  );
  await panel.send(...opening('one run', [run]));
  await panel.drawn();
  await panel.chart(gradNorm).focus();
  const values: (string | undefined)[] = [];
  for (const key of ['Home', 'ArrowRight', 'ArrowRight']) {
    await panel.page.keyboard.press(key);
    await panel.drawn();
    values.push((await told(panel, gradNorm))[1]?.[1]);
  }
  const first = recorded.rows.rows.columns[gradNorm]?.[0] ?? Number.NaN;
  assert.deepEqual(values, [quantityText(first), '0', 'NaN or ∞']);
});

panelTest(
  'of sixty runs hover shows those near the pointer; a click pins all of them, to scroll, to copy and to close',
  {},
  async (panel) => {
    const { page } = panel;
    await panel.send(...opening('sixty runs', sweep(15)));
    await pointAt(panel, score, 0.7, 0.9);
    const box = readoutOf(panel, score);
    const near = await told(panel, score);
    assert.ok(near.length < 30, `${near.length} lines`);
    assert.match(await box.innerText(), /\d+ more, click to pin/);
    assert.equal(await box.evaluate((element) => getComputedStyle(element).pointerEvents), 'none');
    const place = await pointAt(panel, score, 0.7, 0.2);
    assert.notDeepEqual(await told(panel, score), near, 'other runs are near to the pointer there');

    await page.mouse.click(...place);
    await panel.drawn();
    assert.equal((await told(panel, score)).length, 1 + 60 + 15);
    const heading = (await told(panel, score))[0]?.[0];
    const scrolled = await box.locator('.readout-scroll').evaluate((list) => {
      list.scrollTop = 1e6;
      return list.scrollTop;
    });
    assert.ok(scrolled > 500, 'it scrolls');
    await pointAt(panel, gradNorm, 0.3);
    assert.equal((await told(panel, score))[0]?.[0], heading, 'it stays where it is');
    assert.equal((await told(panel, gradNorm))[0]?.[0], heading, 'and so does the crosshair of all charts');

    await page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: (text: string) => void Object.assign(globalThis, { text }) } }),
    );
    await box.getByRole('button', { name: 'Copy' }).click();
    const copied = (await page.evaluate(() => (globalThis as unknown as { text: string }).text)).trimEnd().split('\n');
    assert.equal(copied[0], 'Run\tStep\tScore, raw\tScore, smoothed\tMinimum\tMaximum\tn');
    assert.equal(copied.length, 1 + 60 + 15);
    await box.getByRole('button', { name: 'Close' }).click();
    await panel.drawn();
    assert.equal(await box.isVisible(), false);
  },
);

panelTest('where the clipboard is refused, a selection is copied', {}, async (panel) => {
  const { page } = panel;
  await panel.send(...opening('one run', [recorded]));
  await page.mouse.click(...(await pointAt(panel, score, 0.7)));
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    document.addEventListener('copy', ({ target }) => Object.assign(globalThis, { text: (target as HTMLTextAreaElement).value }));
  });
  await readoutOf(panel, score).getByRole('button', { name: 'Copy' }).click();
  assert.match(await page.evaluate(() => (globalThis as unknown as { text: string }).text), /^Run\tStep\t.*\nopo seed 7\t\d+\t/);
});

panelTest(
  'Enter pins what stands at the crosshair and Escape lets it go; a double click pins nothing and shows everything',
  {},
  async (panel) => {
    const { keyboard, mouse } = panel.page;
    await panel.send(...opening('one run', [recorded]));
    await panel.drawn();
    const box = readoutOf(panel, score);
    const isPinned = async (): Promise<boolean> => {
      await panel.drawn();
      return box.evaluate((element) => element.classList.contains('is-pinned'));
    };
    await panel.chart(score).focus();
    for (const key of ['Home', 'ArrowRight', 'Enter']) await keyboard.press(key);
    assert.equal(await isPinned(), true);
    await keyboard.press('ArrowRight');
    await panel.drawn();
    assert.equal((await told(panel, score))[0]?.[0], 'Step 2', 'the keys still move it');
    await keyboard.press('Tab');
    await keyboard.press('Escape');
    assert.equal(await isPinned(), false);
    assert.equal(await panel.chart(score).evaluate((chart) => chart === document.activeElement), true);
    for (const key of ['+', '+']) await keyboard.press(key);
    assert.notEqual((await panel.memory())?.view.range, null);
    const place = await pointAt(panel, score, 0.5);
    await mouse.click(...place);
    assert.equal(await isPinned(), true);
    await mouse.click(...place);
    assert.equal(await isPinned(), false, 'a second click lets it go');
    await mouse.dblclick(...place);
    assert.equal(await isPinned(), false);
    assert.equal((await panel.memory())?.view.range, null);
  },
);

panelTest('the box lies beside the crosshair, and within a narrow chart', { width: 1100 }, async (panel) => {
  await panel.send(...opening('eight runs', sweep(2)));
  for (const [width, least] of [
    [1100, 0],
    [400, -40],
  ] as const) {
    await panel.page.setViewportSize({ width, height: 900 });
    for (const share of [0.35, 0.6, 0.9]) {
      const [x] = await pointAt(panel, score, share);
      const chart = await panel.chart(score).boundingBox();
      const box = await readoutOf(panel, score).boundingBox();
      assert.ok(chart && box);
      assert.ok(box.x >= chart.x && box.x + box.width <= chart.x + chart.width, `at ${width} pixels it stays in the chart`);
      const distance = Math.max(box.x - x, x - (box.x + box.width));
      assert.ok(distance >= least, `at ${width} pixels and ${share} of them it is ${distance} pixels from the crosshair`);
      const clipped = await readoutOf(panel, score)
        .locator('.readout-line > :not(.readout-name)')
        .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length);
      assert.equal(clipped, 0, 'no number is cut off');
    }
  }
});

panelTest('names are shortened in the middle, and differ', { width: 900 }, async (panel) => {
  await panel.send(
    ...opening(
      'names',
      ['first', 'second', 'third'].map((name) => runLike(`a_very_long_name_for_${name} seed 1`, (value) => value)),
    ),
  );
  await pointAt(panel, score, 0.7);
  const names = (await told(panel, score)).slice(1).map(([name]) => name ?? '');
  assert.equal(new Set(names).size, 3, names.join(', '));
  for (const name of names) assert.match(name, /…/);
  const title = await readoutOf(panel, score).locator('.readout-line[role="row"] .readout-name[title]').first().getAttribute('title');
  assert.match(title ?? '', /^a_very_long_name_for_\w+ seed 1$/);
});

panelTest('how many outliers are hidden is told beside the axis, and a click shows them', {}, async (panel) => {
  const rows = new Set([200, 300, 400]);
  await panel.send(
    ...opening('one run', [runLike('opo seed 1', (value, row, metric) => (metric === score && rows.has(row) ? 500 : value))]),
  );
  await panel.drawn();
  const hidden = panel.page.locator('.chart-box', { has: panel.chart(score) }).locator('.chart-hidden');
  assert.equal(await hidden.innerText(), '3 outliers hidden, show');
  const before = await panel.chart(score).boundingBox();
  await hidden.click();
  await panel.drawn();
  assert.equal((await panel.memory())?.view.robust, false);
  assert.equal(await hidden.isVisible(), false);
  assert.deepEqual(await panel.chart(score).boundingBox(), before, 'nothing shifts');
});

for (const width of [280, 400, 900])
  panelTest(`how many outliers are hidden covers no heading at ${width} pixels`, { width }, async (panel) => {
    const rows = new Set([200, 300, 400]);
    await panel.send(...opening('one run', [runLike('opo seed 1', (value, row) => (rows.has(row) ? 500 * (1 + Math.abs(value)) : value))]));
    await panel.drawn();
    const buttons = panel.page.locator('.chart-hidden:visible');
    // The small charts take in rows a moment later.
    await buttons.nth(2).waitFor();
    for (const button of await buttons.all()) {
      const place = await button.evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const chart = element.parentElement?.querySelector('.chart')?.getBoundingClientRect();
        if (chart === undefined) throw new Error('no chart');
        return {
          left: left - chart.left,
          right: chart.right - right,
          top: top - chart.top,
          bottom: chart.bottom - bottom,
          width: chart.width,
        };
      });
      if (place.bottom > 20) {
        // Between the line of the heading and the frame.
        assert.ok(place.top >= 16, JSON.stringify(place));
      } else {
        // The heading of the axis, "Step", is in the middle of a frame that begins 40 to 60 pixels from the left.
        const middle = place.width / 2 + 20;
        const isClear = place.left > middle + 26 || place.width - place.right < middle - 26;
        assert.ok(isClear, JSON.stringify(place));
      }
      assert.ok(place.left >= 0 && place.right >= 0, JSON.stringify(place));
    }
  });
