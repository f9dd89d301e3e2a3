import assert from 'node:assert/strict';
import { palette } from '../../src/core/figure/palette.ts';
import { estimatorPowerMetric } from '../../src/core/records/metricNames.ts';
import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import type { PanelPage } from './harness/panelPage.ts';
import { panelTest } from './harness/panelTest.ts';
import { opening, recordedRun } from './harness/recordedRuns.ts';
import type { RecordedRun } from './harness/recordedRuns.ts';

const powers: Readonly<Partial<Record<EstimatorName, number>>> = { dr_grpo: 2, grpo: 8, tir_optimal_token_baseline: 0.25 };
const chart = estimatorPowerMetric('*');

/** A run that logs what its power would have been under other estimators; falling from the value that is given. */
function withPowers({ run, rows }: RecordedRun, names: readonly EstimatorName[]): RecordedRun {
  const length = rows.rows.columns['@gradNorm']!.length;
  const columns = Object.fromEntries(
    names.map((name) => [estimatorPowerMetric(name), Float64Array.from({ length }, (_, row) => powers[name]! / (1 + row / length))]),
  );
  return {
    run: { ...run, metrics: [...run.metrics, ...Object.keys(columns)] },
    rows: { ...rows, rows: { ...rows.rows, columns: { ...rows.rows.columns, ...columns } } },
  };
}

const run = recordedRun('main_otb_6e-3_s7', 'tir_optimal_token_baseline');
const whole = withPowers(run, ['dr_grpo', 'grpo', 'tir_optimal_token_baseline']);

async function choose(panel: PanelPage): Promise<void> {
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  await panel.page.locator('vscode-checkbox', { hasText: 'Total power under each baseline' }).click();
  await panel.page.keyboard.press('Escape');
}

panelTest('one chart has the power under every baseline that a run logs, each in its colour', {}, async (panel) => {
  await panel.send(...opening('one run', [whole]));
  await choose(panel);
  // It asks for the columns, of which it is none itself.
  const wanted = (await panel.postedOf('columns')).at(-1)?.columns ?? [];
  assert.ok(wanted.includes(estimatorPowerMetric('grpo')) && !wanted.includes(chart), wanted.join());
  await panel.send(whole.rows);
  for (const name of Object.keys(powers) as EstimatorName[]) assert.ok((await panel.pixels(chart, palette[name].dark)) > 50, name);
  const box = panel.page.locator('.chart-box', { has: panel.page.locator(`[data-metric="${chart}"]`) });
  assert.deepEqual(await box.locator('.chart-legend li').allInnerTexts(), ['dr_grpo', 'grpo', 'tir_optimal_token_baseline']);
  assert.match((await box.locator('.chart').getAttribute('data-y')) ?? '', /^log/);
});

panelTest('its readout names the baselines with their values', {}, async (panel) => {
  await panel.send(...opening('one run', [whole]));
  await choose(panel);
  await panel.send(whole.rows);
  const drawing = panel.page.locator(`[data-metric="${chart}"]`);
  await drawing.scrollIntoViewIfNeeded();
  await drawing.hover();
  const readout = panel.page.locator('.chart-box', { has: drawing }).locator('.readout');
  for (const name of Object.keys(powers))
    assert.match(await readout.innerText(), new RegExp(name === 'tir_optimal_token_baseline' ? 'tir_' : name));
});

panelTest('a run that logs no more than one has nothing to compare', {}, async (panel) => {
  await panel.send(...opening('one run', [withPowers(run, ['grpo'])]));
  await panel.page.locator('vscode-button', { hasText: 'Metrics' }).click();
  assert.equal(await panel.page.locator('vscode-checkbox', { hasText: 'under grpo' }).count(), 1);
  assert.equal(await panel.page.locator('vscode-checkbox', { hasText: 'under each baseline' }).count(), 0);
});
