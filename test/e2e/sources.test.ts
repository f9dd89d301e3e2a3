import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';

const producers = 'test/data/producers';
const trl = path.join(producers, 'trl-grpo/trainer_state.json');
const tensorboard = path.join(producers, 'tb-torch/run');

/** A log of verl; from `collapsedAt` on the norm surges and the score falls. */
function verlLog(steps: number, collapsedAt = Infinity): string {
  return Array.from({ length: steps }, (_, index) => line(index + 1, collapsedAt)).join('');
}

function line(step: number, collapsedAt = Infinity): string {
  const since = step - collapsedAt;
  const norm = since < 0 ? 0.3 + 0.02 * Math.sin(7 * step) : 30 + step;
  return `step:${step} - actor/grad_norm:${norm} - critic/score/mean:${since < 0 ? 0.5 : 0.5 * 0.8 ** (since + 1)} - response_length/mean:${200 + step}\n`;
}

/** Opens a place as the explorer does. */
function open(window: Window, place: string): Promise<unknown> {
  return window.host.evaluate((vscode, file) => void vscode.commands.executeCommand('otb.openSource', vscode.Uri.file(file)), place);
}

vscodeTest(
  'a log that another program writes is opened, drawn, followed and judged like a run, and its folder is left alone',
  { files: { 'logs/grpo-s1.log': verlLog(60) } },
  async (window) => {
    const log = window.file('logs/grpo-s1.log');
    await open(window, log);
    const panel = await window.panel();
    await panel.locator('.chart[data-metric="@gradNorm"][data-points="60"]').waitFor();
    const view = await window.view('OTB Runs');
    await view.waitFor('the run of the log', (rows) =>
      rows.some(({ label, description }) => label.includes('grpo') && description.includes('step 60')),
    );
    await window.screenshot('source-opened');
    appendFileSync(log, verlLog(150, 100).split('\n').slice(60).join('\n'));
    await panel.locator('.chart[data-metric="@score"][data-points="150"]').waitFor();
    await view.waitFor('its collapse', (rows) => rows.some(({ description }) => /collapsed at (9\d|10\d)/.test(description)));
    await window.notification(/collapsed/).waitFor();
    await window.screenshot('source-collapsed');
    assert.deepEqual(readdirSync(path.dirname(log)), ['grpo-s1.log']);
    await window.reload();
    const again = await window.view('OTB Runs');
    await again.waitFor('the log after the reload', (rows) => rows.some(({ label }) => label.includes('grpo')));
  },
);

vscodeTest(
  'folders of several programs are listed by run, compared, and removed from the list with their files in place',
  {
    copies: { 'all/trl/trainer_state.json': trl, 'all/tb': tensorboard },
    files: { 'all/verl/seed3.log': verlLog(40) },
    size: { width: 1500, height: 900 },
  },
  async (window) => {
    await open(window, window.file('all'));
    // The panel takes the focus when it opens, and a palette or a question that loses it is gone.
    await (await window.panel()).locator('canvas').first().waitFor();
    const view = await window.view('OTB Runs');
    await view.waitFor('runs of three programs', (rows) =>
      ['seed3', 'all', 'grpo'].every((name) => rows.some(({ label }) => label.includes(name))),
    );
    const panel = await window.panel();
    await panel.locator('.chart[data-metric="@score"] canvas').first().waitFor();
    await window.page.waitForTimeout(1500);
    await window.screenshot('source-folder');
    await window.host.evaluate(
      (vscode, dir) => void vscode.commands.executeCommand('otb.removeSource', dir),
      window.file('all/verl/seed3.log'),
    );
    await window
      .dialog(/was opened as a whole/)
      .getByRole('button', { name: 'Remove' })
      .click();
    await view.waitFor('an empty list', (rows) => rows.length === 0);
    assert.ok(existsSync(window.file('all/verl/seed3.log')) && statSync(window.file('all/tb')).isDirectory());
  },
);

vscodeTest(
  'what is no log says what was looked for and how the file begins',
  { files: { 'story.log': 'Once upon a time\nthere was a run.\n' } },
  async (window) => {
    await open(window, window.file('story.log'));
    const message = window.notification(/story\.log: its format is not recognized/);
    await message.waitFor();
    await window.screenshot('source-unknown');
    await message.getByRole('button', { name: 'Details' }).click();
    await until('the details', async () => {
      const text = await window.host.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText());
      return /step:1 - actor\/grad_norm/.test(text ?? '') && (text ?? '').includes('Once upon a time');
    });
  },
);

vscodeTest(
  'a run whose files do not say so gets its estimator and seed from a pattern over its path',
  { files: { 'ablation/ppo_seed4.log': verlLog(30), 'ablation/ppo_seed5.log': verlLog(30) } },
  async (window) => {
    await open(window, window.file('ablation'));
    await (await window.panel()).locator('canvas').first().waitFor();
    const view = await window.view('OTB Runs');
    await view.waitFor('both logs', (rows) => rows.filter(({ level }) => level === 2).length === 2);
    await window.host.evaluate((vscode) => void vscode.commands.executeCommand('otb.setPathPattern'));
    await window.quickInput.answerFile('{estimator}_seed{seed}', '{group}/{estimator}_seed{seed}');
    await view.waitFor('estimator and seeds', (rows) =>
      ['ppo · s4', 'ppo · s5'].every((label) => rows.some((row) => row.label.endsWith(label))),
    );
    await window.screenshot('source-pattern');
    assert.equal(readFileSync(window.file('ablation/ppo_seed4.log'), 'utf8'), verlLog(30));
  },
);

vscodeTest(
  'a workspace with logs says once that they can be shown',
  { copies: { 'qwen/trainer_state.json': trl }, files: { 'a.otb.json': '{ "name": "a" }' } },
  async (window) => {
    const hint = window.notification(/This workspace has logs of training runs/);
    await hint.waitFor();
    await window.screenshot('source-hint');
    await hint.getByRole('button', { name: 'Show Runs' }).click();
    await (await window.panel()).locator('canvas').first().waitFor();
    const view = await window.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ label }) => label.includes('qwen')));
    const places = await window.commands('OTB: Open run log');
    assert.ok(places.includes('OTB: Open run log or folder…'), places.join());
  },
);

vscodeTest(
  'the metric that is the score is chosen in the panel, remembered, and judged by',
  { files: { 'points.log': verlLog(150, 100).replaceAll('critic/score/mean', 'my/points') } },
  async (window) => {
    await open(window, window.file('points.log'));
    const panel = await window.panel();
    await panel.getByText('No metric is known as the score. Choose one under Metrics.').first().waitFor();
    await panel.getByRole('button', { name: 'Metrics' }).click();
    await window.screenshot('source-metrics');
    await panel.locator('.metric-roles').getByRole('combobox').nth(1).click();
    await panel.getByRole('option', { name: 'my/points' }).click();
    await panel.locator('.chart[data-metric="@score"][data-points="150"]').waitFor();
    await panel.locator('.chart[data-metric="@score"][aria-label*="my/points"]').waitFor();
    await window.reload();
    const view = await window.view('OTB Runs');
    await view.waitFor('its collapse', (rows) => rows.some(({ description }) => /collapsed at (9\d|10\d)/.test(description)));
  },
);
