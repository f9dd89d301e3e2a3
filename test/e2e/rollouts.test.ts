import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';

const producers = 'test/data/producers';

/** Opens rollouts as the explorer does. */
function open(window: Window, place: string): Promise<unknown> {
  return window.host.evaluate((vscode, file) => void vscode.commands.executeCommand('otb.openRollouts', vscode.Uri.file(file)), place);
}

async function tab(window: Window, title: string): Promise<void> {
  await until(`the tab "${title}"`, () =>
    window.host.evaluate(
      (vscode, wanted) => vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === wanted)),
      title,
    ),
  );
}

vscodeTest(
  'dumps of verl and completions of TRL open in a lens each, and their folders are left alone',
  {
    copies: {
      'dumps/1.jsonl': path.join(producers, 'verl-rollouts/1.jsonl'),
      'dumps/2.jsonl': path.join(producers, 'verl-rollouts/2.jsonl'),
      'run/completions': path.join(producers, 'trl-completions/completions'),
    },
  },
  async (window) => {
    await open(window, window.file('dumps/2.jsonl'));
    await tab(window, 'OTB: rollouts of dumps');
    await (await window.panel()).locator('#lens-list .row').first().waitFor();
    await window.screenshot('rollouts-verl');
    await open(window, window.file('run'));
    await tab(window, 'OTB: rollouts of run/completions');
    await (await window.panel()).locator('#lens-list .row').nth(7).waitFor();
    await window.screenshot('rollouts-trl');
    assert.deepEqual(readdirSync(window.file('dumps')), ['1.jsonl', '2.jsonl']);
  },
);

vscodeTest(
  'of JSON lines that nobody knows the keys are asked for once, with a guess to change',
  {
    files: {
      'said.jsonl': '{"question":"2 + 3?","answer":"5","points":1,"score":0.5}\n{"question":"2 + 3?","answer":"6","points":0,"score":0}\n',
    },
  },
  async (window) => {
    await open(window, window.file('said.jsonl'));
    const labels = (await window.quickInput.labels()).map((label) => label.trim());
    assert.match(labels[0] ?? '', /Open with these keys/);
    await window.screenshot('rollouts-keys');
    await window.quickInput.pick('Reward');
    await window.screenshot('rollouts-key');
    await window.quickInput.pick('points');
    await window.quickInput.pick('Open with these keys');
    await tab(window, 'OTB: rollouts of said.jsonl');
    const kept = JSON.parse(readFileSync(window.file('.otb/rollouts.json'), 'utf8')) as { mappings: Record<string, object> };
    assert.deepEqual(kept.mappings['said.jsonl'], {
      prompt: 'question',
      response: 'answer',
      reward: 'points',
      group: null,
      step: null,
      mask: null,
      logProbs: null,
      sumPiSquared: null,
    });
    await window.host.evaluate((vscode) => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
    await open(window, window.file('said.jsonl'));
    await tab(window, 'OTB: rollouts of said.jsonl');
  },
);

vscodeTest('a file that holds no rollouts says what it is instead', { files: { 'notes.jsonl': 'not\nrollouts\n' } }, async (window) => {
  await open(window, window.file('notes.jsonl'));
  await window.notification(/notes\.jsonl: holds no rollouts: line 2 is not valid JSON/).waitFor();
});
