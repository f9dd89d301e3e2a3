import assert from 'node:assert/strict';
import { palette } from '../../src/core/figure/palette.ts';
import { roleColumns } from '../../src/core/panel/rows.ts';
import { assertWellFormed } from '../core/figure/wellFormed.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';

const collapsed = recordedRun('main_opo_6e-3_s7', 'opo');
const healthy = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const both = opening('opo <and> "others"', [collapsed, healthy]);

async function exportAs(panel: PanelPage, format: string): Promise<void> {
  await panel.drawn();
  await panel.page.locator('vscode-button', { hasText: 'Export' }).click();
  await panel.page.locator('.menu-entry', { hasText: format }).click();
  await panel.page.waitForFunction(() => recorded.posted.some(({ type }) => type === 'export' || type === 'error'));
}

panelTest('the picture has two pixels for each of the page, and both lines in it', { theme: 'light' }, async (panel) => {
  await panel.send(...both);
  await exportAs(panel, 'PNG');
  const width = (await panel.page.locator('.charts').boundingBox())?.width ?? 0;
  const picture = await panel.page.evaluate(
    async (colors) => {
      const content = recorded.posted.find(({ type }) => type === 'export')?.content;
      const image = await createImageBitmap(new Blob([content as BlobPart], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      const { data = [] } = context?.getImageData(0, 0, image.width, image.height) ?? {};
      const counts = colors.map((color) => {
        const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
        let count = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count++;
        return count;
      });
      return { width: image.width, counts };
    },
    [palette.opo.light, palette.tir_optimal_token_baseline.light],
  );
  assert.ok(Math.abs(picture.width - 2 * (width + 32)) <= 4, `${picture.width} pixels for ${width}`);
  for (const count of picture.counts) assert.ok(count > 500, `${count} pixels of a line`);
});

panelTest('vector graphics are well formed and hold what is shown, not what is hidden', { theme: 'light' }, async (panel) => {
  await panel.send(...both);
  await panel.page.locator('.legend-entry', { hasText: 'opo' }).click();
  await exportAs(panel, 'SVG');
  const [exported] = await panel.postedOf('export');
  assert.ok(exported?.format === 'svg');
  assertWellFormed(exported.content);
  assert.doesNotMatch(exported.content, /color-mix/, 'few programs know it');
  assert.match(exported.content, /opo &lt;and&gt; &quot;others&quot;/);
  assert.ok(exported.content.includes(palette.opo.light));
  assert.ok(!exported.content.includes(palette.tir_optimal_token_baseline.light));
  for (const text of ['Gradient norm', 'Score', 'Entropy', String(collapsed.run.onsetStep)])
    assert.ok(exported.content.includes(`>${text}<`), text);
});

panelTest('a surge after the collapse is marked in the charts, and told under them', {}, async (panel) => {
  const { marks, detectedStep } = collapsed.run;
  const call = marks.find(({ type, step }) => type === 'collapse' && step === detectedStep);
  assert.ok(call && detectedStep !== null);
  const onsetStep = detectedStep + 30;
  const surge = { ...call, type: 'unstable', step: onsetStep + 3, onsetStep, message: 'It surged again.' } as const;
  await panel.send(...opening('one run', [{ ...collapsed, run: { ...collapsed.run, marks: [call, surge] } }]));
  assert.match(await panel.page.locator('.collapse').innerText(), new RegExp(`Later, at step ${surge.step}: It surged again\\.`));
  await exportAs(panel, 'SVG');
  const [exported] = await panel.postedOf('export');
  assert.ok(exported?.format === 'svg');
  assert.ok(exported.content.includes(`>surge ${onsetStep}<`));
});

panelTest('a picture has the scale that the page shows, also where a fresh choice would be another', {}, async (panel) => {
  const norms = (length: number, decades: number): typeof healthy.rows => {
    const values = Float64Array.from({ length }, (_, index) => 10 ** (-(index / length) * decades));
    return {
      type: 'rows',
      run: healthy.run.id,
      rows: { from: 0, steps: { first: 0, stride: 1, count: length }, columns: { [roleColumns.gradNorm]: values } },
    };
  };
  await panel.send(...opening('one run', [{ ...healthy, rows: norms(900, 2.5) }]));
  await panel.drawn();
  await panel.send(norms(1000, 1.65));
  await exportAs(panel, 'SVG');
  const [exported] = await panel.postedOf('export');
  assert.ok(exported?.format === 'svg');
  assert.match(exported.content, /Gradient norm<tspan[^>]*>log scale</);
});

panelTest('data of the runs that are shown is left to the extension', {}, async (panel) => {
  await panel.send(...both);
  await panel.page.locator('.legend-entry', { hasText: 'tir_' }).click();
  await exportAs(panel, 'CSV');
  assert.deepEqual(await panel.postedOf('export'), [{ type: 'export', format: 'csv', runs: [healthy.run.id] }]);
});

declare const recorded: { readonly posted: readonly { readonly type: string; readonly content?: unknown }[] };
