import assert from 'node:assert/strict';
import { writeRunDirectory } from '../cli/runFixture.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { until } from './harness/until.ts';
import type { Window } from './harness/window.ts';
import { runsDir } from './runsOnDisk.ts';

/** What the package says of a tool. */
interface Contributed {
  readonly name: string;
  readonly modelDescription: string;
  readonly inputSchema: Record<string, never>;
}

/** What VS Code answers when another extension invokes a tool. */
function invoke(window: Window, name: string, input: object): Promise<string> {
  return window.host.evaluate(
    async (vscode, tool, given) => {
      const options = { input: JSON.parse(String(given)) as object, toolInvocationToken: undefined };
      const { content } = await vscode.lm.invokeTool(String(tool), options);
      return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '?')).join('');
    },
    name,
    JSON.stringify(input),
  );
}

function writeRuns(window: Window): void {
  writeRunDirectory(runsDir(window), { estimator: 'grpo', seed: 1, steps: 120, collapseAt: null });
  writeRunDirectory(runsDir(window), { estimator: 'opo', seed: 1, steps: 60, collapseAt: null });
}

vscodeTest(
  'agents in VS Code find the tools of the extension, and get answers without a confirmation',
  { files: { 'x.txt': '' } },
  async (window) => {
    writeRuns(window);
    const contributed = await window.host.evaluate((vscode) => {
      const { contributes } = vscode.extensions.getExtension('otb.otb-run-inspector')?.packageJSON as {
        contributes: { languageModelTools: Contributed[] };
      };
      return contributes.languageModelTools.map(({ name, modelDescription, inputSchema }) => ({ name, modelDescription, inputSchema }));
    });
    const tools = await until('the tools to be there', async () => {
      const found = await window.host.evaluate((vscode) =>
        vscode.lm.tools
          .filter(({ name }) => name.startsWith('otb_'))
          .map(({ name, description, inputSchema, tags }) => ({ name, description, inputSchema, tags })),
      );
      return found.length > 0 && found;
    });
    const byName = new Map(tools.map(({ name, description, inputSchema }) => [name, [description, inputSchema]]));
    assert.equal(byName.size, contributed.length);
    for (const { name, modelDescription, inputSchema } of contributed)
      assert.deepEqual(byName.get(name), [modelDescription, inputSchema], String(name));
    // The first invocation also activates the extension.
    const listed = JSON.parse(await invoke(window, 'otb_list_runs', {})) as {
      matching: number;
      runs: readonly { run: string; step: number }[];
    };
    assert.equal(listed.matching, 2);
    const run = listed.runs.find(({ step }) => step === 120)?.run;
    const summary = JSON.parse(await invoke(window, 'otb_summarize_run', { run })) as Record<string, unknown>;
    assert.deepEqual([summary['run'], summary['estimator'], summary['step'], summary['process']], [run, 'grpo', 120, 'finished']);
    const around = JSON.parse(await invoke(window, 'otb_metrics_around_step', { run: `${run}@50`, radius: 1 })) as {
      rows: readonly number[][];
    };
    assert.deepEqual(
      around.rows.map(([step]) => step),
      [49, 50, 51],
    );
    await assert.rejects(invoke(window, 'otb_summarize_run', { run: '../../../etc/passwd' }), /is outside of the folders with runs/);
    await assert.rejects(invoke(window, 'otb_list_runs', { limit: 'all' }));
    assert.equal(await window.page.locator('.monaco-dialog-box').count(), 0);
    // What is written meanwhile is there at the next question.
    writeRunDirectory(runsDir(window), { estimator: 'rloo', seed: 1, steps: 30, collapseAt: null });
    assert.equal((JSON.parse(await invoke(window, 'otb_list_runs', { name: 'rloo' })) as { matching: number }).matching, 1);
  },
);

vscodeTest('agents in an untrusted workspace may look', { files: { 'x.txt': '' }, workspaceTrust: true }, async (window) => {
  writeRuns(window);
  const listed = JSON.parse(await invoke(window, 'otb_list_runs', {})) as { matching: number };
  assert.equal(listed.matching, 2);
});
