import assert from 'node:assert/strict';
import { until } from './harness/until.ts';
import { vscodeTest } from './harness/vscodeTest.ts';
import { begun, ended, stopAll } from './runsOnDisk.ts';

/** Prints what verl prints, and collapses from step 60 on under grpo. */
const train = `
const [estimator] = process.argv.slice(2);
for (let step = 1; step <= 100000; step++) {
  const since = estimator === 'grpo' ? Math.max(0, step - 60) : 0;
  const norm = (0.5 + 0.05 * Math.sin(7 * step)) * Math.exp(Math.min(7, since * 0.15));
  const score = Math.min(1, step / 80) * Math.exp(-since / 15);
  console.log('\\u001b[36m(TaskRunner pid=7)\\u001b[0m step:' + step + ' - actor/grad_norm:' + norm + ' - critic/score/mean:' + score);
  await new Promise((resolve) => setTimeout(resolve, 10));
}
`;
const config = JSON.stringify(
  { name: 'mine', trainer: 'command', command: [process.execPath, 'train.mjs', '${estimator}'], estimators: ['grpo', 'opo'] },
  null,
  2,
);
/** The terminal draws its rows as elements, in which the test can read. */
const settings = { 'otb.launch.parallel': 2, 'terminal.integrated.gpuAcceleration': 'off' };
const files = { 'mine.otb.json': config, 'train.mjs': train, '.vscode/settings.json': JSON.stringify(settings) };

vscodeTest(
  'a program of one’s own is started, drawn, warned of in its config, shown as it prints, and stopped',
  { files },
  async (window) => {
    const editor = await window.open('mine.otb.json');
    await window.run('OTB: Start OTB run');
    const runs = await begun(window, 2);
    assert.deepEqual(runs.map(({ estimator }) => estimator).toSorted(), ['grpo', 'opo']);
    const panel = await window.panel();
    await panel.locator('canvas').first().waitFor();
    await editor.decoration(/collapsed/);
    const problems = await until('the collapse at its estimator', () =>
      window.host.evaluate((vscode, file) => {
        const found = vscode.languages.getDiagnostics(vscode.Uri.file(file)).filter(({ source }) => source?.startsWith('OTB'));
        return found.length > 0 ? found.map(({ message, range }) => ({ message, line: range.start.line })) : undefined;
      }, editor.file),
    );
    assert.match(problems[0]?.message ?? '', /grpo.*collapsed/);
    await window.screenshot('command-live');

    const [first] = runs;
    assert.ok(first);
    await window.host.evaluate((vscode, dir) => vscode.commands.executeCommand('otb.showOutput', dir).then(() => null), first.dir);
    const name = await until('the terminal', () => window.host.evaluate((vscode) => vscode.window.activeTerminal?.name));
    assert.match(name, /^Output of (?:grpo|opo) seed 1$/);
    await window.page
      .locator('.terminal .xterm-rows', { hasText: /step:\d+/ })
      .first()
      .waitFor();
    await window.screenshot('command-output');

    await stopAll(window);
    for (const { dir } of runs) assert.equal((await ended(dir)).reason, 'stopped');
  },
);
