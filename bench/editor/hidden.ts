import { setTimeout as delay } from 'node:timers/promises';
import { writeSteps } from './liveRuns.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns, fillRun } from './writtenRun.ts';

const runCount = 60;
const steps = 600;
const newSteps = 100;

/** A panel of many live runs that is hidden while they go on, and shown again: until its table and Figure 1 have the last step. */
export async function benchHidden(session: Session): Promise<EditorRow[]> {
  const workspace = session.workspace();
  const runs = await createRuns(workspace, runCount, 10 * steps);
  for (const run of runs) fillRun(run.dir, steps, 'full');
  return session.inWindow(workspace, async (window) => {
    await window.view('OTB Runs');
    await delay(3000);
    const dirs = runs.map(({ dir }) => dir);
    const start = Date.now();
    await window.host.evaluate((vscode, all) => void vscode.commands.executeCommand('otb.overlayRuns', all), dirs);
    const panel = await window.panel();
    const opened = (await panel.locator('body').evaluate(rightAt, steps)) - start;
    await delay(2000);
    const heap = await panel
      .locator('body')
      .evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 2 ** 20);
    await window.host.evaluate(async (vscode) => void (await vscode.commands.executeCommand('workbench.action.files.newUntitledFile')));
    await window.panels(0);
    await delay(1000);
    await writeSteps(runs, { after: steps, steps: newSteps, perSecond: 20 });
    await delay(1000);
    const busyBefore = await cpu(window.host);
    await delay(10_000);
    const busy = (await cpu(window.host)) - busyBefore;
    const right = panel.locator('body').evaluate(rightAt, steps + newSteps);
    const shown = Date.now();
    await window.host.evaluate((vscode, all) => void vscode.commands.executeCommand('otb.overlayRuns', all), dirs);
    const again = (await right) - shown;
    const what = `${runCount} live runs of ${steps} steps`;
    return [
      { name: `${what}: from the command to the right panel`, measured: opened, below: null, unit: 'ms' },
      { name: 'the same when it was hidden for some seconds', measured: again, below: 100, unit: 'ms' },
      { name: 'processor time of the extension host in 10 s while it is hidden', measured: busy, below: null, unit: 'ms' },
      { name: 'memory of its page, JavaScript heap', measured: heap, below: null, unit: 'MB' },
    ];
  });
}

type Host = Parameters<Parameters<Session['inWindow']>[1]>[0]['host'];

/** Milliseconds of processor time that the extension host has used. */
function cpu(host: Host): Promise<number> {
  return host.evaluate(() => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  });
}

/** In a panel: when its table and the charts of Figure 1 have a step of all runs, in milliseconds since 1970. */
function rightAt(_body: Element, step: number): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      const rows = [...document.querySelectorAll('#run-table tbody tr')];
      const charts = [...document.querySelectorAll('.chart[data-points]')].slice(0, 2);
      const isRight =
        rows.length > 0 &&
        rows.every((row) => row.textContent.includes(`${step} /`)) &&
        charts.length === 2 &&
        charts.every((chart) => Number(chart.getAttribute('data-points')) >= rows.length * step);
      if (isRight) resolve(performance.timeOrigin + performance.now());
      else setTimeout(look, 5);
    };
    look();
  });
}
