import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import { drawnColumns } from './chartPixels.ts';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import type { Window } from './harness/window.ts';
import { recordRuns } from './recordedRuns.ts';

const config = 'ledger.otb.json';
const text = { name: 'ledger', estimators: ['dr_grpo', 'grpo', 'opo'], seeds: [1], steps: 200 };
const files = {
  [config]: JSON.stringify(text, null, 2),
  'faster.otb.json': JSON.stringify({ ...text, name: 'faster', estimators: ['opo'], optimizer: { learningRate: 0.5 } }, null, 2),
};
const ended = (): { readonly steps: number; readonly collapseAt: null } => ({ steps: 200, collapseAt: null });

function headings(panels: readonly FrameLocator[]): Promise<readonly string[]> {
  return Promise.all(
    panels.map(async (panel) => {
      const heading = panel.getByRole('heading', { level: 1 });
      await heading.filter({ hasText: /./ }).waitFor();
      return heading.innerText();
    }),
  );
}

/** Calls a command as the runs view does, on a group of the workspace. */
async function onGroup(window: Window, command: string): Promise<void> {
  await window.host.evaluate(
    async (vscode, name, runsDir) => {
      const [newest] = await vscode.workspace.fs.readDirectory(vscode.Uri.file(runsDir));
      const file = await vscode.workspace.fs.readFile(vscode.Uri.file(`${runsDir}/${newest?.[0]}/run.json`));
      const record = JSON.parse(Buffer.from(file).toString()) as { group: string };
      await vscode.commands.executeCommand(name, { kind: 'group', runsDir, group: record.group });
    },
    command,
    window.file('.otb/runs'),
  );
}

vscodeTest('a group is compared estimator by estimator in columns with one crosshair and one zoom', { files }, async (window) => {
  await recordRuns(window.workspace!, config, ({ estimator }) => ({ steps: 200, collapseAt: estimator === 'opo' ? 150 : null }));
  await onGroup(window, 'otb.compareRuns');
  const panels = await window.panels(3);
  for (const panel of panels) await drawnColumns(panel);
  assert.deepEqual(await headings(panels), ['ledger · dr_grpo', 'ledger · grpo', 'ledger · opo']);
  await onGroup(window, 'otb.compareRuns');
  assert.equal(
    await window.page.locator('.tab', { hasText: 'OTB: ledger' }).count(),
    3,
    'the same comparison is shown again, not opened twice',
  );
  const [first, , third] = panels;
  await first!.locator('.chart-box').first().hover();
  const position = (panel: FrameLocator): Promise<string> => panel.locator('.readout:visible .muted').first().innerText();
  await until('the same crosshair in another column', async () => {
    const there = await position(first!);
    return /^Step \d+$/.test(there) && (await position(third!)) === there;
  });
  await window.screenshot('compare-columns');
  const scale = (panel: FrameLocator): Promise<string | null> => panel.locator('[data-metric="@gradNorm"]').getAttribute('data-y');
  await until('one vertical scale in all columns', async () => {
    const [one, ...others] = await Promise.all(panels.map(scale));
    return one !== null && others.every((other) => other === one);
  });
  const reset = (panel: FrameLocator) => panel.getByRole('button', { name: 'Reset zoom' });
  const box = (await first!.locator('.chart-box').first().boundingBox())!;
  await window.page.mouse.move(box.x + 0.4 * box.width, box.y + 0.5 * box.height);
  await window.page.mouse.down();
  await window.page.mouse.move(box.x + 0.7 * box.width, box.y + 0.5 * box.height, { steps: 5 });
  await window.page.mouse.up();
  await until('the same zoom in another column', () => reset(third!).isEnabled());
  await window.reload();
  const restored = await window.panels(3);
  for (const panel of restored) await drawnColumns(panel);
  await until('the zoom after a reload', () => reset(restored[0]!).isEnabled());
});

vscodeTest(
  'the charts of all columns stand at one height and are as high as each other, whatever else a column says',
  { files },
  async (window) => {
    await recordRuns(window.workspace!, config, ({ estimator }) => ({ steps: 200, collapseAt: estimator === 'opo' ? 150 : null }));
    await onGroup(window, 'otb.compareRuns');
    const panels = await window.panels(3);
    for (const panel of panels) await drawnColumns(panel);
    await panels[2]!
      .getByText(/collapsed/)
      .first()
      .waitFor();
    const bounds = (panel: FrameLocator): Promise<readonly string[]> =>
      panel.locator('.chart-box').evaluateAll((boxes) =>
        boxes.map((box) => {
          const { top, height } = box.getBoundingClientRect();
          return `${box.querySelector('[data-metric]')?.getAttribute('data-metric')} at ${top}, ${height} high`;
        }),
      );
    await until('the same bounds in all columns', async () => {
      const [one, ...others] = await Promise.all(panels.map(bounds));
      return (one?.length ?? 0) > 1 && others.every((other) => other.join() === one?.join());
    });
  },
);

vscodeTest('runs to compare are asked for where none is selected', { files }, async (window) => {
  await recordRuns(window.workspace!, config, ended);
  await window.run('OTB: Compare runs');
  assert.deepEqual([...(await window.quickInput.labels())].filter((label) => label.includes('seed')).sort(), [
    'dr_grpo seed 1',
    'grpo seed 1',
    'opo seed 1',
  ]);
  await window.quickInput.pickMany('opo seed 1', 'grpo seed 1');
  const panels = await window.panels(2);
  assert.deepEqual([...(await headings(panels))].sort(), ['ledger · grpo seed 1', 'ledger · opo seed 1']);
});

vscodeTest('chosen runs can share one chart', { files }, async (window) => {
  await recordRuns(window.workspace!, config, ended);
  await window.run('OTB: Show runs in one chart');
  await window.quickInput.pickMany('opo seed 1', 'grpo seed 1');
  const panel = await window.panel();
  await drawnColumns(panel);
  assert.equal(await panel.locator('#run-table tbody tr').count(), 2);
  assert.deepEqual(await headings([panel]), ['ledger · 2 runs']);
});

vscodeTest('the configs of two runs are compared as they were when these began', { files }, async (window) => {
  const [before] = (await recordRuns(window.workspace!, config, ended, new Date(2026, 0, 1, 12))).filter(({ dir }) =>
    dir.includes('-opo-'),
  );
  const [after] = await recordRuns(window.workspace!, 'faster.otb.json', ended, new Date(2026, 0, 1, 13));
  await window.host.evaluate(
    async (vscode, ...dirs) => void (await vscode.commands.executeCommand('otb.diffConfigs', dirs)),
    before!.dir,
    after!.dir,
  );
  const removed = window.page.locator('.diff-review-row, .editor.original .line-delete');
  await removed.first().waitFor();
  const texts = await until('both texts in the extension host', () =>
    window.host.evaluate((vscode) => {
      const diff = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      if (!(diff instanceof vscode.TabInputTextDiff)) return undefined;
      const sides = [diff.original, diff.modified].map((uri) =>
        vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString()),
      );
      if (sides.includes(undefined)) return undefined;
      return sides.map((document) => {
        const { optimizer } = JSON.parse(document?.getText() ?? '{}') as { optimizer?: { learningRate: number } };
        return { language: document?.languageId ?? '', learningRate: optimizer?.learningRate };
      });
    }),
  );
  assert.deepEqual(
    texts.map(({ language }) => language),
    ['json', 'json'],
  );
  assert.equal(texts[1]?.learningRate, 0.5);
  assert.notEqual(texts[0]?.learningRate, 0.5);
  await window.screenshot('config-diff');
});

vscodeTest('of more than two configs the first is compared with each of the others', { files }, async (window) => {
  await recordRuns(window.workspace!, config, ended);
  await onGroup(window, 'otb.diffConfigs');
  await window.page.locator('.tab', { hasText: 'Configs against ledger dr_grpo seed 1' }).waitFor();
  await window.page.locator('.multiDiffEntry').nth(1).waitFor();
});
