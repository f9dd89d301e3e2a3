import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { otb } from '../cli/otb.ts';
import { tinyConfig } from '../cli/tinyConfig.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { ended, runsOf } from './runsOnDisk.ts';

const files = { 'tiny.otb.json': JSON.stringify({ ...tinyConfig, estimators: ['dr_grpo'] }, null, 2) };
const branchFrom = 'OTB: Branch from step…';

vscodeTest(
  'a run is branched from a checkpoint that is offered, and stands below it with where it comes from',
  { files },
  async (window) => {
    const { code, stderr } = await otb(['run', 'tiny.otb.json'], { cwd: window.workspace ?? '' });
    assert.equal(code, 0, stderr);
    const tree = await window.view('OTB Runs');
    await tree.waitFor('the run', (rows) => rows.some(({ label }) => label === 'dr_grpo · s1'));
    await window.run(branchFrom);
    const { quickInput } = window;
    await quickInput.pick('dr_grpo seed 1');
    await quickInput.rows.first().getByText('the last checkpoint').waitFor();
    assert.equal(await quickInput.rows.count(), 4);
    await quickInput.pick('Step 10');
    await quickInput.rows.first().getByText('made to prevent the collapse').waitFor();
    await window.screenshot('branch-estimator');
    await quickInput.pick('tir_optimal_token_baseline');
    await until('the learning rate', async () => (await quickInput.input.inputValue()) === '0.008');
    await quickInput.answer('0');
    await window.page.getByText('Write a number above 0, for example 0.004.').waitFor();
    await quickInput.answer('0.002');
    await until('the clipping', async () => (await quickInput.input.inputValue()) === '');
    await quickInput.answer('1.5');

    const branch = await until('the branch', () => runsOf(window).find(({ dir }) => dir.endsWith('-tir_optimal_token_baseline-s1-b10')));
    assert.ok(branch);
    await ended(branch.dir);
    const { config, branchedFrom } = JSON.parse(readFileSync(path.join(branch.dir, 'run.json'), 'utf8')) as {
      config: { optimizer: Record<string, unknown> };
      branchedFrom: { id: string; step: number };
    };
    assert.deepEqual([config.optimizer['learningRate'], config.optimizer['maxGradNorm'], branchedFrom.step], [0.002, 1.5, 10]);
    const rows = await tree.waitFor('the branch below its run', ([, , third]) => third?.label === '↳ tir_optimal_token_baseline · s1');
    assert.equal(rows[1]?.label, 'dr_grpo · s1');
    assert.match(rows[2]?.description ?? '', /^branched from dr_grpo seed 1 at step 10 · /);
    const panel = await window.panel();
    await panel.locator('#run-table .row-name', { hasText: 'tir_optimal_token_baseline seed 1 from step 10' }).waitFor();
    await window.screenshot('branch');
  },
);

vscodeTest('Escape at any question starts no branch', { files }, async (window) => {
  assert.equal((await otb(['run', 'tiny.otb.json'], { cwd: window.workspace ?? '' })).code, 0);
  const { quickInput, page } = window;
  const answers = [
    () => quickInput.pick('dr_grpo seed 1'),
    () => quickInput.pick('Step 10'),
    () => quickInput.pick('opo'),
    () => quickInput.answer('0.002'),
  ];
  for (let answered = 0; answered <= answers.length; answered++) {
    await window.run(branchFrom);
    for (const answer of answers.slice(0, answered)) await answer();
    const question =
      answered === 0
        ? 'Branch from step…'
        : answered === 1
          ? 'Branch from dr_grpo seed 1 of tiny'
          : 'Branch from dr_grpo seed 1 of tiny at step 10';
    await page.locator('.quick-input-title').getByText(question, { exact: true }).waitFor();
    if (answered === 3) await until('the learning rate', async () => (await quickInput.input.inputValue()) === '0.008');
    if (answered === 4) await until('the clipping', async () => (await quickInput.input.inputValue()) === '');
    await page.keyboard.press('Escape');
    await quickInput.input.waitFor({ state: 'hidden' });
  }
  assert.equal(runsOf(window).length, 1);
});
