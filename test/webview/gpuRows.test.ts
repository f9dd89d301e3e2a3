import assert from 'node:assert/strict';
import type { PanelGpu } from '../../src/core/gpus/panelGpu.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';

const run = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const running = opening('one run', [{ ...run, run: { ...run.run, process: 'running' } }]);

function gpu(index: number, utilization: number | null, changes: Partial<PanelGpu> = {}): PanelGpu {
  const known = { memoryMiB: 81_559, memoryUsedMiB: 62_669, powerWatts: 412.3, temperatureCelsius: 67, others: [] };
  return { index, name: 'NVIDIA H100 80GB HBM3', utilization, ...known, runs: ['dr_grpo seed 1 of qwen'], ...changes };
}

panelTest(
  'GPUs stand below the figure, a line each with how busy they were, and are gone when they are not told of any more',
  {},
  async (panel) => {
    await panel.send(...running);
    const rows = panel.page.locator('.gpu');
    assert.equal(await panel.page.locator('.gpus').isVisible(), false);
    await panel.send({
      type: 'gpus',
      gpus: [gpu(0, 83), gpu(1, null, { runs: [], others: [{ pid: 4242, name: 'vllm', memoryMiB: 1024 }] })],
    });
    assert.deepEqual(await rows.allInnerTexts(), [
      'GPU 0 · 83 % · 61.2 of 79.6 GiB · 412 W · 67 °C · ours: dr_grpo seed 1 of qwen',
      'GPU 1 · 61.2 of 79.6 GiB · 412 W · 67 °C · vllm (process 4242, 1 GiB)',
    ]);
    await panel.send({ type: 'gpus', gpus: [gpu(0, 0), gpu(1, null)] });
    const points = await rows.first().locator('polyline').getAttribute('points');
    assert.equal(points, '70.8,3.0 72.0,13.0', 'two looks, the newest at the right end');
    const below = await panel.page.evaluate(() => {
      const top = (selector: string): number => document.querySelector(selector)?.getBoundingClientRect().top ?? Number.NaN;
      return top('.charts') < top('.gpus') && top('.gpus') < top('.run-table');
    });
    assert.ok(below);
    await panel.send({ type: 'gpus', gpus: [] });
    assert.equal(await panel.page.locator('.gpus').isVisible(), false);
  },
);

panelTest('more than two GPUs are folded into a line, until somebody unfolds them', {}, async (panel) => {
  await panel.send(...running);
  const gpus = [0, 1, 2, 3].map((index) => gpu(index, 25 * index, index > 1 ? { runs: [] } : {}));
  await panel.send({ type: 'gpus', gpus });
  const summary = panel.page.locator('.gpus summary');
  assert.equal((await summary.innerText()).trim(), '4 GPUs · 38 % busy on average · 2 with runs of ours');
  assert.equal(await panel.page.locator('.gpu').first().isVisible(), false);
  await summary.focus();
  await panel.page.keyboard.press('Enter');
  assert.equal(await panel.page.locator('.gpu').first().isVisible(), true);
  await panel.send({ type: 'gpus', gpus });
  assert.equal(await panel.page.locator('.gpu').first().isVisible(), true, 'it stays as somebody left it');
});
