// npm run screenshots: the pictures of README.md and of the walkthrough, taken of the packaged extension in a real VS Code while and
// after it trains presets/demo.otb.json, and the study's main figure as PNG, since no marketplace shows SVG. Nothing in them is drawn by
// hand. `npm run screenshots -- figure` takes that figure alone, `-- frameworks` the pictures of docs/frameworks alone.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchBrowser } from '../test/e2e/harness/browser.ts';
import { Session } from '../test/e2e/harness/session.ts';
import { until } from '../test/e2e/harness/until.ts';
import type { Window } from '../test/e2e/harness/window.ts';
import { picturesOfFrameworks } from './frameworks.ts';

const folder = path.resolve('media/screenshots');
const size = { width: 1680, height: 960 };

const wanted = process.argv.slice(2).filter((name) => name === 'figure' || name === 'frameworks');
mkdirSync(folder, { recursive: true });
if (wanted.length === 0 || wanted.includes('figure')) await pictureOfFigure();
if (wanted.length === 0) await picturesOfEditor();
if (wanted.length === 0 || wanted.includes('frameworks')) await picturesOfFrameworks();

async function picturesOfEditor(): Promise<void> {
  const session = await Session.start();
  try {
    const workspace = session.workspace({ copies: { 'demo.otb.json': 'presets/demo.otb.json' } });
    await session.inWindow(workspace, (window) => runDemo(window, workspace), { size, theme: 'Dark Modern' });
    await session.inWindow(workspace, pictureOfWarnings, { size, theme: 'Dark Modern' });
    await session.inWindow(workspace, pictureOfComparison, { size, theme: 'Light Modern' });
    await session.inWindow(workspace, pictureOfSettings, { size, theme: 'Dark Modern' });
    await session.inWindow(workspace, (window) => pictureOfPanel(window, 'panel-dark'), { size, theme: 'Dark Modern' });
    await session.inWindow(workspace, (window) => pictureOfPanel(window, 'panel-light'), { size, theme: 'Light Modern' });
    await session.inWindow(workspace, (window) => pictureOfPanel(window, 'panel-high-contrast'), { size, theme: 'Dark High Contrast' });
  } finally {
    await session.stop();
  }
}

/** docs/study/figure1.svg, three pixels for each two of its own. */
async function pictureOfFigure(): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), 'otb-browser-'));
  const browser = await launchBrowser(home);
  const page = await browser.newPage({ deviceScaleFactor: 1.5, viewport: { width: 1100, height: 492 } });
  await page.setContent(`<body style="margin:0;background:white">${readFileSync('docs/study/figure1.svg', 'utf8')}`);
  const file = path.join(folder, 'figure1.png');
  await page.locator('svg.otb-figure').screenshot({ path: file });
  console.log(path.relative('.', file));
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

/** Starts the demo as a newcomer does, and stays until every run has ended. */
async function runDemo(window: Window, workspace: string): Promise<void> {
  await window.open('demo.otb.json');
  await save(window, 'walkthrough-config');
  await window.run('OTB: Start OTB run');
  await window.view('OTB Runs');
  const panel = await window.panel();
  await panel.locator('canvas').first().waitFor();
  await untilRuns(workspace, 3, 'metrics.jsonl');
  await window.page.waitForTimeout(3000);
  await save(window, 'walkthrough-start');
  await untilRuns(workspace, 8, 'exit.json');
  await window.page.waitForTimeout(3000);
}

async function pictureOfWarnings(window: Window): Promise<void> {
  await window.view('OTB Runs');
  const editor = await window.open('demo.otb.json');
  await window.run('OTB: Open run panel');
  await (await window.panel()).locator('canvas').first().waitFor();
  await window.host.evaluate(async ({ commands }) => void (await commands.executeCommand('workbench.action.focusFirstEditorGroup')));
  await until('the sparkline', async () => (await editor.decorations()).some((text) => text.includes('|g|') || text.includes('collapsed')));
  await window.page.waitForTimeout(2000);
  await save(window, 'overview');
}

async function pictureOfComparison(window: Window): Promise<void> {
  await window.view('OTB Runs');
  const dirs = readdirSync(path.join(String(window.workspace), '.otb/runs'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /-s1$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  await window.host.evaluate((vscode, runs) => void vscode.commands.executeCommand('otb.compareRuns', runs), dirs);
  const [left] = await window.panels(2);
  await left
    ?.locator('.chart')
    .first()
    .hover({ position: { x: 220, y: 120 } });
  await window.page.waitForTimeout(1500);
  await save(window, 'side-by-side');
}

async function pictureOfSettings(window: Window): Promise<void> {
  await window.host.evaluate(async ({ commands }) => void (await commands.executeCommand('workbench.action.openSettings', 'otb.runs')));
  await window.page.locator('.settings-editor .setting-item-title').first().waitFor();
  await window.page.waitForTimeout(1000);
  await save(window, 'walkthrough-own');
}

async function pictureOfPanel(window: Window, name: string): Promise<void> {
  await window.open('demo.otb.json');
  await window.run('OTB: Open run panel');
  const panel = await window.panel();
  await panel.locator('canvas').first().waitFor();
  await window.host.evaluate(async ({ commands }) => void (await commands.executeCommand('workbench.action.closeEditorsInOtherGroups')));
  await window.view('OTB Runs');
  await panel
    .locator('.chart')
    .first()
    .hover({ position: { x: 300, y: 140 } });
  await window.page.waitForTimeout(2000);
  await save(window, name);
}

/** Waits until this many runs have a file. */
async function untilRuns(workspace: string, count: number, file: string): Promise<void> {
  const runs = path.join(workspace, '.otb/runs');
  const deadline = Date.now() + 600_000;
  for (;;) {
    const have = existsSync(runs) ? readdirSync(runs).filter((name) => existsSync(path.join(runs, name, file))).length : 0;
    if (have >= count) return;
    if (Date.now() > deadline) throw new Error(`only ${have} of ${count} runs have ${file} after ten minutes`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function save({ page }: Window, name: string): Promise<void> {
  const file = path.join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(path.relative('.', file));
}
