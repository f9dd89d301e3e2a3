import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { recordRuns } from './recordedRuns.ts';

const config = 'ledger.otb.json';
const files = { [config]: JSON.stringify({ name: 'ledger', estimators: ['opo'], seeds: [1], steps: 200 }, null, 2) };

vscodeTest(
  'a step is noted from the tree and from the menu of a chart, and the note is shown, searched and changed',
  { files },
  async (window) => {
    const [run] = await recordRuns(window.workspace!, config, () => ({ steps: 200, collapseAt: null }));
    assert.ok(run);
    const { dir } = run;
    const notes = (): readonly (readonly [number, string])[] =>
      readFileSync(path.join(dir, 'events.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; step: number; data: { text: string } })
        .filter(({ type }) => type === 'note')
        .map(({ step, data }) => [step, data.text]);

    const view = await window.view('OTB Runs');
    await view.waitFor('the run', (rows) => rows.some(({ level }) => level === 2));
    await (await view.menuOf('opo')).getByText('Note on a step…').click();
    await window.quickInput.pick('Another step…');
    await window.quickInput.answer('120');
    await window.quickInput.answer('the reward was changed here');
    await until('the note', () => notes().length === 1);
    assert.deepEqual(notes(), [[120, 'the reward was changed here']]);

    await window.run('OTB: Open run panel');
    const panel = await window.panel();
    const listed = panel.locator('.step-notes .step-note-text');
    await listed.waitFor();
    assert.equal(await listed.innerText(), 'the reward was changed here');
    await window.screenshot('notes');
    // The menu of the editor, where the pointer is in a chart.
    const chart = panel.locator('.chart').first();
    const box = await chart.boundingBox();
    assert.ok(box);
    await window.page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
    await panel.locator('.readout-place').first().getByText('Step').waitFor();
    await window.page.mouse.click(box.x + box.width * 0.6, box.y + box.height / 2, { button: 'right' });
    const item = window.page.locator('.monaco-menu').getByText('Note on a step…');
    // A menu that has just been opened takes the first click for the end of the one that opened it.
    await until('the question for the note', async () => {
      if (await item.isVisible()) await item.click({ timeout: 1000 }).catch(() => undefined);
      return window.quickInput.input.isVisible();
    });
    await window.quickInput.answer('looks odd');
    await until('the other note', () => notes().length === 2);
    const [, [step = 0, text = ''] = []] = notes();
    assert.ok(step > 60 && step < 180, String(step));
    assert.equal(text, 'looks odd');
    await until('both are listed', async () => (await listed.count()) === 2);

    // Changed to nothing, it is taken away.
    await panel.getByRole('button', { name: /Edit the note on step 120/ }).click();
    await window.quickInput.answer('');
    await until('one is left', async () => (await listed.count()) === 1);
    assert.equal(await listed.innerText(), 'looks odd');
    await window.screenshot('notes-two');
  },
);
