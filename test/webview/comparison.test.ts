import assert from 'node:assert/strict';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { Comparison } from './harness/comparison.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { recordedRun, splitRows } from './harness/recordedRuns.ts';

const { gradNorm, score } = roleColumns;
const surging = recordedRun('main_opo_6e-3_s7', 'opo');
const calm = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
/** As the calm run has it when it is alone. */
const calmScale = 'log -2.5 0.7';
const narrow = { width: 500, height: 800 };

/** "log -1 5": the scale of a chart's vertical axis, and what it reaches from and to, in the space of the axis. */
function yOf(panel: PanelPage, metric: string): Promise<string | null> {
  return panel.chart(metric).getAttribute('data-y');
}

panelTest('columns of a comparison have one vertical scale: that of the one that needs most', narrow, async (first) => {
  const { columns } = await Comparison.of(first, [[surging], [calm]], narrow);
  const [ofSurging, ofCalm] = await Promise.all(columns.map((column) => yOf(column, gradNorm)));
  assert.notEqual(ofCalm, calmScale);
  assert.equal(ofCalm, ofSurging);
  assert.equal(await yOf(columns[1]!, score), await yOf(first, score));
});

panelTest('columns that have told what they need are at rest', narrow, async (first) => {
  const comparison = await Comparison.of(first, [[surging], [calm]], narrow);
  assert.equal(await comparison.settled(), 0);
});

panelTest('a column that is closed does not count any more', narrow, async (first) => {
  const comparison = await Comparison.of(first, [[calm], [surging]], narrow);
  assert.equal(await yOf(first, gradNorm), await yOf(comparison.columns[1]!, gradNorm));
  await comparison.close(comparison.columns[1]!);
  await first.drawn();
  assert.equal(await yOf(first, gradNorm), calmScale);
});

panelTest('each column has a scale of its own where one asks for it', narrow, async (first) => {
  const comparison = await Comparison.of(first, [[surging], [calm]], narrow);
  await first.toggleMenu('View');
  await first.page.getByText('Own scale per column').click();
  await comparison.settled();
  assert.equal(await yOf(comparison.columns[1]!, gradNorm), calmScale);
  assert.notEqual(await yOf(first, gradNorm), calmScale);
  await first.page.getByText('Own scale per column').click();
  await comparison.settled();
  assert.equal(await yOf(comparison.columns[1]!, gradNorm), await yOf(first, gradNorm));
});

panelTest('a short run stands on the same steps as a long one beside it', narrow, async (first) => {
  const [beginning] = splitRows(calm.rows, 100);
  const comparison = await Comparison.of(first, [[surging], [{ ...calm, rows: beginning }]], narrow);
  const [, short] = comparison.columns;
  await short!.chart(score).focus();
  await short!.page.keyboard.press('End');
  await comparison.settled();
  const at = await short!.page.locator('.charts .readout').first().innerText();
  assert.match(at, /^Step 99\n/);
  const axes = await Promise.all(comparison.columns.map((column) => column.chart(score).locator('canvas').last().evaluate(crosshairLeft)));
  assert.ok(Math.abs(axes[0]! - axes[1]!) <= 1, `the crosshair stands at ${axes.join(' and ')} pixels`);
});

panelTest('smoothing and scale are the same in all columns', narrow, async (first) => {
  const comparison = await Comparison.of(first, [[surging], [calm]], narrow);
  const slider = (panel: PanelPage) => panel.page.getByRole('slider', { name: 'Smoothing' });
  await slider(first).focus();
  await first.page.keyboard.press('Home');
  await comparison.settled();
  assert.equal(await slider(comparison.columns[1]!).inputValue(), '0');
  assert.deepEqual((await comparison.columns[1]!.memory())?.view.smoothing, { by: 'range', share: 0 });
});

panelTest('a series of one column is the baseline of all', narrow, async (first) => {
  const comparison = await Comparison.of(first, [[surging], [calm]], narrow);
  const [, second] = comparison.columns;
  const list = second!.page.locator('vscode-dropdown[aria-label="Baseline"]');
  await openChoices(second!);
  await list.click();
  await list.locator('vscode-option', { hasText: 'opo' }).click();
  await comparison.settled();
  const heading = (panel: PanelPage): Promise<string | null> => panel.chart(score).getAttribute('aria-label');
  assert.match((await heading(second!)) ?? '', /^Score − opo against step\. tir_optimal_token_baseline: last value \S+ \(step 362\)/);
  assert.match((await heading(first)) ?? '', /^Score − opo against step\. opo: last value 0 \(step 362\)/);
  assert.equal(await second!.page.locator('tbody tr').count(), 1, 'what the runs are compared with is not among them');
});

panelTest('a panel on its own tells nobody what its axes need', {}, async (panel) => {
  await panel.send(
    { type: 'open', title: 'alone', subject: { kind: 'runs', runs: [calm.run.id] }, link: null, settings: { onsets: true } },
    { type: 'runs', runs: [calm.run] },
    calm.rows,
  );
  await panel.drawn();
  assert.deepEqual(await panel.postedOf('share'), []);
  assert.equal(await panel.page.getByText('Own scale per column').isVisible(), false);
});

/** Shows what can be chosen rarely. */
async function openChoices(panel: PanelPage): Promise<void> {
  const view = panel.page.locator('vscode-button[aria-label="View"]');
  if ((await view.count()) > 0) await view.click();
}

/** The leftmost column of an overlay that is drawn on in most of its rows: a vertical line. */
function crosshairLeft(canvas: Element): number {
  if (!(canvas instanceof HTMLCanvasElement)) return -1;
  const { data, width, height } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  for (let left = 0; left < width; left++) {
    let drawn = 0;
    for (let top = 0; top < height; top++) if ((data[4 * (top * width + left) + 3] ?? 0) > 0) drawn++;
    if (drawn > height / 2) return left;
  }
  return -1;
}
