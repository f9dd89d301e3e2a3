import { setTimeout as delay } from 'node:timers/promises';
import { drawnAt } from './drawnAt.ts';
import { installDrawProbe, recordFrames, takeProbe } from './drawProbe.ts';
import { hostLoad, watchHost } from './hostLoad.ts';
import { medianRows } from './medians.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns, endRun, fillRun } from './writtenRun.ts';
import type { MetricSet } from './writtenRun.ts';

const steps = 1_000_000;

/** A run of a million steps: opened, then zoomed and panned. */
export async function benchLongRun(session: Session, set: MetricSet): Promise<EditorRow[]> {
  const workspace = session.workspace();
  const [run] = await createRuns(workspace, 1, steps);
  if (run === undefined) throw new Error('no run');
  fillRun(run.dir, steps, set);
  endRun(run, steps);
  const metrics = `1,000,000 steps of ${set === 'lean' ? '5' : '31'} metrics`;
  return medianRows(() =>
    session.inWindow(workspace, async (window) => {
      await window.view('OTB Runs');
      await delay(3000);
      await watchHost(window.host);
      const start = Date.now();
      await window.host.evaluate((vscode, dir) => void vscode.commands.executeCommand('otb.openPanel', dir), run.dir);
      const panel = await window.panel();
      const opened = (await panel.locator('body').evaluate(drawnAt)) - start;
      const opening = await hostLoad(window.host);
      // At first an overview is drawn; the rows come behind it, those of the small charts last.
      await panel.locator(`.chart:not([data-points="${steps}"])`).first().waitFor({ state: 'detached' });
      const complete = Date.now() - start;
      await delay(1000);
      await installDrawProbe(panel);
      await takeProbe(panel);
      await recordFrames(panel, true);
      const chart = panel.locator('.chart').first();
      await chart.hover();
      await window.page.keyboard.down('Control');
      for (let i = 0; i < 30; i++) await wheel(window.page.mouse, i < 20 ? -120 : 120);
      await window.page.keyboard.up('Control');
      await chart.focus();
      for (let i = 0; i < 30; i++) await window.page.keyboard.press(i < 15 ? 'Shift+ArrowRight' : 'Shift+ArrowLeft');
      await recordFrames(panel, false);
      const { longTasks, frames } = await takeProbe(panel);
      return [
        { name: `${metrics}: from the command to the drawn chart`, measured: opened, below: set === 'lean' ? 700 : 1200, unit: 'ms' },
        { name: `${metrics}: from the command to every row in the panel`, measured: complete, below: null, unit: 'ms' },
        { name: `${metrics}: longest block of the extension host meanwhile`, measured: opening.longestBlock, below: 40, unit: 'ms' },
        {
          name: `${metrics}: tasks of the panel of 50 ms or more in 60 zooms and pans`,
          measured: longTasks.length,
          below: 1,
          unit: 'tasks',
        },
        { name: `${metrics}: longest time between two frames in them`, measured: Math.max(0, ...frames), below: null, unit: 'ms' },
        { name: `${metrics}: extension host afterwards, resident`, measured: opening.residentMb, below: null, unit: 'MB' },
      ];
    }),
  );
}

async function wheel(mouse: { wheel(x: number, y: number): Promise<void> }, by: number): Promise<void> {
  await mouse.wheel(0, by);
  await delay(16);
}
