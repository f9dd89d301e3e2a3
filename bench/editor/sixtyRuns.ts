import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../src/core/statistics/quantiles.ts';
import { drawnAt } from './drawnAt.ts';
import { installDrawProbe, recordFrames, takeProbe } from './drawProbe.ts';
import { medianRows } from './medians.ts';
import type { EditorRow } from './row.ts';
import type { Session } from '../../test/e2e/harness/session.ts';
import { createRuns, endRun, fillRun } from './writtenRun.ts';

const runCount = 60;
const steps = 600;
const what = `${runCount} runs of ${steps} steps`;

/** A group of sixty runs in one panel: opened, then hovered over. */
export async function benchSixtyRuns(session: Session): Promise<EditorRow[]> {
  const workspace = session.workspace();
  const runs = await createRuns(workspace, runCount, steps);
  for (const run of runs) {
    fillRun(run.dir, steps, 'full');
    endRun(run, steps);
  }
  const dirs = runs.map(({ dir }) => dir);
  return medianRows(() =>
    session.inWindow(workspace, async (window) => {
      await window.view('OTB Runs');
      await delay(3000);
      const start = Date.now();
      await window.host.evaluate((vscode, all) => void vscode.commands.executeCommand('otb.overlayRuns', all), dirs);
      const panel = await window.panel();
      const opened = (await panel.locator('body').evaluate(drawnAt)) - start;
      await delay(3000);
      await installDrawProbe(panel);
      await takeProbe(panel);
      const box = await panel.locator('.chart').first().boundingBox();
      if (box === null) throw new Error('no chart');
      await recordFrames(panel, true);
      for (let i = 0; i < 120; i++) {
        await window.page.mouse.move(box.x + box.width * (0.2 + 0.005 * i), box.y + box.height / 2 + 20 * Math.sin(i / 5));
        await delay(16);
      }
      await recordFrames(panel, false);
      const { frames, longTasks } = await takeProbe(panel);
      return [
        { name: `${what}: from the command to the drawn chart`, measured: opened, below: 500, unit: 'ms' },
        { name: `${what}: time between two frames while hovering, median`, measured: quantile(frames, 0.5), below: 17.5, unit: 'ms' },
        { name: `${what}: the same, 95th percentile`, measured: quantile(frames, 0.95), below: null, unit: 'ms' },
        { name: `${what}: tasks of the panel of 50 ms or more meanwhile`, measured: longTasks.length, below: 1, unit: 'tasks' },
      ];
    }),
  );
}
